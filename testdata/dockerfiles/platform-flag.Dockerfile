FROM --platform=linux/arm64 registry.example/team/base:1.0.0 AS y
FROM y
