#!/bin/bash
V=1.0
for n in $(git diff --name-only | cut -d/ -f2); do
  img=reg.io/$n
  docker build -f images/$n/Dockerfile -t $img:$V images/$n
done
