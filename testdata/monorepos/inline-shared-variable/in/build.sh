#!/bin/sh
V=1.0.0
docker build -t registry.example/team/tool:3 - <<DOCKERFILE
FROM registry.example/team/base-node:$V
DOCKERFILE
docker build -t registry.example/team/other:$V other
