#!/bin/bash
$DRY_RUN retry 3 docker build --build-arg BASE_TAG=1.0.0 services/wrapped
