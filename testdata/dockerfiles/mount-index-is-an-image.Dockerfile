FROM registry.example/team/base:1.0.0
RUN --mount=from=0,target=/t make
