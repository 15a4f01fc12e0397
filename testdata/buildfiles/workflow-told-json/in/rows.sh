#!/bin/bash
jq -c '.include[]' matrix.json | while read -r row; do
  name=$(echo "$row" | jq -r .name)
  docker build --build-arg "BASE=$(jq -r .base <<<"$row")" "$name"
done
docker build --build-arg "QUOTED=$(jq '.include[0].base' matrix.json | tr -d '"')" web
