#!/bin/sh
docker compose build
