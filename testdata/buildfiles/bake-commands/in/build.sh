#!/bin/sh
docker buildx bake
V=1 docker buildx bake app
export V=2
docker --context other buildx bake --push -f docker-bake.hcl
LOCAL=1
env N=3 docker buildx bake --set app.args.MORE=4 '--set=*.tags=acme/all:5' --set nothing app
docker buildx bake -f sub/images.hcl --var W=6 db
docker buildx bake -f sub -f "$(pwd)" --var W=7 db
N=none V=$1 docker buildx bake app
docker buildx bake --set app.dockerfile=prod.Dockerfile --set app.args.MORE=8
docker buildx bake --set app.context=web --set app.args.MORE=9 app
docker buildx bake --set app.dockerfile=missing.Dockerfile --set app.args.MORE=10 app
docker buildx bake -f compose.yaml --set db.args.MORE=11
declare -x V=12
docker buildx bake app
set -euao pipefail
N=13
docker buildx bake app
set +a
