FROM python:3.12.1-slim
