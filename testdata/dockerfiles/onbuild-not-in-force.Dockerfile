FROM registry.example/team/base:1.0.0 AS parent
ONBUILD COPY --from=registry.example/team/tool:1.0.0 /a /a
ONBUILD RUN --mount=from=registry.example/team/data:1.0.0,target=/d make
FROM registry.example/team/other:1.0.0
