FROM registry.example/team/a:1.0.0 AS x
FROM registry.example/team/b:1.0.0 AS x
FROM scratch
COPY --from=x /a /a
