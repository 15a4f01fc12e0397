FROM registry.example/team/base:24-1.0.0
