FROM registry.example/team/base:1.0.0
COPY --from=registry.example/team/to\ol:1.0.0 /a /b
