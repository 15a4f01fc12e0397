ARG FLAVOUR
FROM registry.example/team/os:1.0.0
RUN tools/setup ${FLAVOUR}
