#!/bin/sh
REGISTRY=corp
az acr build -r "$REGISTRY" -t web:1 --build-arg BASE=2 -g group web
az acr build --registry=corp.azurecr.io --image team/app:3 --image team/app:latest --file app/Dockerfile --no-push --platform linux/arm64 --target run .
az acr build -r "$1" -t app:{{.Run.ID}} app
az acr login -n corp
az storage build web
