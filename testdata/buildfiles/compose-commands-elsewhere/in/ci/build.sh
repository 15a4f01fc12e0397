#!/bin/sh
docker compose -f compose.yml -f ci/compose.ci.yml build
