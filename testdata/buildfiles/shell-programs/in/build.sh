#!/bin/sh
BASE=2
/kaniko/executor --context "$CI_PROJECT_DIR" --context-sub-path web --dockerfile Dockerfile --destination registry.example.com/web:1 --build-arg BASE=$BASE --cache=true
executor -c dir://app -d registry.example.com/app:1 --custom-platform linux/arm64 --target run
executor --context git://example.com/other.git -d registry.example.com/other:1
executor --threads 4
depot build --project abc --save --token x -t registry.example.com/web:2 --build-arg BASE=3 web
depot bake --set app.args.BASE=4 -f bake.hcl app
img build -t registry.example.com/app:3 app
gcloud beta builds submit --project corp --tag registry.example.com/web:4 web
(cd app && gcloud builds submit -t registry.example.com/app:4)
gcloud builds list
gcloud builds submit --config steps/images.yaml .
gcloud builds submit --config=cloudbuild.yaml
gcloud builds submit --config $CONFIG .
nerdctl --namespace k8s.io build -t registry.example.com/web:5 web
earthly --push +web
buildctl build --frontend dockerfile.v0 --local context=. --local dockerfile=web
docker build --help
docker builder prune
