FROM registry.example/team/base:22-1.0.0
