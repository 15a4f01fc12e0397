#!/bin/sh
V=1.0.0
W=1.0.0
docker build -t registry.example/team/base:$V bases/base
docker build -t registry.example/team/mid:$W --build-arg BASE=$V bases/mid
docker build --build-arg OTHER=$W services/other
