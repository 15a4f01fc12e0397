#!/bin/bash
# More ways than are followed, and none of them says which Dockerfile: that is what has to be said.
TYPE=$1
TAG=24.12
FLAGS=()
if [ -n "$CI_1" ]; then FLAGS+=(--label=1); TAG=24.1; fi
if [ -n "$CI_2" ]; then FLAGS+=(--label=2); TAG=24.2; fi
if [ -n "$CI_3" ]; then FLAGS+=(--label=3); TAG=24.3; fi
if [ -n "$CI_4" ]; then FLAGS+=(--label=4); TAG=24.4; fi
if [ -n "$CI_5" ]; then FLAGS+=(--label=5); TAG=24.5; fi
if [ -n "$CI_6" ]; then FLAGS+=(--label=6); TAG=24.6; fi
if [ -n "$CI_7" ]; then FLAGS+=(--label=7); TAG=24.7; fi
if [ -n "$CI_8" ]; then FLAGS+=(--label=8); TAG=24.8; fi
if [ -n "$CI_9" ]; then FLAGS+=(--label=9); TAG=24.9; fi
if [ -n "$CI_10" ]; then FLAGS+=(--label=10); TAG=24.10; fi
if [ -n "$CI_11" ]; then FLAGS+=(--label=11); TAG=24.11; fi
if [ -n "$CI_12" ]; then FLAGS+=(--label=12); TAG=24.12; fi
docker build -f "Dockerfile.${TYPE}" -t "registry.example/tool:${TAG}" --build-arg "BASE=${TAG}" "${FLAGS[@]}" .
docker build -t "registry.example/other:${TAG}" --build-arg "BASE=${TAG}" --build-arg "COMMIT=$(git rev-parse HEAD)" "${FLAGS[@]}" .
# What is the same in all ways is known: which Dockerfile, the argument, and the image but for its tag.
ARGS=(--build-arg BASE=23.1 -f Dockerfile.a)
if [ -n "$CI_20" ]; then ARGS+=(--label=20); fi
if [ -n "$CI_21" ]; then ARGS+=(--label=21); fi
if [ -n "$CI_22" ]; then ARGS+=(--label=22); fi
if [ -n "$CI_23" ]; then ARGS+=(--label=23); fi
if [ -n "$CI_24" ]; then ARGS+=(--label=24); fi
docker build -t "registry.example/front:${TAG}" "${ARGS[@]}" .
