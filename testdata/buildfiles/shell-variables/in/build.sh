#!/usr/bin/env bash
export REGISTRY=registry.example.com
readonly NAME="app"
VERSION="${VERSION:-1.0.0}"
BASE_VERSION=${BASE_VERSION-21}
: "${FLAVOUR:=alpine}"
SUFFIX='-slim'
declare -r FULL="${REGISTRY}/${NAME}:${VERSION}${SUFFIX}"
OPTS="--build-arg A=1 --build-arg B=2"
docker build $OPTS -t "$FULL" -t $REGISTRY/$NAME:latest \
  --build-arg BASE=$REGISTRY/base:"$BASE_VERSION"-${FLAVOUR} --build-arg VERSION app

TAG=1.0
if [ -n "$CI" ]; then
  TAG=2.0
fi
docker build -t root:$TAG .
TAG=3.0

# What an option sets does not hide the value that the script begins with.
RELEASE=5.1.0
while [ $# -gt 0 ]; do
  case "$1" in
    --release) RELEASE=$2; shift ;;
  esac
  shift
done
docker build -t root:${RELEASE} -t root:${1:-6.0.0} ${PUSH:+--push} .
NAME+=-more
docker build -t "$REGISTRY/$NAME:1" .
. ./versions.sh
docker build -t "root:$FROM_FILE" .
