#!/bin/sh
cd "$SOMEWHERE"
docker build -t nothing:1 .
docker build -t app:1 -f docker/app/Dockerfile .
case $1 in
  web) cd docker/web; docker build -t nothing:2 . ;;
esac
