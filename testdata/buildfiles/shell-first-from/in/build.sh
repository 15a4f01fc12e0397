#!/bin/sh
base=reg.example/os:3.1.0
podman build --from reg.example/os:3.1.0 -t reg.example/app:1.0.0 app
buildah bud -t reg.example/app:1.1.0 --from="$base" app
