#!/bin/sh
echo docker build -t a:1 .
# docker build -t b:1 .
cat <<END
docker build -t c:1 .
END
docker compose build
docker run -t d:1 docker build .
docker buildx bake
docker build -t e:1 https://github.com/example/repo.git#main
docker build -t f:1 - < context.tar
docker build -t g:1 ../..
docker build -t h:1 nowhere
command -v docker build
