FROM registry.example/team/dead:1.0.0 AS docs
FROM registry.example/team/base:1.0.0
