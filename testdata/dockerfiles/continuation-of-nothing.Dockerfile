FROM \
\
registry.example/team/base:1.0.0
