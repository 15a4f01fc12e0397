ARG MAJOR=1
ARG MINOR=${MAJOR}.0
ARG FULL=${MINOR}.0-alpine
ARG IMG=registry.example/team/base:${FULL}
FROM ${IMG} AS final
