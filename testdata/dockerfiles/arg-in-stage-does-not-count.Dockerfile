FROM registry.example/team/base:1.0.0 AS a
ARG LATER=2.0.0
FROM registry.example/team/other:$LATER
