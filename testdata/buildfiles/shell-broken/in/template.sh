#!/bin/bash
{% if x %}
# docker build . (
)
