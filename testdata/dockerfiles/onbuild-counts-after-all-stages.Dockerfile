FROM registry.example/team/base:1.0.0 AS parent
ONBUILD COPY --from=registry.example/team/tool:1.0.0 /a /a
FROM parent AS other
COPY --from=registry.example/team/data:1.0.0 /d /d
FROM registry.example/team/base:1.0.0
COPY --from=3 /d /e
