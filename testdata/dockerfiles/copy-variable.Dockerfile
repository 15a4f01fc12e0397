ARG V=1
FROM registry.example/team/base:1.0.0
COPY --from=registry.example/team/tool:$V /a /a
