FROM registry.example/team/base:1.0.0 AS parent
ONBUILD COPY --from=registry.example/team/tool:1.0.0 /a /a
FROM parent
