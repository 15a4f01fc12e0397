#!/bin/bash
for d in images/*/; do
  name=$(basename "$d")
  [ "$name" = skipped ] && continue
  docker build -t "example.com/$name:1.0" "$d"
done
for f in images/*/Dockerfile; do
  dir=$(dirname $f)
  docker build -f "$f" -t "example.com/by-file-${dir#images/}:2.0" "$dir"
done
for name in $(ls images); do
  docker build -t "example.com/ls-$name:3.0" images/$name
done
find images -name Dockerfile | while read -r f; do
  docker build -t "example.com/find-$(basename $(dirname $f)):4.0" "$(dirname "$f")"
done
for name in {a,b}; do docker build -t "example.com/brace-$name:5.0" images/$name; done
for ((i = 0; i < 2; i++)); do docker build -t "example.com/count:$i" images/a; done
docker build -t example.com/none images/*/none
