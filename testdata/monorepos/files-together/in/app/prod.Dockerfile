ARG BASE_TAG=0.9.0
FROM registry.example/team/base:${BASE_TAG}
