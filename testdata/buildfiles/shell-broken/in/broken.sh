#!/bin/bash

if true; then
  docker  build -t a:1 .
