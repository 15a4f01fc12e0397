FROM registry.example/team/base:1.0.0
FROM scratch
COPY --from=0 /a /a
