#!/bin/bash
NAMES="a b"
for name in $NAMES c; do
  for version in 1.0 2.0; do
    docker build --build-arg VERSION="$version" -t "example.com/$name:$version" "images/$name"
  done
done
for f in images/*/Dockerfile; do
  docker build -f "$f" images/a
done
for i in $(seq 3); do
  docker build -t "example.com/a:$i" images/a
done
i=1
((i++))
docker build -t "example.com/b:$i" images/b
for d in a b; do
  cd images/$d
  docker build -t "example.com/in-$d:1" .
  cd ../..
done
