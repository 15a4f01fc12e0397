"""Turns the table of thresholds into the JSON that the service loads."""

import sys

import pandas as pd

rules = pd.read_csv(sys.argv[1])
wrong = rules[rules["warn"] > rules["fail"]]
if not wrong.empty:
    sys.exit(f"warn is above fail for: {', '.join(wrong['metric'])}")
print(rules.sort_values("metric").to_json(orient="records", indent=2))
