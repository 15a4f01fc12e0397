#!/bin/bash
git clone --depth 1 -b main https://github.com/acme/tools.git vendored
docker build --build-arg V=1 vendored/app
docker build --build-arg V=2 app
tmp=$(mktemp -d)
git clone git@github.com:acme/other.git "$tmp/other"
cd "$tmp/other"
docker build --build-arg V=3 -f app/Dockerfile .
cd -
docker build --build-arg V=4 app
