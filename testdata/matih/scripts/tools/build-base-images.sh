#!/usr/bin/env bash
# Builds the base images and, with --push, publishes them.
set -euo pipefail

REGISTRY="${REGISTRY:-matihlabsacr.azurecr.io}"
NAMESPACE=matih

# image, version, directory. A derived base stands below the base it is built on.
base_images() {
  cat <<'TABLE'
base-java        1.0.0        bases/base-java
base-python-ml   1.0.0        bases/base-python-ml
base-python-gpu  1.0.0        bases/base-python-gpu
base-node        1.0.0        bases/base-node
base-nginx       1.25-alpine  bases/base-nginx
TABLE
}

usage() {
  cat <<'USAGE'
Usage: scripts/tools/build-base-images.sh [--image NAME] [--push]

  --image NAME  build this base only (may be given more than once)
  --push        push what was built, once every build has succeeded
  --help        show this text

REGISTRY names the registry to tag and push for (matihlabsacr.azurecr.io).
A derived base still takes its parent from the registry its Dockerfile names.
USAGE
}

usage_error() {
  echo "build-base-images: $1" >&2
  echo "Try --help." >&2
  exit 2
}

known="$(base_images | awk '{ printf " %s", $1 }')"

is_base() {
  base_images | awk -v name="$1" '$1 == name { found = 1 } END { exit !found }'
}

wanted=" "
push=false
while [ $# -gt 0 ]; do
  case "$1" in
    --image)
      [ $# -ge 2 ] || usage_error "--image needs a name"
      is_base "$2" || usage_error "no base image called '$2' (there are:$known)"
      wanted="$wanted$2 "
      shift 2
      ;;
    --push)
      push=true
      shift
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      usage_error "unknown argument: $1"
      ;;
  esac
done

command -v docker >/dev/null || { echo "build-base-images: docker is not on the PATH" >&2; exit 1; }
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

built=()
while read -r name version directory <&3; do
  case "$wanted" in
    " " | *" $name "*) ;;
    *) continue ;;
  esac
  reference="$REGISTRY/$NAMESPACE/$name:$version"

  # Upstream images are fetched anew for their security fixes. A derived base must not be:
  # its parent may have been built a moment ago and not be pushed yet.
  pull=--pull
  if grep -q "^FROM [^ ]*/$NAMESPACE/" "$directory/Dockerfile"; then
    pull=
  fi

  echo "building $reference"
  docker build ${pull:+"$pull"} \
    --label "org.opencontainers.image.version=$version" \
    --tag "$reference" "$directory"
  built+=("$reference")
done 3< <(base_images)

if [ "$push" = true ]; then
  for reference in "${built[@]}"; do
    echo "pushing $reference"
    docker push "$reference"
  done
fi
