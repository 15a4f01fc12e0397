FROM registry.example/team/base:1.0.0
COPY --from=registry.example/team/tool:1.0.0 /a /a
FROM registry.example/team/base:1.0.0
COPY --from=2 /a /a
