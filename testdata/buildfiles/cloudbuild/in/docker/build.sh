docker build -t "registry.example/team/base-$1:$TAG" base
