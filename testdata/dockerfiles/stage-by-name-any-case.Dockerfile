FROM registry.example/team/base:1.0.0 AS build
FROM scratch
COPY --from=BUILD /a /a
