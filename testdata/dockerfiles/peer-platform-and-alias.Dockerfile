FROM --platform=$BUILDPLATFORM registry.example/team/base:1.0.0 AS y
RUN true
