#!/usr/bin/env python3
"""What hashtag-window measures: each metric that a person watches is there, tells the truth, and names no key.

  window_metrics_test.py EXECUTABLES
"""
import json
import re
import signal
import time
import urllib.request
from pathlib import Path

from faults_test import readiness, require
from harness import cases_of, run_test, say
from windows_test import has_read

WINDOWS = ["1m/10s", "5m/30s"]
DIMENSIONS = ["hashtag", "lang", "cell4"]
PARTITIONS = 6
LATE = 0.05
# Bounds that the simulator's hashtags exceed.
OPTIONS = ["--windows", ",".join(WINDOWS), "--dimensions", ",".join(DIMENSIONS), "--top-k", "1000", "--idle-ms", "0",
           "--pane-keys-max", "8", "--key-bytes-max", "8", "--admin-listen", "127.0.0.1:0"]
FEED = ["--source", "simulator", "--sim-posts", "4000", "--sim-rate", "10", "--rate", "1000",
        "--sim-late-share", str(LATE)]
SAMPLE = re.compile(r"^(rookery_\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


def scrape(service):
    """{name: [(labels, value)]}"""
    address = re.findall(r"admin=([\d.]+:\d+)", Path(service.log).read_text())[-1]
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = {}
    for name, labels, value in SAMPLE.findall(text):
        found.setdefault(name, []).append((dict(re.findall(r'(\w+)="([^"]*)"', labels)), float(value)))
    return found


def by(metrics, name, label):
    require(name in metrics, f"there is no {name}")
    return {labels[label]: value for labels, value in metrics[name]}


def newest_by_partition(posts):
    """Seconds since 1970 of the newest post of each partition."""
    newest = {}
    for record in posts:
        if record.value is not None:
            at = seconds_of(json.loads(record.value)["created_at"])
            newest[record.partition] = max(newest.get(record.partition, 0), at)
    return newest


def seconds_of(text):
    whole, _, fraction = text.rstrip("Z").partition(".")
    return time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) - time.timezone + float(f"0.{fraction or 0}")


def check_windows(ring, metrics):
    trends = [json.loads(r.value) for r in ring.read("trends")]
    require(by(metrics, "rookery_windows_open", "window").keys() == set(WINDOWS), "windows_open lacks a window")
    require(all(n > 0 for n in by(metrics, "rookery_windows_open", "window").values()), "no window is open")
    emitted = by(metrics, "rookery_windows_emitted_total", "window")
    for window in WINDOWS:
        count = sum(t["window"] == window for t in trends)
        require(0 < emitted.get(window, 0) <= count, f"{emitted} rankings, and {count} of {window} in trends")
    return trends


def check_watermarks(ring, metrics):
    newest = newest_by_partition(ring.read("processed_tweets"))
    marks = by(metrics, "rookery_watermark_timestamp_seconds", "partition")
    lags = by(metrics, "rookery_watermark_lag_seconds", "partition")
    require(len(marks) == len(lags) == PARTITIONS, f"watermarks of {sorted(marks)}, lags of {sorted(lags)}")
    for partition, mark in marks.items():
        behind = newest[int(partition)] - mark
        # The lateness of 90 s, rounded up to panes of 10 s.
        require(90 <= behind <= 110, f"partition {partition}: the watermark lies {behind} s behind the newest post")
        require(abs(time.time() - mark - lags[partition]) < 120, f"partition {partition}: a lag of {lags[partition]} s")


def check_bounds_and_state(ring, metrics, killed):
    # Counted since the start of this process alone.
    late = by(metrics, "rookery_late_records_total", "stage")["hashtag-window-partial"]
    require(0 < late <= ring.count("late_tweets"), f"{late} late posts, {ring.count('late_tweets')} in the topic")
    keys = by(metrics, "rookery_live_keys", "dimension")
    require(all(keys.get(d, 0) > 0 for d in DIMENSIONS), f"live keys: {keys}")
    for name in ("rookery_dropped_keys_total", "rookery_left_out_keys_total"):
        require(by(metrics, name, "dimension")["hashtag"] > 0, f"{name} counted nothing")
    state = by(metrics, "rookery_state_bytes", "stage")
    require(all(state.get(f"hashtag-window-{s}", 0) > 1000 for s in ("partial", "merge")), f"state bytes: {state}")
    seconds = by(metrics, "rookery_restore_duration_seconds", "stage")["hashtag-window-merge"]
    require(0 < seconds < killed, f"a restore took {seconds} s")
    offsets = by(metrics, "rookery_restore_offsets", "stage")["hashtag-window-merge"]
    done = by(metrics, "rookery_restore_offsets_done", "stage")["hashtag-window-merge"]
    require(0 < done == offsets, f"{done} of {offsets} offsets of a restore")
    require(by(metrics, "rookery_restore_bytes_done", "stage")["hashtag-window-merge"] > 0, "a restore read no bytes")


def check_labels(metrics, trends):
    """What somebody wrote is in no label."""
    labels = {value for samples in metrics.values() for labels, _ in samples for value in labels.values()}
    written = {text.lower() for t in trends if t["dimension"] in ("hashtag", "cell4") for entry in t["top"]
               for text in (entry["key"], entry.get("spelling", entry["key"]))}
    require(len(written) > 10, f"trends have {len(written)} keys alone")
    require(not written & {value.lower() for value in labels}, f"labels: {written & labels}")


# ---- cases: each with a broker of its own

def metrics_of_windows(ring):
    ring.start_broker()
    ring.supervisor.start("ingest", *FEED)
    ring.supervisor.start("geo-enrich")
    ring.supervisor.start("sentiment-scoring")
    windows = ring.supervisor.start("hashtag-window", *OPTIONS)
    ring.wait("late posts and trends", 60, lambda: ring.count("trends") > 20 and ring.count("late_tweets") > 5)
    began = time.monotonic()
    starts = windows.starts
    windows.signal(signal.SIGKILL)
    ring.wait("it is back", 60, lambda: windows.starts > starts and readiness(windows)[0] == 200)
    killed = time.monotonic() - began
    ring.wait("ingest ends", 60, lambda: not ring.supervisor.running("ingest"))
    for group, topic in (("geo-enrich", "raw_tweets"), ("sentiment-scoring", "enriched_tweets"),
                         ("hashtag-window-partial", "processed_tweets")):
        ring.wait(f"{group} has read all", 60, lambda g=group, t=topic: has_read(ring, g, t), pause=0.3)

    def settled():
        """The loops measure once a second: two scrapes further apart that are alike."""
        before = scrape(windows)
        until = time.monotonic() + 2.5
        ring.wait("another measurement", 10, lambda: time.monotonic() > until)
        after = scrape(windows)
        stable = ("rookery_windows_emitted_total", "rookery_watermark_timestamp_seconds", "rookery_live_keys")
        return after if all(before.get(n) == after.get(n) for n in stable) else None

    metrics = ring.wait("the measurements settle", 60, settled)
    trends = check_windows(ring, metrics)
    check_watermarks(ring, metrics)
    check_bounds_and_state(ring, metrics, killed)
    check_labels(metrics, trends)
    say(f"{sum(map(len, metrics.values()))} values of {len(metrics)} metrics")
    ring.stop_services()


CASES = [metrics_of_windows]


if __name__ == "__main__":
    run_test(cases_of(CASES), limit_seconds=220)
