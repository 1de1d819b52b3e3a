#!/usr/bin/env bash
# Trains en.model as it is shipped:
#
#     train-en.sh ROOKERY_TRAIN DATA_FOLDER [MORE OPTIONS...]
#
# DATA_FOLDER holds tweeteval/ (TweetEval sentiment: train and validation) and
# teacher/soft_labels.tsv.gz (a teacher's probabilities). Takes four minutes of CPU.
# Tweets may not be redistributed, so the data is not part of the project.
set -euo pipefail

train=$1
data=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)

about="The labelled posts are TweetEval's sentiment task (SemEval-2017 task 4 A, tweets of 2013 to \
2016). The texts with a teacher's probabilities are those, Sentiment140, the texts of TweetEval's \
other tasks, SentiStrength, Sanders and further public collections of English tweets, and fragments \
of 2 to 10 words cut from them, which count half. The teacher is a sentence encoder of 22 million \
parameters (all-MiniLM-L6-v2, Apache-2.0), fine-tuned on the labelled posts, with a linear model \
beside it. No tweet is part of the model or of this project. The lexicon is VADER's (MIT) with emoji rated by the project. \
Made by train-en.sh beside this card, which makes both again, byte for byte, from \
the same data (data.sha256)."

"$train" sentiment --language en --name en --seed 1 \
  --texts "$data/tweeteval/train_text.reconstructed.txt" \
  --labels "$data/tweeteval/train_labels.reconstructed.txt" \
  --epochs 4 --runs 3 --calibration temperature --soft "$data/teacher/soft_labels.tsv.gz" --soft-weight fragment=0.5 --emoji-texts 40000 \
  --held-out-texts "$data/tweeteval/val_text.txt" \
  --held-out-labels "$data/tweeteval/val_labels.txt" \
  --model "$here/en.model" --card "$here/en.md" --date 2026-11-28 --about "$about" "$@"
