"""Copies the newest feature values from the warehouse to the online store, one batch per message."""

import json
import os

import pandas as pd
import psycopg
import redis

QUERY = "select name, value from feature_values where entity = %s"


def main() -> None:
    store = redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
    with psycopg.connect(os.environ["WAREHOUSE_DSN"]) as warehouse:
        while True:
            _, message = store.blpop("materialize")
            entity = json.loads(message)["entity"]
            rows = pd.DataFrame(warehouse.execute(QUERY, (entity,)).fetchall(), columns=["name", "value"])
            if not rows.empty:
                store.hset(f"features:{entity}", mapping=dict(zip(rows["name"], rows["value"])))


if __name__ == "__main__":
    main()
