docker build -t registry.example/team/d:test -f tests/Dockerfile tests
