#!/usr/bin/env bash
# Trains en-polarity.model as it is shipped:
#
#     train-en-polarity.sh ROOKERY_TRAIN DATA_FOLDER [MORE OPTIONS...]
#
# DATA_FOLDER holds sentiment140/{negative,positive}.txt (one text a line) and
# teacher/soft_labels.tsv.gz (a teacher's probabilities). One text in twenty, by
# its hash, is held out for the calibration and the card. Takes two minutes of CPU.
# Tweets may not be redistributed, so the data is not part of the project.
set -euo pipefail

train=$1
data=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 - "$data" "$work" <<'PYTHON'
import gzip, hashlib, sys
data, work = sys.argv[1:]
kept = {"te_train", "sanders", "sentistrength"}
held_out = set()
rows = {"learn": [], "hold": []}
for name in ("negative", "positive"):
    with open(f"{data}/sentiment140/{name}.txt", encoding="utf-8", errors="replace", newline="\n") as lines:
        for text in (line.rstrip("\r\n") for line in lines):
            held = int(hashlib.sha256(text.encode()).hexdigest(), 16) % 20 == 0
            if held:
                held_out.add(text)
            rows["hold" if held else "learn"].append((text, name))
for part, posts in rows.items():
    with open(f"{work}/{part}.txt", "w", encoding="utf-8") as texts, open(f"{work}/{part}.labels", "w") as labels:
        for text, label in posts:
            texts.write(text + "\n")
            labels.write(label + "\n")
with gzip.open(f"{data}/teacher/soft_labels.tsv.gz", "rt", encoding="utf-8", newline="\n") as soft, \
        open(f"{work}/soft.tsv", "w", encoding="utf-8") as out:
    out.write(next(soft))
    for line in soft:
        fields = line.rstrip("\n").split("\t")
        if fields[0] in kept and fields[4] not in held_out:
            out.write(line)
PYTHON

about="The labelled posts are a sample of Sentiment140 (Go, Bhayani and Huang 2009: tweets of 2009, \
labelled by the emoticons that stood in them), of which one in twenty is held out. The texts with a \
teacher's probabilities are tweets of SemEval-2017 task 4 A, SentiStrength and Sanders; they count \
half, less what the teacher finds neutral in them, and bring in what people, not emoticons, call \
good and bad. No tweet is part of the model or of this project. The lexicon is VADER's (MIT) with \
emoji rated by the project. \
Made by train-en-polarity.sh beside this card."

"$train" sentiment --classes 2 --language en --name en-polarity --seed 1 --by-ratio \
  --label-share 1 --runs 3 --caution 0.06 --no-relearn --grams-max 300000 \
  --texts "$work/learn.txt" --labels "$work/learn.labels" --soft "$work/soft.tsv" \
  --soft-weight te_train=0.5 --soft-weight sanders=0.5 --soft-weight sentistrength=0.5 \
  --held-out-texts "$work/hold.txt" --held-out-labels "$work/hold.labels" \
  --model "$here/en-polarity.model" --card "$here/en-polarity.md" --date 2026-11-28 \
  --about "$about" "$@"
