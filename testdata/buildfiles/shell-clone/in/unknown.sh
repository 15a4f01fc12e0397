#!/bin/bash
git clone "$URL" vendored
docker build --build-arg V=5 vendored/app
