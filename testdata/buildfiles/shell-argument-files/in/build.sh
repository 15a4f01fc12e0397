#!/bin/bash
podman build --build-arg-file app/args/cpu.conf -t reg.example/app:cpu app
podman build --build-arg TOOL=reg.example/tool:3.0.0 --build-arg-file=app/args/cpu.conf -t reg.example/app:own app # what is said itself counts
buildah bud --build-arg-file app/args/cpu.conf --build-arg-file app/args/tool.conf -t reg.example/app:both app
podman build --build-arg-file "$1" -t reg.example/app:unknown app
podman build --build-arg-file app/args/gone.conf -t reg.example/app:gone app
