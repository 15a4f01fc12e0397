ARG V=1_0_0
FROM registry.example/team/base:${V//_/.}
