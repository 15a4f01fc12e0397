#!/bin/bash
set -e
cd "$(dirname "${BASH_SOURCE[0]}")/.."
name="${1}"
dir="${2}"
shift 2
tags=()
for registry in "$@"; do
  tags+=(--tag "${registry}/${name}:${VERSION:-dev}")
done
docker buildx build "${tags[@]}" --build-arg VERSION --file="${dir}/Dockerfile" "${dir}"
