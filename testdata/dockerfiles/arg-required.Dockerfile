FROM registry.example/team/base:${V:?missing}
