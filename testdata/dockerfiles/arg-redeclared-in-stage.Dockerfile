ARG V=1.0.0
FROM registry.example/team/base:${V} AS a
ARG V=2.0.0
FROM registry.example/team/other:${V}
