"""The pure part of scripts/train-teacher: posts, labels, splits and the format of soft labels.

Labels and columns mean what they mean to `rookery-train sentiment`.
"""

import csv
import dataclasses
import gzip
import io
import json
import math
import os
import random
import re
import unicodedata
import zlib

CLASSES = ("negative", "neutral", "positive")
NEUTRAL = 1  # what two classes leave out
LABEL_FORMS = "negative, neutral, positive, or 0, 1, 2"
HEADER = ("source", "neg", "neu", "pos", "text")
FRAGMENT_WORDS = (2, 10)


class Malformed(Exception):
    """A file is not as it should be: exit status 78."""

    def __init__(self, path, line, expected, got):
        where = f", line {line}" if line else ""
        super().__init__(f'file "{path}"{where}: expected {expected}, got "{str(got)[:64]}"')


@dataclasses.dataclass(frozen=True)
class Post:
    text: str
    label: int  # index in CLASSES


def lines(path):
    """(number, line) of a file, which may be gzip."""
    number = 0
    try:
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield number, line.decode("utf-8").rstrip("\r\n")
                except UnicodeDecodeError:
                    raise Malformed(path, number, "UTF-8", repr(line)) from None
    except (OSError, EOFError, zlib.error) as error:
        raise Malformed(path, number + 1, "a readable file", error) from None


def _kind(path, kinds):
    name = path.removesuffix(".gz")
    for kind in kinds:
        if name.endswith(kind):
            return kind
    raise Malformed(path, 0, f"a name in {', '.join(kinds)}, perhaps with .gz", path)


def _csv_rows(path):
    """Records of RFC 4180, which may take several lines, with the number of their last line."""
    number = 0

    def numbered():
        nonlocal number
        for number, line in lines(path):
            yield line + "\n"

    try:
        for fields in csv.reader(numbered(), strict=True):
            yield number, fields
    except csv.Error as error:
        raise Malformed(path, number, "CSV of RFC 4180", error) from None


def _tsv_rows(path):
    for number, line in lines(path):
        yield number, line.split("\t")


def _table(path, rows, names):
    header = next(rows, (1, [""]))[1]
    for name in names:
        if name not in header:
            raise Malformed(path, 1, f'a column "{name}"', " ".join(header))
    at = [header.index(name) for name in names]
    for number, fields in rows:
        if len(fields) <= max(at):
            raise Malformed(path, number, "more columns", " ".join(fields))
        yield number, [fields[index] for index in at]


def _json_rows(path, names):
    for number, line in lines(path):
        try:
            post = json.loads(line)
        except ValueError:
            post = None
        if not isinstance(post, dict) or not all(name in post for name in names):
            raise Malformed(path, number, f"an object with {' and '.join(names)}", line)
        if not isinstance(post[names[0]], str):
            raise Malformed(path, number, f"a text in {names[0]}", post[names[0]])
        yield number, [str(post[name]) for name in names]


def _rows(path, kind, names):
    if kind == ".jsonl":
        return _json_rows(path, names)
    return _table(path, _csv_rows(path) if kind == ".csv" else _tsv_rows(path), names)


def _meaning(label, highest, classes):
    """The class of a label, or None; what a number means depends on the file's highest one."""
    if label in CLASSES:
        return CLASSES.index(label)
    if highest == "4":
        return {"0": 0, "2": 1, "4": 2}.get(label)
    return 2 if classes == 2 and highest == "1" and label == "1" else int(label)


def read_labelled(path, text="text", label="label", classes=3):
    """The posts of a .csv, .tsv or .jsonl file; of equal texts the first one counts.

    With two classes those that are neutral are left out, and 0, 1 are negative and positive."""
    rows = []
    for number, (words, name) in _rows(path, _kind(path, (".csv", ".tsv", ".jsonl")), (text, label)):
        if name not in CLASSES and name not in ("0", "1", "2", "4"):
            raise Malformed(path, number, LABEL_FORMS, name)
        rows.append((number, words, name))
    highest = max((name for _, _, name in rows if name.isdigit()), default="0")
    posts = {}
    for number, words, name in rows:
        meaning = _meaning(name, highest, classes)
        if meaning is None:
            raise Malformed(path, number, "0, 2 or 4 in a file with a 4", name)
        if classes == 3 or meaning != NEUTRAL:
            posts.setdefault(words, Post(words, meaning))
    missing = [name for index, name in enumerate(CLASSES)
               if (classes == 3 or index != NEUTRAL)
               and sum(post.label == index for post in posts.values()) < 2]
    if missing:
        raise Malformed(path, 0, "at least two texts of each class", f"too few {missing[0]}")
    return list(posts.values())


