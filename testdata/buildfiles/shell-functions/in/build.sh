#!/bin/bash
build_image() {
  local name=$1 version="$2"
  local dir="${3:-bases/go}"
  shift 3
  run docker build -t "example.com/$name:$version" "$@" "$dir"
}

run() {
  echo "+ $*"
  "$@"
}

main() {
  build_image base-java 21.0.1 bases/java
  build_image base-node "$NODE" bases/node --build-arg NPM=10
  build_image base-go 1.22
}

function never_called {
  docker build -t "example.com/never:$1" -t "example.com/${2:-go}:9" bases/go
}

recursive() {
  docker build -t "example.com/r:1" bases/go
  recursive
}

NODE=20.1
main "$@"
recursive
