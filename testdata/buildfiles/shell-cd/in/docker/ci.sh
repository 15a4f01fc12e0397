#!/bin/sh
cd docker
docker build -t app:1 app
cd web || exit 1
docker build -t web:1 .
docker build -t web:2 -f $PWD/Dockerfile.dev ..
cd -
docker build -t app:2 -f app/Dockerfile .
git clone https://example.com/other && cd other
docker build -t nothing:1 .
