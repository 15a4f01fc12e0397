ARG PY
FROM python:${PY}-slim
