#!/bin/sh
set -eu
cd "$(dirname "$0")/.."
REGISTRY=${REGISTRY:-registry.example/team}
GPU_VERSION=2.3.9
docker build --pull -t "$REGISTRY/accelerated:$GPU_VERSION" --build-arg BASE=registry.example/team/base:1.0.0 images/gpu
