#!/usr/bin/env bash
tag=$(jq -r '.bases.node' versions.json)
case $1 in
  mail) docker build --build-arg "BASE_VERSION=${tag#v}" -t registry.example/team/mail:3.0.0 jobs/mail ;;
esac
