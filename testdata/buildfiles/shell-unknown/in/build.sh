#!/bin/bash
GIT_SHA=$(git rev-parse HEAD)
VERSION=$(cat VERSION)
docker build -t "$REGISTRY/app:1" .
docker build -t "example.com/app:$GIT_SHA" --build-arg VERSION=$VERSION --build-arg SHA --build-arg KNOWN=1 .
docker build -t "example.com/app:$VERSION-alpine" --build-arg V=v$VERSION $OPTIONS app $MORE
docker build -t "example.com/$NAME" --target "$STAGE" .
docker build -t "example.com/app:${BRANCH##*/}" -f app/Dockerfile "$CONTEXT"
docker build -t "example.com/app:$((1+2))" "$CONTEXT"
docker build -f "$DOCKERFILE" -t example.com/app:9 .
read -r VERSION
docker build --build-context base=docker-image://example.com/base:$VERSION --build-context src=./src .
docker build $@
