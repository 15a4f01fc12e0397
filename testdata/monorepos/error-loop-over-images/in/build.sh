#!/bin/bash
STAMP=2.0.0
for name in desktop apps games; do
  docker build -t "registry.example/team/$name:$STAMP" --build-arg OWNER=team --build-arg SET="$STAMP" "images/$name"
done
