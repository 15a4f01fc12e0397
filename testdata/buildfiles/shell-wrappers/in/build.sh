#!/bin/bash
run_trace docker build -t registry.example.com/web:1 web
retry 3 docker build -t registry.example.com/web:2 web
$DRY_RUN docker build -t registry.example.com/web:3 web
timeout -k 5 600 podman build -t registry.example.com/web:4 web
xvfb-run -a sudo -E docker build -t registry.example.com/web:5 web
bash -c "docker build -t registry.example.com/web:6 --build-arg BASE=7 web"
export TAG=8
LOCAL=9
sh -ec 'docker build -t registry.example.com/web:$TAG --build-arg BASE=$LOCAL web'
bash -euo pipefail -c 'cd "$1" && docker build -t registry.example.com/web:10 .' _ web
su -c "docker build -t registry.example.com/web:11 web" builder
cmd="docker build"
cmd="$cmd -t registry.example.com/web:12"
eval "$cmd web"
ssh-agent bash -c 'docker build --ssh default -t registry.example.com/web:13 web'
traced() { echo "+ $*"; "$@"; }
traced docker build -t registry.example.com/web:14 web
again() { local n=$1; shift; for i in $(seq "$n"); do "${@}" && return; done; }
again 3 docker build -t registry.example.com/web:15 web
logged() { local args=("$@"); eval "$@" 2>&1 | tee log; }
logged docker build -t registry.example.com/web:16 web
said() { echo "$@"; }
said docker build -t registry.example.com/none:1 web
echo docker build -t registry.example.com/none:2 web
log_info "docker build -t registry.example.com/none:3 web"
ls | xargs -I{} docker build -t registry.example.com/{}:17 {}
find . -name Dockerfile -exec docker build -t registry.example.com/each:1 -f {} . \;
ssh builder 'docker build -t registry.example.com/far:1 web'
kubectl exec pod -- docker build -t registry.example.com/far:2 web
make-it-so "docker build -t registry.example.com/text:1 web"
retry 3 docker compose build --build-arg BASE=18 web
sg docker -c 'docker build -t registry.example.com/web:19 web'
