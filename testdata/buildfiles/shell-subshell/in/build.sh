#!/bin/bash
# What a subshell does to a variable ends with it.
V=1.0
(export V)
./other.sh
f() {
  (local V=9)
  V=2.0
}
f
docker build -t "example.com/app:$V" app
