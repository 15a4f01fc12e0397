FROM registry.example/team/base:1.0.0 AS b
ONBUILD RUN --mount=target=/m true
FROM registry.example/team/other:1.0.0 AS scratch
FROM b
