FROM registry.example/team/base:1.0.0
COPY --from=7 /a /a
