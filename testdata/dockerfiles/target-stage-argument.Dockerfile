ARG V=${TARGETSTAGE}
FROM registry.example/team/base:${V} AS x
FROM registry.example/team/other:${V} AS slim
