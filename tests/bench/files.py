#!/usr/bin/env python3
"""How many posts of each format ingest reads from a file per CPU second: tests/bench/files.py BIN [--posts N]

Plain files, through --pipe to /dev/null: reading, parsing and writing, without a broker. Real posts where
../shared/data is, else the fixtures; repeated until there are enough. Prints one line of JSON a format.
A line may hold many posts (pages) or none (deletions, and most events of Jetstream).
"""

import argparse
import bz2
import csv
import io
import json
import pathlib
import resource
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/live"))
from harness import environment  # noqa: E402  (the line above makes it findable)

TWEETS = ROOT.parent / "shared/data/tweets"
FIXTURES = ROOT / "tests/fixtures"
BYTES_MAX = 256 << 20


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("--posts", type=int, default=100_000)
    return parser.parse_args()


def real(name, fixture=None):
    path = TWEETS / name
    if path.exists():
        data = path.read_bytes()
        return bz2.decompress(data) if name.endswith("bz2") else data
    return fixture.read_bytes() if fixture else None


def rows():
    """As Sentiment140, which has no header."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for number in range(2000):
        writer.writerow([4, 1467810000 + number, "Mon Apr 06 22:19:45 PDT 2009", "NO_QUERY",
                         f"user{number}", f"is upset that he can't update, \"number\" {number} "
                         "http://twitpic.com/2y1zl #sad @friend - and might cry as a result"])
    return text.getvalue().encode()


def formats():
    sample = FIXTURES / "sample/sample.v2.jsonl"
    return {
        "v1.1 (2013)": ("v1", real("stream_2013/00.json.bz2")),
        "v1.1 (2017)": ("v1", real("stream_2017/00.json.bz2")),
        "v2 stream": ("v2", sample.read_bytes()),
        "v2 flattened": ("v2", real("twarc_csv_v2/flat.jsonl", sample)),
        "v2 pages": ("v2", real("twarc_csv_v2/noflat.jsonl", sample)),
        "csv": ("csv", rows()),
        "jetstream": ("jetstream", (FIXTURES / "jetstream/events_v1.jsonl").read_bytes()),
    }


def measure(options, folder, form, data):
    """Records, lines, CPU seconds and peak memory of one run over at least so many posts."""
    file = folder / f"posts.{'csv' if form == 'csv' else 'jsonl'}"
    command = [str(options.bin / "ingest"), "--pipe", "--file-format", form, "--file", str(file),
               "--dead-letters", str(folder / "dead")]

    def run(times, output):
        with open(file, "wb") as out:
            for _ in range(times):
                out.write(data if data.endswith(b"\n") else data + b"\n")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, env=environment(), stdin=subprocess.DEVNULL, stdout=output,
                              stderr=subprocess.PIPE, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            sys.exit(done.stderr.decode(errors="replace"))
        return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done)

    _, once = run(1, subprocess.PIPE)
    posts = sum(1 for line in once.stdout.splitlines() if b'"text"' in line)
    times = max(1, min(-(-options.posts // posts), BYTES_MAX // len(data)))
    seconds, _ = run(times, subprocess.DEVNULL)
    lines = data.count(b"\n")
    return {"posts": posts * times, "bytes_a_post": round(len(data) / posts),
            "cpu_s": round(seconds, 2), "posts_per_cpu_second": round(posts * times / seconds),
            "lines_per_cpu_second": round(lines * times / seconds),
            "mib_per_cpu_second": round(len(data) * times / seconds / (1 << 20))}


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        for name, (form, data) in formats().items():
            if data is None:
                print(json.dumps({"format": name, "skipped": "the real posts are not here"}))
                continue
            print(json.dumps({"format": name, **measure(options, pathlib.Path(folder), form, data)}),
                  flush=True)


if __name__ == "__main__":
    main()
