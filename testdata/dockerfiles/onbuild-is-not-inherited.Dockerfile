FROM registry.example/team/base:1.0.0 AS a
ONBUILD COPY --from=registry.example/team/tool:1.0.0 /a /a
FROM a AS b
FROM b
