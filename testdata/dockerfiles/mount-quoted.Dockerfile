FROM registry.example/team/base:1.0.0
RUN --mount="type=bind,from=registry.example/team/tool:1.0.0,target=/t" --mount='target=/d,"from=registry.example/team/data:2.0.0"' make
