#!/bin/sh
docker build -t registry.example/team/mid:1.4.0 mid
