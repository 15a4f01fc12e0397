#!/bin/bash
docker build -t "example.com/other:$V" app
