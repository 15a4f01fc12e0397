# was registry.example/team/base:1.0.0
FROM registry.example/team/base:1.0.0
ENV BASE=registry.example/team/base:1.0.0
LABEL base="registry.example/team/base:1.0.0"
RUN echo FROM registry.example/team/base:1.0.0
