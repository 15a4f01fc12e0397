#!/bin/sh
# What later steps of a job are told.
echo "OS_VERSION=1.0.0"