def read_unlabelled(path, text="text"):
    """The distinct texts of a .txt file (one a line), .csv, .tsv or .jsonl, in their order."""
    kind = _kind(path, (".txt", ".csv", ".tsv", ".jsonl"))
    texts = (line for _, line in lines(path)) if kind == ".txt" else (
        fields[0] for _, fields in _rows(path, kind, (text,)))
    found = list(dict.fromkeys(words for words in texts if words.strip()))
    if not found:
        raise Malformed(path, 0, "at least one text", "")
    return found


def split(posts, share, seed):
    """(to learn from, held out): `share` of each class is held out, at least one of each."""
    draw = random.Random(seed)
    held = set()
    for label in range(len(CLASSES)):
        of_class = [index for index, post in enumerate(posts) if post.label == label]
        if of_class:
            held.update(draw.sample(of_class, min(max(1, round(share * len(of_class))),
                                                  len(of_class) - 1)))
    return ([post for index, post in enumerate(posts) if index not in held],
            [post for index, post in enumerate(posts) if index in held])


def fragments(texts, count, seed):
    """At most `count` distinct runs of 2 to 10 words that are not whole texts."""
    draw = random.Random(seed)
    long = [words for words in map(str.split, texts) if len(words) > FRAGMENT_WORDS[0]]
    found = {}
    for _ in range(count if long else 0):
        words = draw.choice(long)
        size = draw.randint(FRAGMENT_WORDS[0], min(FRAGMENT_WORDS[1], len(words) - 1))
        begin = draw.randint(0, len(words) - size)
        found[" ".join(words[begin:begin + size])] = True
    return list(found)


def plain(text):
    """What the teacher reads: users and links masked, symbols by their Unicode names."""
    text = re.sub(r"https?://\S+", "http", re.sub(r"@\w+", "@user", text))
    return "".join(f" {unicodedata.name(c, '').lower()} " if unicodedata.category(c) == "So" else c
                   for c in text)


def batches(sizes, budget, draw=None):
    """Groups of indices, alike in size, whose padded sizes stay within `budget` (or of one).

    With a random.Random the groups come in a drawn order; without one the longest come first.
    """
    order = list(range(len(sizes)))
    if draw:
        draw.shuffle(order)
    order.sort(key=lambda index: -sizes[index])
    groups, group = [], []
    for index in order:
        if group and sizes[group[0]] * (len(group) + 1) > budget:
            groups.append(group)
            group = []
        group.append(index)
    if group:
        groups.append(group)
    if draw:
        draw.shuffle(groups)
    return groups


def probabilities(logits, temperature=1.0):
    """The softmax of one row."""
    top = max(logits)
    powers = [math.exp((logit - top) / temperature) for logit in logits]
    return [power / sum(powers) for power in powers]


def cross_entropy(rows, labels, temperature=1.0):
    """Mean over the rows, in nats."""
    return -sum(math.log(max(probabilities(row, temperature)[label], 1e-12))
                for row, label in zip(rows, labels)) / len(labels)


def fit_temperature(rows, labels):
    """The temperature of least cross-entropy from 0.25 to 8, by golden-section search."""
    low, high = math.log(0.25), math.log(8)
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(30):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if cross_entropy(rows, labels, math.exp(left)) < cross_entropy(rows, labels,
                                                                       math.exp(right)):
            high = right
        else:
            low = left
    return math.exp((low + high) / 2)


def without_prior(rows, labels):
    """Logits less the logarithms of the shares that the classes have in `labels`."""
    priors = [math.log(max(labels.count(label), 1) / len(labels)) for label in range(len(CLASSES))]
    return [[logit - prior for logit, prior in zip(row, priors)] for row in rows]


def macro_recall(rows, labels):
    """The mean over the classes in `labels` of the share that the largest logit gets right."""
    recalls = []
    for label in sorted(set(labels)):
        guesses = [max(range(len(row)), key=row.__getitem__)
                   for row, truth in zip(rows, labels) if truth == label]
        recalls.append(guesses.count(label) / len(guesses))
    return sum(recalls) / len(recalls)


def soft_line(source, shares, text):
    """One row. A text's tabs and line ends become spaces: the format knows no quotes."""
    return "\t".join([source, *(f"{share:.4f}" for share in shares),
                      re.sub(r"[\t\r\n]", " ", text)])


def write_soft(path, rows):
    """Writes (source, probabilities, text) rows; the file appears whole, and the same rows give
    the same bytes."""
    part = path + ".part"
    with open(part, "wb") as file:
        packed = gzip.GzipFile("", "wb", 6, file, mtime=0) if path.endswith(".gz") else None
        with io.TextIOWrapper(packed or file, encoding="utf-8", newline="\n") as out:
            out.write("\t".join(HEADER) + "\n")
            for row in rows:
                out.write(soft_line(*row) + "\n")
    os.replace(part, path)
