FROM registry.example/team/base:1.0.0 AS b
FROM registry.example/team/tool:1.0.0 AS t
FROM b
COPY --from=t /a /a
