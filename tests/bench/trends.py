#!/usr/bin/env python3
"""Whether the trend score tells bursts early, on posts of one's own: see README.md here.

    tests/bench/trends.py --windows 5m/1m posts.jsonl.gz
    tests/bench/trends.py --windows 24h/1h posts.csv --ingest csv-columns=id=ID,created_at=TIME,author_id=USER,text=TEXT

Sends the files, in the order of their posts' times, through the programs with --pipe, and follows each
key through the final rankings. A key *enters* when it is among the first ten, was not within one
length of the window before, and has --authors distinct authors within one after: where little is written, chance
alone fills the first ten. It is *flagged* when its state is "new" or "rising" with a score of three or
more; flags less than a length apart are one alarm. An alarm is good when the key is among the first ten
no later than a length after its begin, and *useful* when it was not yet there when it began. The same is
done with plain counts, an alarm being to come among the first M, with the M that gives about as many.
"""
import argparse
import bisect
import collections
import dataclasses
import datetime
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

from chain import ROOT, fail

FLAGS = ("new", "rising")
STAGES = ("ingest", "geo-enrich", "sentiment-scoring", "hashtag-window")


def options_of(settings):
    """NAME=VALUE as --NAME VALUE."""
    for setting in settings:
        name, _, value = setting.partition("=")
        yield from (f"--{name}", value)


def run_pipe(options, rankings):
    """Writes the rankings of all posts to the file `rankings`."""
    files = ["--file", ",".join(map(str, options.files))] if options.files else ["--source", "simulator"]
    commands = [["ingest", "--pipe", *files, *options_of(options.ingest)]]
    commands += [[stage, "--pipe"] for stage in options.stages]
    commands += [["hashtag-window", "--pipe", "--windows", ",".join(options.windows),
                  "--dimensions", ",".join(options.dimensions), "--top-k", str(options.top_k),
                  *options_of(options.set)]]
    running, source = [], subprocess.DEVNULL
    with tempfile.TemporaryDirectory(prefix="rookery-bench-") as folder, rankings.open("wb") as end:
        for i, (name, *rest) in enumerate(commands):
            last = i + 1 == len(commands)
            program = options.bin / name
            if not program.exists():
                fail(f"no {program}; build the release preset first")
            process = subprocess.Popen([program, *rest, "--dead-letters", f"{folder}/{i}"], stdin=source,
                                       stdout=end if last else subprocess.PIPE)
            if i > 0:
                source.close()
            source = process.stdout
            running.append(process)
        for (name, *_), process in zip(commands, running):
            if process.wait() != 0:
                fail(f"{name} left with {process.returncode}")
        return {name: sum(1 for _ in Path(f"{folder}/{i}").open("rb")) for i, (name, *_) in enumerate(commands)}


