import os

import redis
from fastapi import FastAPI

app = FastAPI(title="feature-store")
store = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://localhost:6379/0"), decode_responses=True)


@app.get("/api/v1/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/api/v1/features/{entity}")
def features(entity: str) -> dict[str, str]:
    return store.hgetall(f"features:{entity}")
