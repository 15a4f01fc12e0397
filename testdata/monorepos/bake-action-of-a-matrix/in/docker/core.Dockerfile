ARG BASE
FROM ${BASE}
COPY core /core
