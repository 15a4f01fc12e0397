# 󰀀
ARG V=1.0.0
FROM registry.example/team/base:${V}
