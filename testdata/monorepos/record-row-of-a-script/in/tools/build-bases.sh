#!/bin/sh
# name       version
bases='
base-java    1.0.0
base-node    1.0.0
'
echo "$bases" | while read -r name version; do
  test -z "$name" || docker build -t "registry.example/team/$name:$version" "bases/$name"
done
