#!/bin/sh
# The root, with options of all shapes.
set -e
docker build -t registry.example.com/root:1.2.3 .
docker build --tag=registry.example.com/bases/java:21 --tag registry.example.com/bases/java:latest bases/java
docker buildx build --platform linux/amd64,linux/arm64 --push \
  --build-arg BASE=registry.example.com/bases/java:21 \
  --build-arg 'VERSION=4.5' --build-arg "FLAVOUR=a b" --build-arg NOTSET \
  --build-context base=docker-image://registry.example.com/bases/java:21 \
  -f app/Dockerfile.dev --target dev \
  -qt registry.example.com/app:2.0 \
  app
sudo -E docker image build -tregistry.example.com/worker:7 worker/
podman build -f Containerfile -t registry.example.com/web web
DOCKER_BUILDKIT=1 time docker --context remote build --provenance=false --no-cache -t "registry.example.com/app:3" ./app
if ! docker build --pull app | tee log; then exit 1; fi
id=$(docker build -q worker)
(docker build -f - . < app/Dockerfile)
buildah bud -t registry.example.com/web:8 web
nerdctl -n k8s.io build -t registry.example.com/worker:8 worker
env X=1 VERSION=9.9 docker build --build-arg VERSION app
exec docker builder build -t escaped\:1 -t registry.example.com/x\
y:5 worker
