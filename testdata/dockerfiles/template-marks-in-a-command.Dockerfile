FROM registry.example/team/base:1.0.0
RUN docker inspect -f '{{.Id}}' x
INCLUDE y
