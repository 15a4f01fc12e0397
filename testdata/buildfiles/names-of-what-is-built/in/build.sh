#!/bin/bash
V=1.0.0
docker build -t app app
docker tag app "reg.example/team/app:$V"
docker image tag app:latest reg.example/team/app:1
for arch in amd64 arm64; do
  docker build --platform linux/$arch -t reg.example/team/base:$V-$arch base
done
docker manifest create --amend reg.example/team/base:$V reg.example/team/base:$V-amd64 reg.example/team/base:$V-arm64
docker build -t tmp tool
docker tag tmp reg.example/team/tool:$V
docker build -t tmp base
docker tag tmp reg.example/team/other:$V
docker pull elsewhere/else:1
docker tag elsewhere/else:1 reg.example/mirror/else:1
