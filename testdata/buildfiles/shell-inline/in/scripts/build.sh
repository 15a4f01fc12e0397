#!/usr/bin/env bash
NODE=1.0.0
docker build -t registry.example/team/mid:7.0.0 - <<DOCKERFILE
FROM registry.example/team/base-node:$NODE
RUN echo \$HOME \
  && true
DOCKERFILE

docker build -t registry.example/team/quoted:1 -f- app <<'DOCKERFILE'
ARG V=1.0.0
FROM registry.example/team/base-node:${V}
DOCKERFILE

cat <<-DOCKERFILE | docker buildx build --build-arg V=1.0.0 -t registry.example/team/piped:1 -f - .
	ARG V
	FROM registry.example/team/base-node:\${V}
	DOCKERFILE

echo "FROM registry.example/team/base-node:1.0.0" | docker build -t registry.example/team/echoed:1 -
printf 'FROM %s\nRUN true\n' registry.example/team/mid:7.0.0 | docker build -t registry.example/team/printed:1 -
docker build -t registry.example/team/here:1 - <<< "FROM registry.example/team/base-node:1.0.0"

build() {
  docker build -t "registry.example/team/$1:1" -
}
build called <<DOCKERFILE
FROM registry.example/team/mid:7.0.0
DOCKERFILE

for name in one two; do
  docker build -t registry.example/team/$name:1 -f - . <<DOCKERFILE
FROM registry.example/team/base-node:1.0.0 AS $name
DOCKERFILE
done

(cat app/Dockerfile; echo "LABEL part=of") | docker build -t registry.example/team/labelled:1 -

docker build -t registry.example/team/described:1 -f /dev/stdin . <<DOCKERFILE
FROM registry.example/team/base-node:$(git describe)
DOCKERFILE

cat > notes.txt <<NOTES
FROM registry.example/team/base-node:1.0.0
NOTES
