ARG V=x
FROM registry.example/team/base:${V+9.9.9}
