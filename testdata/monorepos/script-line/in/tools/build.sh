#!/bin/sh
# base-gpu 0.0.1 was the first
while read -r name version; do
  docker build -t "registry.example/team/$name:$version" "bases/$name"
done <<TABLE
base      1.0.0
base-gpu  2.3.9
TABLE
