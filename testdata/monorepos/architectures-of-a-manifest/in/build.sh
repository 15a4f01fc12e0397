#!/bin/bash
V=1.0.0
REPO=registry.example/team/base
for arch in amd64 arm64; do
  docker build --platform linux/$arch -t $REPO:$V-$arch base
done
docker manifest create $REPO:$V $REPO:$V-amd64 $REPO:$V-arm64
docker manifest push $REPO:$V
