#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")"
source "./lib.sh"
check_dependencies docker depot
source "./images.sh"
PROJECT_ROOT="$(git rev-parse --show-toplevel)"
TAG="ubuntu"
DRY_RUN=false
QUIET=false
options=$(getopt --name="$(basename "$0")" --longoptions="help,dry-run,tag:,quiet" --options="h" -- "$@")
eval set -- "$options"
while true; do
  case "${1:-}" in
  --dry-run) DRY_RUN=true ;;
  --tag) shift; TAG="$1" ;;
  --quiet) QUIET=true ;;
  -h|--help) exit 1 ;;
  --) shift; break ;;
  *) exit 1 ;;
  esac
  shift
done
flags=()
if [ $QUIET = true ]; then
  flags+=(--quiet)
fi
for image in "${IMAGES[@]}"; do
  image_path="$PROJECT_ROOT/images/$image/${TAG}.Dockerfile"
  ref="acme/enterprise-$image:$TAG"
  if [ ! -f "$image_path" ]; then
    continue
  fi
  run_trace $DRY_RUN depot build --load "${flags[@]}" "$PROJECT_ROOT/images/$image" --file="$image_path" --tag="$ref" \| indent
done
