#!/bin/sh
docker compose build
BASE=4 docker compose build app
docker-compose --project-name x build --build-arg OTHER=5 --no-cache app
docker compose -f compose.yaml -f deploy/extra.yaml up --build
docker compose -f deploy/extra.yaml build
docker compose -f missing.yaml build
docker compose ps
BASE=$1 docker compose build
UNUSED=6 docker compose build
