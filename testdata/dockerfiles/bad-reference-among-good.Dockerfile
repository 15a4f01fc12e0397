FROM registry.example/team/base:1.0.0 AS a
FROM Not/A:Reference: AS b
FROM registry.example/team/other:1.0.0
COPY --from=a /a /a
