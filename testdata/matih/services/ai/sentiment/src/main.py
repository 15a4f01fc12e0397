import os
from functools import cache

import numpy as np
import onnxruntime
from fastapi import FastAPI
from pydantic import BaseModel
from tokenizers import Tokenizer

LABELS = ["negative", "neutral", "positive"]
MODEL_DIR = os.environ.get("MODEL_DIR", "/models/sentiment")

app = FastAPI(title="sentiment")


class Text(BaseModel):
    text: str


@cache
def model() -> tuple[Tokenizer, onnxruntime.InferenceSession]:
    return (
        Tokenizer.from_file(f"{MODEL_DIR}/tokenizer.json"),
        onnxruntime.InferenceSession(f"{MODEL_DIR}/model.onnx", providers=["CPUExecutionProvider"]),
    )


@app.get("/api/v1/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/api/v1/model-card")
def model_card() -> dict[str, str]:
    return {"evaluated_on": os.environ["EVALUATED_ON"]}


@app.post("/api/v1/classify")
def classify(body: Text) -> dict[str, str]:
    tokenizer, session = model()
    ids = np.array([tokenizer.encode(body.text).ids], dtype=np.int64)
    scores = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
    return {"label": LABELS[int(scores[0].argmax())]}
