import csv
import os

import torch
from sentence_transformers import InputExample, SentenceTransformer, losses
from torch.utils.data import DataLoader


def main() -> None:
    with open(os.environ["TRAINING_PAIRS"], newline="") as source:
        pairs = [InputExample(texts=[row["query"], row["answer"]]) for row in csv.DictReader(source)]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = SentenceTransformer(os.environ["START_MODEL"], device=device)
    loader = DataLoader(pairs, batch_size=64, shuffle=True)
    model.fit([(loader, losses.MultipleNegativesRankingLoss(model))], epochs=1, output_path=os.environ["MODEL_OUT"])


if __name__ == "__main__":
    main()
