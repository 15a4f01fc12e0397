FROM registry.example/team/base:pinned-1.0.0
