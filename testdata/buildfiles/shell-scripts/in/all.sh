#!/bin/sh
export VERSION=1.0
UNSEEN=1
scripts/build.sh a images/a example.com registry.example.com
VERSION=2.0 bash ./scripts/build.sh b images/b example.com
