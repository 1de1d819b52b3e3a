#!/usr/bin/env python3
"""Makes lexicon.tsv from VADER's two files and emoji.tsv:

    make_lexicon.py vader_lexicon.txt emoji_utf8_lexicon.txt emoji.tsv > lexicon.tsv

A line is a word or emoji, a tab, and its mean valence in tenths (VADER's people
rated -4 to 4). emoji.tsv holds the most frequent emoji in that form, rated by the project; any
other has the sum of its name's words, as VADER scores it, and is left out where
no word of its name is rated.
"""
import sys


def main() -> None:
    words: dict[str, float] = {}
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            word, valence = line.rstrip("\n").split("\t")[:2]
            words[word.lower()] = float(valence)
    tenths = {word: round(valence * 10) for word, valence in words.items()}
    with open(sys.argv[2], encoding="utf-8") as lines:
        for line in lines:
            emoji, name = line.rstrip("\n").split("\t")[:2]
            valence = round(10 * sum(words.get(word.lower(), 0) for word in name.split()))
            if valence and emoji not in tenths:
                tenths[emoji] = max(-60, min(60, valence))
    with open(sys.argv[3], encoding="utf-8") as lines:
        for line in lines:
            emoji, valence = line.rstrip("\n").split("\t")
            for form in (emoji, emoji + "\ufe0f"):
                tenths.pop(form, None)
            tenths[emoji] = int(valence)
    for word in sorted(tenths):
        if tenths[word]:
            print(f"{word}\t{tenths[word]}")


main()
