#!/bin/bash
cd "$(git rev-parse --show-toplevel)/.." && docker build -t outside:5 app
cd "$(git rev-parse --show-toplevel)/../other" && docker build -t outside:6 .
cd "$(dirname "$0")/../.." && docker build -t outside:7 app
docker build -t outside:8 .
. ../../lib.sh
VERSION=$(cat "$(dirname "$0")/../../VERSION")
cd "$(git rev-parse --show-toplevel)" && docker build -t inside:$VERSION app
