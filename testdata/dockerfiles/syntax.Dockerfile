# syntax=docker/dockerfile:1.7
FROM registry.example/team/base:1.0.0
