#!/usr/bin/env bash
# Trains en-polarity.model as it is shipped:
#
#     train-en-polarity.sh ROOKERY_TRAIN DATA_FOLDER [MORE OPTIONS...]
#
# DATA_FOLDER holds sentiment140/{negative,positive}.txt (one text a line) and
# teacher/soft_labels.tsv.gz (a teacher's probabilities). The model learns from all posts;
# calibration and card come from a cross-validation in four parts. Takes six minutes of CPU.
# Tweets may not be redistributed, so the data is not part of the project.
set -euo pipefail

train=$1
data=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for name in negative positive; do
  awk 1 "$data/sentiment140/$name.txt" >>"$work/sentiment140.txt"
  awk -v name="$name" '{ print name }' "$data/sentiment140/$name.txt" >>"$work/labels"
done
zcat "$data/teacher/soft_labels.tsv.gz" |
  awk -F'\t' 'NR == 1 || $1 == "te_train" || $1 == "sanders" || $1 == "sentistrength"' >"$work/soft.tsv"

about="The labelled posts are a sample of Sentiment140 (Go, Bhayani and Huang 2009: tweets of 2009, \
labelled by the emoticons that stood in them, each of which left a gap). The texts with a \
teacher's probabilities are tweets of SemEval-2017 task 4 A, SentiStrength and Sanders; they count \
half, less what the teacher finds neutral in them, and bring in what people, not emoticons, call \
good and bad. No tweet is part of the model or of this project. The lexicon is VADER's (MIT) with \
emoji rated by the project. \
Made by train-en-polarity.sh beside this card, which makes both again, byte for byte, from \
the same data (data.sha256)."

"$train" sentiment --classes 2 --language en --name en-polarity --seed 1 --by-ratio \
  --label-share 1 --runs 3 --caution 0.06 --no-relearn --wide-texts-min 2 --grams-max 283000 \
  --folds 4 --texts "$work/sentiment140.txt" --labels "$work/labels" --soft "$work/soft.tsv" \
  --soft-weight te_train=0.5 --soft-weight sanders=0.5 --soft-weight sentistrength=0.5 \
  --model "$here/en-polarity.model" --card "$here/en-polarity.md" --date 2026-11-29 \
  --about "$about" "$@"
