"""Trains on two sets of documents with gristmill and with scikit-learn, on the same split by domain, and prints held-out figures, user CPU and peak memory of both, file to model.

    pip install scikit-learn xxhash && cargo build --release && python benches/train.py GOOD.jsonl BAD.jsonl [spark]

A line has id, url and text; the host of a url must be its registered domain, as in https://d1.example/page. With `spark`, raw counts without a penalty on both sides
(scikit-learn scales columns by their standard deviation first, as Spark does); without, gristmill's default against tf-idf with C = 1. 2^18 hashed words each.
"""

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import urllib.parse

SEED, HELD_OUT = 7, 0.2
RECIPE = """seed = {seed}
[source.good]
read = {{ jsonl = ["{good}"] }}
[source.bad]
read = {{ jsonl = ["{bad}"] }}
[model.quality]
positives = ["good"]
negatives = {{ source = "bad" }}
max-per-domain = 100000000
max-per-class = 100000000
held-out = {held_out}
{features}
"""


def gristmill(good, bad, spark):
    program = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target")) / "release" / "gristmill"
    with tempfile.TemporaryDirectory() as folder:
        recipe = pathlib.Path(folder) / "recipe.toml"
        recipe.write_text(RECIPE.format(seed=SEED, good=good, bad=bad, held_out=HELD_OUT, features='features = "spark"' if spark else ""))
        subprocess.run([program, "train", recipe, "--out", f"{folder}/out"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        card = json.loads(pathlib.Path(f"{folder}/out/models/quality/card.json").read_text())
        report = json.loads(pathlib.Path(f"{folder}/out/report.json").read_text())
    seconds = {cost["step"]: round(cost["user_seconds"], 1) for cost in report["costs"]}
    print(f"gristmill: user CPU by step {seconds}; `filter` tells languages, which training does not need")
    print(card["trainer"], f"gradient {card['gradient-norm']:.1e}", *card["warnings"], sep="\n  ")
    print("  documents:", card["positive-class"], card["negative-class"], sep="\n    ")
    return card["held-out"]["raw"]["auc"], card["held-out"]["raw"]["log_loss"]


def scikit_learn(good, bad, spark):
    import numpy
    import xxhash
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    texts, labels, domains = [], [], []
    for label, path in ((1, good), (0, bad)):
        for line in open(path, encoding="utf-8"):
            row = json.loads(line)
            texts.append(row["text"])
            labels.append(label)
            domains.append(urllib.parse.urlsplit(row["url"]).hostname)
    positive = {domain for domain, label in zip(domains, labels) if label}
    held_out = set()
    for group in (positive, set(domains) - positive):
        ordered = sorted(group, key=lambda domain: xxhash.xxh3_64_intdigest(domain.encode(), seed=SEED))
        held_out.update(ordered[: max(1, round(len(ordered) * HELD_OUT))])
    labels = numpy.array(labels)
    test = numpy.array([domain in held_out for domain in domains])
    vectorizer = HashingVectorizer(n_features=2**18, token_pattern=r"\S+", alternate_sign=False, norm=None)
    weigh = StandardScaler(with_mean=False) if spark else TfidfTransformer(sublinear_tf=True)
    model = LogisticRegression(C=numpy.inf if spark else 1.0, max_iter=100, tol=1e-6 if spark else 1e-4)
    pipeline = make_pipeline(vectorizer, weigh, model)
    pipeline.fit([text for text, out in zip(texts, test) if not out], labels[~test])
    truth = labels[test] == 1
    margins = pipeline.decision_function([text for text, out in zip(texts, test) if out])
    # For classes of equal weight, as gristmill's score is.
    taught = labels[~test].mean()
    scores = 1 / (1 + numpy.exp(-(margins - numpy.log(taught / (1 - taught)))))
    right = numpy.maximum(numpy.where(truth, scores, 1 - scores), 1e-15)
    print(f"scikit-learn: {int(model.n_iter_[0])} iterations; {int(truth.sum())} + {int((~truth).sum())} held out")
    return roc_auc_score(truth, margins), -(numpy.log(right[truth]).mean() + numpy.log(right[~truth]).mean()) / 2


def main():
    good, bad, spark = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(), "spark" in sys.argv[3:]
    for name, run in (("gristmill", gristmill), ("scikit-learn", scikit_learn)):
        if os.fork() == 0:
            auc, log_loss = run(good, bad, spark)
            who = resource.RUSAGE_CHILDREN if name == "gristmill" else resource.RUSAGE_SELF
            used = resource.getrusage(who)
            print(f"{name}: AUC {auc:.4f}, log-loss {log_loss:.4f}, {used.ru_utime:.1f} s user CPU, {used.ru_maxrss / 2**20:.2f} GiB peak", flush=True)
            os._exit(0)
        if os.wait()[1] != 0:
            sys.exit(f"{name} failed")


if __name__ == "__main__":
    main()
