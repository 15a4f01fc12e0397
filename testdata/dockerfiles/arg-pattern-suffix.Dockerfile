ARG V=1.0.0-rc
FROM registry.example/team/base:${V%%-*}
