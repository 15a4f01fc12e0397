FROM registry.example/team/base:${V:-1.0.0}
