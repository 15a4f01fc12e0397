#!/bin/sh
az acr build -r corp -t services/azure:1 --build-arg BASE_TAG=1.0.0 services/azure
