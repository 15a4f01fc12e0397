#!/bin/bash
retag() { docker tag "$1" "registry.example/team/$1"; docker push "registry.example/team/$1"; }
CORE=core:2.2.2
docker build -t "$CORE" core
retag "$CORE"
docker tag core:2.2.2 registry.example/team/core:stable
docker build -t web:3.0.0 web
retag web:3.0.0
