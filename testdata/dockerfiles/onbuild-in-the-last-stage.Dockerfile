FROM registry.example/team/base:1.0.0
ONBUILD COPY --from=registry.example/team/tool:1.0.0 /a /a
