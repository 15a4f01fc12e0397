#!/bin/sh
docker compose --env-file envs/prod.env build
docker compose --env-file envs/prod.env --env-file=envs/late.env build
V=6 docker compose build
V=7
docker compose build --build-arg V app
docker compose -f compose.yaml -f deploy/compose.prod.yaml build
docker compose --project-directory . -f deploy/compose.stack.yaml build
docker compose -fdeploy/compose.stack.yaml --project-directory=. build
COMPOSE_FILE=compose.yaml:compose.dev.yaml docker compose build lib
