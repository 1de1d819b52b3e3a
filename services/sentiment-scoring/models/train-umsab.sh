#!/usr/bin/env bash
# Trains the models of ar de es fr hi it pt as they are shipped:
#
#     train-umsab.sh ROOKERY_TRAIN DATA_FOLDER [MORE OPTIONS...]
#
# DATA_FOLDER holds umsab/LANGUAGE_{train,val}_{text,labels}.txt (the Unified
# Multilingual Sentiment Analysis Benchmark). Takes half a minute of CPU.
# Tweets may not be redistributed, so the data is not part of the project.
set -euo pipefail

train=$1
data=$2/umsab
shift 2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

declare -A names=([ar]=arabic [de]=german [es]=spanish [fr]=french [hi]=hindi [it]=italian
  [pt]=portuguese)

# soft_rows LANGUAGE: the labelled posts of all others, as rows of certain probabilities.
soft_rows() {
  local code
  printf 'source\tneg\tneu\tpos\ttext\n'
  for code in ar de es fr hi it pt; do
    [[ $code == "$1" ]] && continue
    paste "$data/${names[$code]}_train_labels.txt" "$data/${names[$code]}_train_text.txt" |
      awk -F'\t' -v OFS='\t' '{ text = $2; for (i = 3; i <= NF; ++i) text = text " " $i
        print "other", $1 == 0, $1 == 1, $1 == 2, text }'
  done
}

about="The labelled posts are of the Unified Multilingual Sentiment Analysis Benchmark (Barbieri, \
Espinosa Anke and Camacho-Collados 2022), a third of each class. The texts with certain \
probabilities are its posts in the six other languages; they count three tenths and teach emoji, \
names and related words. No tweet is part of the model or of this project. The lexicon of words is \
English (VADER, MIT), so it says little here; that of emoji, which the project rated, says much."

hindi=" **This one does little better than chance** on its held-out posts, most of them Hindi in Latin \
letters whose labels no method here learns from: treat what it says as unknown."

for code in ar de es fr hi it pt; do
  soft_rows "$code" >"$work/soft.tsv"
  note=$about
  [[ $code == hi ]] && note+=$hindi
  "$train" sentiment --language "$code" --name "$code" --seed 1 --epochs 5 \
    --character-texts-min 3 --grams-max 120000 \
    --texts "$data/${names[$code]}_train_text.txt" --labels "$data/${names[$code]}_train_labels.txt" \
    --soft "$work/soft.tsv" --soft-weight other=0.3 \
    --held-out-texts "$data/${names[$code]}_val_text.txt" \
    --held-out-labels "$data/${names[$code]}_val_labels.txt" \
    --model "$here/$code.model" --card "$here/$code.md" --date 2026-11-24 --about "$note" "$@"
done
