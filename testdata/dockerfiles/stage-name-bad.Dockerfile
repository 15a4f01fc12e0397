FROM registry.example/team/base:1.0.0 AS 1st
