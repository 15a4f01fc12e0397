FROM registry.example/team/base:${TARGETSTAGE} AS x
FROM registry.example/team/other:${TARGETSTAGE}
