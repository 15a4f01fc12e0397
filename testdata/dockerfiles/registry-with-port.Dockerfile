FROM localhost:5000/base AS a
FROM localhost:5000/base:1.0.0
