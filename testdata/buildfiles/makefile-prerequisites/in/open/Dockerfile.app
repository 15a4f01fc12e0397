FROM registry.example/os:1.0.0
