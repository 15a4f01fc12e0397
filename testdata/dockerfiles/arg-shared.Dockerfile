ARG V=1.0.0
FROM registry.example/team/a:${V} AS a
FROM registry.example/team/b:${V}
