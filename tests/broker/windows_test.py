#!/usr/bin/env python3
"""What hashtag-window does beside the other stages of the chain.

  windows_test.py EXECUTABLES [NAME...]     only the cases with these names
"""
import time

import checks
import oracle
from faults_test import readiness, require
from harness import Ring, run_test, say

WINDOWS = ["1m/10s"]
IDLE_SECONDS = 1.5
# At the first silence all windows close: whatever comes later is late.
WINDOW_OPTIONS = ["--windows", ",".join(WINDOWS), "--idle-ms", f"{IDLE_SECONDS * 1000:.0f}",
                  "--idle-policy", "jump"]


def has_read(ring, group, topic):
    """Markers lie behind the last records, so no lag is asked for."""
    last = {r.partition: r.offset for r in ring.read(topic)}
    committed = ring.committed(group)
    return all(committed.get(p, 0) > offset for p, offset in last.items())


def seconds_later(seconds):
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def trends_of_the_log(ring, options):
    return checks.windows_of(ring.read("processed_tweets"), options)


def stop_an_earlier_stage(ring, environment):
    """sentiment-scoring stands still for several times what counts as silence, with a backlog.
    The violations, and whether /readyz named the reason."""
    ring.start_broker()
    ring.supervisor.start("ingest", "--source", "simulator", "--sim-posts", "4000", "--rate", "400")
    ring.supervisor.start("geo-enrich")
    ring.supervisor.start("sentiment-scoring")
    windows = ring.supervisor.start("hashtag-window", *WINDOW_OPTIONS, "--admin-listen",
                                    "127.0.0.1:0", environment=environment)
    ring.wait("the first partials", 40, lambda: ring.count("window_partials"))
    ring.stop_services("sentiment-scoring")
    held = False

    def looks(until=seconds_later(4 * IDLE_SECONDS)):
        nonlocal held
        held = held or "sentiment-scoring has yet to read enriched_tweets" in readiness(windows)[1]
        return until()

    ring.wait("the backlog grows", 30, looks)
    require(ring.count("enriched_tweets") > ring.count("processed_tweets") + 500, "no backlog grew")
    ring.supervisor.start("sentiment-scoring")
    ring.wait("ingest ends", 60, lambda: not ring.supervisor.running("ingest"))
    for group, topic in (("geo-enrich", "raw_tweets"), ("sentiment-scoring", "enriched_tweets")):
        ring.wait(f"{group} has read all", 60, lambda g=group, t=topic: has_read(ring, g, t), pause=0.5)
    want = trends_of_the_log(ring, oracle.Options(windows=WINDOWS))
    ring.wait_for_count("trends", len(want[0]), 40)
    ring.stop_services()
    return checks.same_windows(ring.read("trends"), ring.read("late_tweets"), want), held


# ---- cases: each with a broker of its own

def backlog_of_an_earlier_stage(ring):
    """It does not look like silence: nothing is late afterwards, and the hold is shown."""
    found, held = stop_an_earlier_stage(ring, {})
    require(not found, "\n".join(found))
    require(held, "/readyz did not say for which stage the windows are held open")


def backlog_without_the_question(ring):
    """The same with the question left out must fail, or the case above proves nothing."""
    found, _ = stop_an_earlier_stage(ring, {"ROOKERY_TEST_MISTAKE": "upstream_not_asked"})
    require(any("late_tweets" in sentence for sentence in found), f"nothing was late: {found}")


CASES = [backlog_of_an_earlier_stage, backlog_without_the_question]


def main(argv):
    executables, *names = argv
    for case in CASES:
        if names and case.__name__ not in names:
            continue
        began = time.monotonic()
        with Ring(executables, start_broker=False) as ring:
            case(ring)
        say(f"{case.__name__}: passed in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    run_test(main, limit_seconds=400)
