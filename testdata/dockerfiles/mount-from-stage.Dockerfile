FROM registry.example/team/base:1.0.0 AS deps
FROM registry.example/team/base:1.0.0
RUN --mount=type=bind,from=Deps,target=/t --mount=type=cache,target=/c make
