ARG BASE_VERSION
FROM registry.example/team/base:${BASE_VERSION}
RUN tools/setup
