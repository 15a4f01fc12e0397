#!/bin/bash
FULL=v1.4.2-rc
NODE_IMAGE=registry.example.com/team/node:20.11.1
VERSION=${FULL#v}; VERSION=${VERSION%-rc}
MINOR=${VERSION%.*}
NAME=${NODE_IMAGE##*/}
docker build -t "example.com/app:$VERSION" --build-arg MINOR=${VERSION%.*} --build-arg MAJOR=${VERSION%%.*} \
  --build-arg NODE=${NAME#*:} --build-arg FLAT=${VERSION//./-} --build-arg ONE=${VERSION/./_} \
  --build-arg CUT=${VERSION:0:3} --build-arg LENGTH=${#VERSION} --build-arg UP=${NAME^^} --build-arg LOW=${NAME,,} app
docker build -t "example.com/base:$(echo $NODE_IMAGE | cut -d: -f2)" \
  --build-arg A=$(basename $NODE_IMAGE) --build-arg B=$(basename images/app.txt .txt) --build-arg C=$(dirname images/app.txt) \
  --build-arg D=$(jq -r .base.tag versions.json) --build-arg E=$(yq '.images[1].tag' images.yaml) \
  --build-arg F=$(grep ^NODE= versions.env | cut -d= -f2) --build-arg G=$(sed -n 's/^GO=//p' versions.env) \
  --build-arg H=$(awk -F= '/^NODE/{print $2}' versions.env) --build-arg I="$(tr -d 'v' <<< v3.4.5)" \
  --build-arg J=$(head -n1 versions.env | cut -d= -f2) --build-arg K="$(cat versions.env | tail -1 | sed 's/.*=//')" \
  --build-arg L=$(grep -oP 'GO=\K.*' versions.env) --build-arg M=$(awk 'NR==2{print $1}' versions.env) \
  --build-arg N="$(printf '%s-%s' "$VERSION" slim)" --build-arg O=$((1 + 2)) --build-arg P=$(date +%s) app
tag_of() { case $1 in app) echo "7.8.9" ;; *) echo unused ;; esac; }
docker build -t "example.com/function:$(tag_of app)" app
name=VERSION
docker build -t "example.com/indirect:${!name}" app
VERSION=${VERSION:-9} ; ((VERSION == 3)) ; docker build -t "example.com/compared:$VERSION" app
OWNED=ghcr.io/$OWNER/App
docker build -t "${OWNED,,}:1.0" app
