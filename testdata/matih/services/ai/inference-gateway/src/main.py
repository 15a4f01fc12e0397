import os

import httpx
from fastapi import FastAPI, HTTPException

app = FastAPI(title="inference-gateway")
backends = dict(pair.split("=", 1) for pair in os.environ.get("MODEL_BACKENDS", "").split(",") if pair)


@app.get("/api/v1/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/api/v1/models/{model}/predict")
async def predict(model: str, payload: dict) -> dict:
    if model not in backends:
        raise HTTPException(status_code=404, detail=f"no model {model}")
    async with httpx.AsyncClient(timeout=10) as client:
        answer = await client.post(f"{backends[model]}/predict", json=payload)
    answer.raise_for_status()
    return answer.json()
