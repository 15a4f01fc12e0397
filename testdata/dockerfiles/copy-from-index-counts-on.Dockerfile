FROM registry.example/team/base:1.0.0
COPY --from=registry.example/team/tool:1.0.0 /a /b
COPY --from=1 /a /b
COPY --from=2 /a /b
