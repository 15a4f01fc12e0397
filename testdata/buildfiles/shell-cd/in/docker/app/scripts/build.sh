#!/bin/bash
docker build -t started:1 .
cd "$(dirname "$0")/.."
docker build -t parent:1 .
HERE="$(cd -- "$(dirname "${BASH_SOURCE[0]}")" >/dev/null 2>&1 && pwd)"
docker build -t here:1 "$HERE"
ROOT=$(git rev-parse --show-toplevel)
docker build -t web:1 -f "$ROOT/docker/web/Dockerfile.dev" "${ROOT}/docker/web"
(cd "$ROOT" && docker build -t root:1 .)
docker build -t parent:2 .
pushd "$ROOT/docker"
docker build -t web:2 web
popd
docker build -t parent:3 .
cd /tmp
docker build -t nothing:1 .
