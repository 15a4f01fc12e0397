FROM registry.example/team/d:1.4.0
RUN tools/setup
