ARG V=1.0.0
FROM registry.example/team/base:${V} \
  AS x
COPY --from=registry.example/team/tool:1.0.0 /a /a
