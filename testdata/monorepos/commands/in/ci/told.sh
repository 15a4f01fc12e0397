#!/bin/bash
export BASE=1.0.0
timeout 600 bash -c 'cd services/told && docker build --build-arg BASE_TAG="$BASE" .'
