#!/bin/sh
V=2.3.9
docker build -t registry.example/team/tools:$V --build-arg VERSION=$V bases/tools
