#!/bin/bash
DOCKER=${DOCKER:-docker}
$DOCKER build -t a:1 .
"${CONTAINER_TOOL}" build -t b:1 .
$CONTAINER_ENGINE buildx build -t c:1 .
tool="sudo podman --remote"
$tool build -t d:1 .
CLI=$(command -v podman || command -v docker)
$CLI build -t not-known:1 .
DOCKER_CMD=$(command -v podman || command -v docker)
"$DOCKER_CMD" build -t e:1 .
DOCKER=echo
$DOCKER build -t no-program:1 .
/usr/bin/docker build -t f:1 .
$BUILDER run build -t no-build:1 .
