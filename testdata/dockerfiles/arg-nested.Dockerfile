ARG R=registry.example/team
ARG I=${R}/base
ARG V=1.0.0
FROM ${I}:${V}
