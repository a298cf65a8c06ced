"""Reads a build as users of its data card do: Hugging Face's `datasets` by its folder and by its README.md, and `mlcroissant` by its croissant.json.

    card.py BUILD

BUILD holds Parquet shards of both splits. Needs datasets and mlcroissant.
"""
import hashlib
import json
import os
import pathlib
import sys
import tempfile

# Nothing is looked up anywhere: what is not in the folder is missing.
os.environ.update(HF_HUB_OFFLINE="1", HF_HOME=tempfile.mkdtemp(), HF_DATASETS_DISABLE_PROGRESS_BARS="1")
import datasets
import mlcroissant

build = pathlib.Path(sys.argv[1]).resolve()
profile = json.loads((build / "order/profile.json").read_text())
rows = {split: sum(tally["rows"] for tally in sources.values()) for split, sources in profile["splits"].items()}
assert len(rows) == 2 and all(rows.values()), rows

by_folder = datasets.load_dataset("parquet", data_dir=str(build / "shards"))
by_card = datasets.load_dataset(str(build))
for name, loaded in [("data_dir", by_folder), ("README.md", by_card)]:
    held = {split: len(loaded[split]) for split in loaded}
    assert held == rows, f"by {name}: {held}, the profile says {rows}"
print(by_folder)

croissant = mlcroissant.Dataset(str(build / "croissant.json"))
assert not croissant.metadata.issues.errors, croissant.metadata.issues.report()
for split, n in rows.items():
    records = list(croissant.records(split))
    assert len(records) == n, f"{split} by croissant.json: {len(records)} rows, the profile says {n}"
    texts = {record[f"{split}/text"].decode() for record in records}
    assert texts == set(by_folder[split]["text"]), f"{split}: other texts by croissant.json"
for file in json.loads((build / "croissant.json").read_text())["distribution"]:
    if file["@type"] == "cr:FileObject":
        assert hashlib.sha256((build / file["contentUrl"]).read_bytes()).hexdigest() == file["sha256"], file["@id"]
print(f"{sum(rows.values())} rows are the same by folder, by README.md and by croissant.json")
