#!/bin/sh
TOOLS=$(cat tools/VERSION)
docker build -t registry.example/team/tools:$TOOLS tools
docker build -t registry.example/team/lint --build-arg TOOLS=$TOOLS lint
