#!/usr/bin/env bash
set -euo pipefail
. ci/common.sh
version=${BASE##*:}
for dir in images/*/; do
  name=$(basename "$dir")
  docker build --build-arg BASE_VERSION="$version" -t "$(registry)/$name:2.0.0" "$dir"
done