def time_of(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


class Key:
    """What one key did: the ends of the windows in which it was among the first, or flagged."""

    def __init__(self):
        self.places = []  # (end, place, authors)
        self.flags = []   # end


def episodes(ends, length):
    """The begins of what is never away for as long as a window."""
    last = None
    for end in ends:
        if last is None or end - last > length:
            yield end
        last = end


@dataclasses.dataclass
class Judgement:
    leads: list = dataclasses.field(default_factory=list)  # Of the entries: as Series.lead().
    alarms: int = 0
    early: int = 0   # Alarms of keys that were not there yet, and then were;
    missed: int = 0  # of such as were not there after them.


class Series:
    """The rankings of one window and dimension, in the order of time."""

    def __init__(self, options, trend):
        self.options = options
        self.keys = collections.defaultdict(Key)
        self.begin = self.end = time_of(trend["end"])
        self.length = self.end - time_of(trend["start"])
        self.since = self.begin + options.warm_up * self.length
        self.rankings = self.entries = 0

    def add(self, trend):
        end = time_of(trend["end"])
        self.end = end
        self.rankings += 1
        for place, entry in enumerate(trend["top"], 1):
            key = self.keys[entry["key"]]
            key.places.append((end, place, entry["authors"]))
            if entry.get("state") in FLAGS and entry["score"] >= self.options.score and end >= self.since:
                key.flags.append(end)
            self.entries += 1

    def entries_of(self, key):
        """The ends at which it enters."""
        top = [end for end, place, _ in key.places if place <= self.options.first]
        for entry in episodes(top, self.length):
            if any(entry <= end <= entry + self.length and authors >= self.options.authors
                   for end, place, authors in key.places if place <= self.options.first):
                yield entry

    def lead(self, entry, begins):
        """How long before an entry its first alarm was; negative: after; absent: never."""
        near = [begin for begin in begins if entry - self.length <= begin <= entry + self.length]
        return entry - near[0] if near else None

    def judge(self, alarms):
        """`alarms` gives the begins of a key's alarms."""
        got = Judgement()
        for key in self.keys.values():
            top = [end for end, place, _ in key.places if place <= self.options.first]
            begins = list(alarms(key))
            got.leads += [self.lead(entry, begins) for entry in self.entries_of(key) if entry >= self.since]
            for begin in (b for b in begins if b >= self.since):
                reached = any(begin <= end <= begin + self.length for end in top)
                there = any(begin - self.length <= end <= begin for end in top)
                got.alarms += 1
                got.early += reached and not there
                got.missed += not reached
        return got

    @staticmethod
    def daily(key, day=86400, hour=3600):
        """The flags of a key that had one a day before, give or take an hour."""
        for end in key.flags:
            at = bisect.bisect_left(key.flags, end - day - hour)
            if key.flags[at] <= end - day + hour:
                yield end

    def by_score(self, key):
        return episodes(key.flags, self.length)

    def by_place(self, most):
        return lambda key: episodes([end for end, place, _ in key.places if place <= most], self.length)


def span(seconds):
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def row(label, got):
    before = [lead for lead in got.leads if lead is not None and lead > 0]
    after = sum(1 for lead in got.leads if lead is not None and lead <= 0)
    median = span(statistics.median(before)) if before else "-"
    missed = f"{100 * got.missed / got.alarms:.0f} %" if got.alarms else "-"
    return (f"| {label} | {len(got.leads)} | {len(before)} | {median} | {after} | {got.alarms} | {got.early} "
            f"| {missed} |")


def report(which, series):
    window, dimension = which
    first, top_k = series.options.first, series.options.top_k
    score = series.judge(series.by_score)
    plain = [(series.judge(series.by_place(most)), most) for most in range(first + 1, top_k + 1)]
    nearest, most = min(plain, key=lambda p: abs(p[0].alarms - score.alarms))
    flagged = sum(len(key.flags) for key in series.keys.values())
    daily = sum(1 for key in series.keys.values() for _ in series.daily(key))
    lines = [f"{dimension} {window}: {series.rankings:,} rankings over {span(series.end - series.begin)}, "
             f"{series.entries:,} keys ranked, {len(series.keys):,} different; {flagged:,} flagged, {daily} of them "
             "at that hour of the day before too", "", f"| alarm | entries to the first {first} | told before | median lead | told then or after | alarms "
             "| before the key was there | never got there |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
             row(f"score of {series.options.score:g}", score), row(f"among the first {most} by count", nearest)]
    return "\n".join(lines)


def examples(series):
    """Each entry, and when it was told."""
    rows = []
    for name, key in series.keys.items():
        for entry in series.entries_of(key):
            lead = series.lead(entry, list(series.by_score(key)))
            told = "never" if lead is None else f"{span(abs(lead))} {'before' if lead > 0 else 'after'}"
            rows.append((entry, name, told))
    return "\n".join(f"{datetime.datetime.fromtimestamp(entry, datetime.timezone.utc):%F %T} {name}: {told}"
                     for entry, name, told in sorted(rows) if entry >= series.since)


def measure(options, folder):
    rankings = folder / "trends.jsonl"
    dead = run_pipe(options, rankings)
    print("dead letters: " + ", ".join(f"{name} {n}" for name, n in dead.items()))
    series = {}
    with rankings.open() as lines:
        for trend in map(json.loads, lines):
            which = trend["window"], trend["dimension"]
            if which not in series:
                series[which] = Series(options, trend)
            series[which].add(trend)
    for which, found in series.items():
        print("\n" + report(which, found))
        if options.examples:
            print("\n" + examples(found))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="*", help="posts, in any form that ingest reads; none: the simulator's")
    parser.add_argument("--bin", type=Path, default=ROOT / "build/release/bin", help="the services' folder")
    parser.add_argument("--windows", type=lambda text: text.split(","), default=["5m/1m"])
    parser.add_argument("--dimensions", type=lambda text: text.split(","), default=["hashtag"])
    parser.add_argument("--stages", type=lambda text: [s for s in text.split(",") if s], default=[],
                        help="between ingest and hashtag-window: geo-enrich,sentiment-scoring")
    parser.add_argument("--top-k", type=int, default=50, help="keys in each ranking: others are not scored")
    parser.add_argument("--first", type=int, default=10, help="what counts as being at the top")
    parser.add_argument("--authors", type=int, default=10, help="who must write a key that enters, in a window")
    parser.add_argument("--score", type=float, default=3, help="deviations of a flag")
    parser.add_argument("--warm-up", type=int, default=2, help="lengths of the window after the first one that do not count")
    parser.add_argument("--ingest", action="append", default=[], metavar="NAME=VALUE", help="an option of ingest")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="one of hashtag-window")
    parser.add_argument("--examples", action="store_true", help="print each key that enters, and its lead")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rookery-bench-") as folder:
        measure(options, Path(folder))


if __name__ == "__main__":
    main()
