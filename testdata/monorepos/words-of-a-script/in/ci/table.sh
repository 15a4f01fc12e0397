#!/usr/bin/env bash
declare -A versions
while read -r name version; do
  versions[$name]=$version
done < ci/versions.txt
for name in "${!versions[@]}"; do
  docker build --build-arg BASE_VERSION="${versions[$name]}" -t "registry.example/team/$name:1.0.0" "tools"
done
