ARG A=1 V=1.0.0
FROM registry.example/team/base:${V}
