ARG V
FROM registry.example/team/base:${V}
