#!/bin/sh
for version in 17.0.9_9 21.0.1_12; do
  docker build --build-arg JAVA=$version -t registry.example/java:${version%%.*} base/java
done
