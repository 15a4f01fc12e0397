FROM registry.example/team/base:1.0.0
RUN <<EOF
FROM evil:9
COPY --from=evil:9 a b
EOF
COPY <<a <<b /x/
FROM evil:8
a
FROM evil:7
b
