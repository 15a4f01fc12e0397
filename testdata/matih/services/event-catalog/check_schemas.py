"""Fails when an event schema has no title or allows unknown fields."""

import json
import pathlib
import sys

problems = []
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
    schema = json.loads(path.read_text())
    if "title" not in schema:
        problems.append(f"{path}: no title")
    if schema.get("additionalProperties", True):
        problems.append(f"{path}: additionalProperties must be false")
if problems:
    sys.exit("\n".join(problems))
