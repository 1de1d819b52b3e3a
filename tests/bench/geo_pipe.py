#!/usr/bin/env python3
"""What geo-enrich costs without a broker, by what a post tells of its place: see README.md here.

Writes files of posts that differ in this alone, runs geo-enrich and copy-through over each with --pipe
by turns, and prints a Markdown table of medians. CPU time is that of the process from its start on, the
opening of the gazetteer included.
"""
import argparse
import json
import multiprocessing
import os
import random
import statistics
import subprocess
import tempfile
from pathlib import Path

from chain import ROOT, fail, machine

DATA = ROOT / "services/geo-enrich/data"
GOALS = {"a point each": 200_000, "profiles, all different": 100_000}  # Posts a CPU second.
RSS_MB_MAX = 60
# Of a city, its country, and another city: what stands in profiles.
FORMS = ("{0}", "{0}, {1}", "{0}, {1}", "{0} {1}", "{0} ✈ {2}", "living in {0}", "{0} | she/her",
         "somewhere near {0}", "{0} - {2}", "📍{0}", "not {0} anymore", "{0} born, {2} raised",
         "the {0} of my heart", "home sweet home {3}", "page {3} of the book")


def rows(pattern):
    for path in sorted(DATA.glob(pattern)):
        for line in path.read_text().splitlines():
            if not line.startswith("#"):
                yield line.split("\t")


def profiles(cities, dice):
    """Endless, none twice."""
    countries = dict(rows("countries.tsv"))
    seen = set()
    while True:
        city, other = dice.choice(cities), dice.choice(cities)
        text = dice.choice(FORMS).format(city[1], countries[city[5]], other[1], dice.randrange(10**6))
        text = dice.choice((str, str, str.lower, str.upper))(text)
        if text not in seen:
            seen.add(text)
            yield text


def write_posts(path, count, tell):
    with path.open("w") as out:
        for i in range(count):
            post = {"id": str(10**18 + i * 4096), "text": f"post {i * 7919} of the usual length, with a #tag and an "
                    "address in it https://t.co/abcdefghij", "created_at": "2026-11-21T10:00:00Z", "lang": "en",
                    "author": {"id": str(900_000 + i % 5000), "username": f"someone{i % 5000}", "name": "Some One",
                               "followers_count": i % 977},
                    "entities": {"hashtags": [{"start": 44, "end": 48, "tag": "tag"}]},
                    "public_metrics": {"retweet_count": i % 7, "like_count": i % 61}}
            tell(post)
            out.write(json.dumps(post, ensure_ascii=False, separators=(",", ":")) + "\n")


def file_paths(folder):
    return {"no place": folder / "nothing.jsonl", "a point each": folder / "points.jsonl",
            "profiles, all different": folder / "profiles.jsonl"}


def make_files(folder, count):
    dice = random.Random(7)
    cities = list(rows("cities_*.tsv"))
    names = profiles(cities, dice)

    def point(post):
        city = dice.choice(cities)
        post["coordinates"] = {"lat": round(max(-90, min(90, float(city[2]) + dice.gauss(0, 0.2))), 6),
                               "lon": round(max(-180, min(180, float(city[3]) + dice.gauss(0, 0.2))), 6)}

    def profile(post):
        post["author"]["location"] = next(names)

    for path, tell in zip(file_paths(folder).values(), (lambda post: None, point, profile)):
        write_posts(path, count, tell)


def run(program, path, count):
    """(CPU seconds, MB at most)."""
    with path.open() as source:
        process = subprocess.Popen([program, "--pipe"], stdin=source, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
    told = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0 or b'"reason"' in told:
        fail(f"{program} left with {process.returncode} after {count} posts: {told[-2000:].decode()}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure(options, folder):
    programs = {"geo-enrich": options.bin / "geo-enrich",
                "copy-through": options.bin.parent / "tools/copy-through"}
    for program in programs.values():
        if not program.exists():
            fail(f"no {program}; build the release preset first")
    lines = [f"Machine: {machine()}", f"{options.posts:,} posts a file, medians of {options.rounds}", "",
             "| Posts with | posts per CPU second | of copy-through | CPU µs per post | RSS MB |",
             "| --- | ---: | ---: | ---: | ---: |"]
    # In a process of its own: what a process held before it became another program counts as its own.
    maker = multiprocessing.Process(target=make_files, args=(folder, options.posts))
    maker.start()
    maker.join()
    if maker.exitcode != 0:
        fail("the posts could not be written")
    for label, path in file_paths(folder).items():
        runs = {name: [] for name in programs}
        for _ in range(options.rounds):
            for name, program in programs.items():
                runs[name].append(run(program, path, options.posts))
        seconds = {name: statistics.median(cpu for cpu, _ in got) for name, got in runs.items()}
        rate = options.posts / seconds["geo-enrich"]
        rss = max(mb for _, mb in runs["geo-enrich"])
        missed = " ✗" if rate < GOALS.get(label, 0) else ""
        lines.append(f"| {label} | {rate:,.0f}{missed} | {seconds['copy-through'] / seconds['geo-enrich']:.2f} "
                     f"| {1e6 / rate:.2f} | {rss:.0f}{' ✗' if rss > RSS_MB_MAX else ''} |")
    goals = ", ".join(f"{label} ≥ {rate:,}" for label, rate in GOALS.items())
    return "\n".join(lines + ["", f"Goals: {goals}; RSS ≤ {RSS_MB_MAX} MB. ✗: missed."])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=ROOT / "build/release/bin", help="the services' folder")
    parser.add_argument("--posts", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rookery-bench-") as folder:
        print(measure(options, Path(folder)))


if __name__ == "__main__":
    main()
