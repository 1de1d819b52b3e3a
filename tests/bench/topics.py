#!/usr/bin/env python3
"""How good and how fast the topics of rookery-train are, on collections with known figures.

    tests/bench/topics.py [--bin DIR] [--data DIR] [--seeds N] [--only SET]

20 Newsgroups (the split of AVITM: 1,995 words): perplexity by document completion at K = 50, NPMI,
tokens a second. STTM's short texts: purity and normalised mutual information of the largest topic
against the labels, K as many as there are labels. The collections are not part of the project."""

import argparse
import collections
import json
import math
import pathlib
import re
import resource
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EVERY_WORD = ["--stop-words", "none", "--documents-min", "1", "--documents-share-max", "1"]
SHORT = {  # texts, labels
    "Tweet": ("Tweet.txt", "Tweet_LABEL.txt"),
    "GoogleNews": ("GoogleNews.txt", "GoogleNews_LABEL.txt"),
    "StackOverflow": ("StackOverflow.txt", "StackOverflow_label.txt"),
    "SearchSnippets": ("SearchSnippets.txt", "SearchSnippets_label.txt"),
}


def train(options, source, topics, seed, model, more):
    """The measures that rookery-train prints, and its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run([options.bin / "rookery-train", "topics", "--input", source, "--format", "text",
                          "--k", str(topics), "--seed", str(seed), "--output", model, *more],
                         check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    rates = re.findall(r"([\d.]+) million tokens", run.stderr)
    return json.loads(run.stdout), after.ru_utime - before.ru_utime, rates[-1] if rates else "-"


def bags_to_text(folder, part, work):
    """Lines of LABEL ID:COUNT..., ids from 1, as texts of words."""
    words = [line.split()[0] for line in (folder / "vocab.new").read_text().splitlines()]
    out = work / f"{part}.txt"
    with open(out, "w", encoding="utf-8") as texts:
        for line in (folder / f"{part}.feat").read_text().splitlines():
            pairs = (pair.split(":") for pair in line.split()[1:])
            texts.write(" ".join(" ".join([words[int(i) - 1]] * int(n)) for i, n in pairs) + "\n")
    return out


def newsgroups(options, folder, work):
    learn, held_out = (bags_to_text(folder, part, work) for part in ("train", "test"))
    for name, more in (("every word", EVERY_WORD), ("default limits", [])):
        for seed in range(1, options.seeds + 1):
            measures, cpu, rate = train(options, learn, 50, seed, work / "news.model",
                                        [*more, "--held-out", held_out])
            print(f"20 Newsgroups, K = 50, {name}, seed {seed}: perplexity "
                  f"{measures['perplexity']:.0f}, NPMI {measures['coherence_npmi']:.3f}, "
                  f"{cpu:.1f} s of CPU, {rate} million tokens a second", flush=True)


def purity_and_nmi(found, truth):
    n = len(truth)
    joint = collections.Counter(zip(found, truth))
    topics, labels = collections.Counter(found), collections.Counter(truth)
    best = collections.Counter()
    for (topic, _), count in joint.items():
        best[topic] = max(best[topic], count)
    mutual = sum(c / n * math.log(c * n / (topics[t] * labels[l])) for (t, l), c in joint.items())
    entropy = [-sum(c / n * math.log(c / n) for c in counts.values()) for counts in (topics, labels)]
    return sum(best.values()) / n, mutual / math.sqrt(entropy[0] * entropy[1])


def short_texts(options, name, texts, labels, work):
    truth = labels.read_text(encoding="utf-8").split()
    topics = len(set(truth))
    results = []
    for seed in range(1, options.seeds + 1):
        model = work / f"{name}.model"
        _, cpu, _ = train(options, texts, topics, seed, model, [])
        said = subprocess.run([options.bin / "rookery-train", "assign", "--model", model], check=True,
                              stdin=open(texts, "rb"), capture_output=True, text=True).stdout
        rows = [json.loads(line)["topics"] for line in said.splitlines()]
        found = [row[0]["id"] if row else -1 for row in rows]
        results.append((*purity_and_nmi(found, truth), cpu))
    purities, nmis, cpus = zip(*results)
    print(f"{name}, {len(truth)} texts, K = {topics}, {options.seeds} seeds: purity "
          f"{sum(purities) / len(purities):.3f} (lowest {min(purities):.3f}), NMI "
          f"{sum(nmis) / len(nmis):.3f}, {sum(cpus) / len(cpus):.1f} s of CPU a seed", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT.parent / "shared/data/topics")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", choices=["20news", *SHORT])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        news = options.data / "20news_nvdm"
        if options.only in (None, "20news"):
            if (news / "train.feat").exists():
                newsgroups(options, news, work)
            else:
                print(f"skipped: no 20 Newsgroups in {news}")
        for name, files in SHORT.items():
            texts, labels = (options.data / "sttm" / file for file in files)
            if options.only not in (None, name):
                continue
            if texts.exists():
                short_texts(options, name, texts, labels, work)
            else:
                print(f"skipped: no {name} in {texts.parent}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
