FROM matihlabsacr.azurecr.io/matih/base-python-ml:1.0.0

COPY requirements.txt .
RUN pip install --user -r requirements.txt

COPY src src
# Made before VOLUME, so that it belongs to UID 1000.
RUN mkdir index
VOLUME /app/index

ENV PORT=8010
EXPOSE 8010
CMD ["python", "-m", "uvicorn", "src.main:app", "--host", "0.0.0.0", "--port", "8010"]
