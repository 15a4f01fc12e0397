ARG V="1.0.0"
ARG W='2.0.0'
FROM "registry.example/team/base:${V}" AS a
FROM registry.example/team/base:$W
