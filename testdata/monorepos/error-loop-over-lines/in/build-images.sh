#!/usr/bin/env bash
set -euo pipefail
REGISTRY=registry.example/team
while read -r name version; do
  [[ $name == \#* ]] && continue
  docker build --build-arg BASE_VERSION="$(awk '$1 == "base" {print $2}' images/versions.txt)" \
    -t "$REGISTRY/$name:$version" "images/$name"
done < images/versions.txt
for dir in services/*/; do
  name=$(basename "$dir")
  tag=$(jq -r ".${name}.tag" services/versions.json)
  docker build --build-arg NODE="$(grep '^node ' images/versions.txt | tr -s ' ' | cut -d' ' -f2)" -t "$REGISTRY/${name,,}:${tag#v}" "${dir%/}"
done
