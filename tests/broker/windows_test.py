#!/usr/bin/env python3
"""What hashtag-window does beside the other stages of the chain.

  windows_test.py EXECUTABLES [NAME...]     only the cases with these names
"""
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import checks
import oracle
from faults_test import readiness, require
from harness import cases_of, run_test, say

WINDOWS = ["1m/10s"]
IDLE_SECONDS = 1.5
# At the first silence all windows close: whatever comes later is late.
IDLE = ["--idle-ms", f"{IDLE_SECONDS * 1000:.0f}", "--idle-policy", "jump"]
WINDOW_OPTIONS = ["--windows", ",".join(WINDOWS), *IDLE]


def has_read(ring, group, topic):
    """Markers lie behind the last records, so no lag is asked for."""
    last = {r.partition: r.offset for r in ring.read(topic)}
    committed = ring.committed(group)
    return all(committed.get(p, 0) > offset for p, offset in last.items())


def seconds_later(seconds):
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def trends_of_the_log(ring, options, marks=()):
    return checks.windows_of(ring.read("processed_tweets"), options, marks)


def finish(ring, windows):
    """Lets all windows close. The violations."""
    ring.wait("ingest ends", 60, lambda: not ring.supervisor.running("ingest"))
    for group, topic in (("geo-enrich", "raw_tweets"), ("sentiment-scoring", "enriched_tweets")):
        ring.wait(f"{group} has read all", 60, lambda g=group, t=topic: has_read(ring, g, t), pause=0.5)
    want = trends_of_the_log(ring, oracle.Options(windows=windows))
    ring.wait_for_count("trends", len(want[0]), 40)
    ring.stop_services()
    return checks.same_windows(ring.read("trends"), ring.read("late_tweets"), want)


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
    return finish(ring, WINDOWS), held


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


EARLY = ["--windows", "1m/10s,5m/1m", "--dimensions", "hashtag,lang,cell4"]


def window_of(trend):
    """All of a ranking that comes before its mark."""
    return trend[:trend.index(b'"final":')]


def report_early(ring, environment):
    """Two instances report open windows too, and one of them is killed. The violations."""
    ring.start_broker()
    ring.supervisor.start("ingest", "--source", "simulator", "--sim-posts", "8000", "--sim-rate", "20",
                          "--rate", "600")
    ring.supervisor.start("geo-enrich")
    ring.supervisor.start("sentiment-scoring")
    windows = [ring.supervisor.start("hashtag-window", *EARLY, *IDLE, "--early-ms", "300", instance=i,
                                     environment=environment) for i in range(2)]
    ring.wait("the first trends", 60, lambda: ring.count("trends"))
    windows[0].signal(signal.SIGKILL)
    ring.wait("ingest ends", 60, lambda: not ring.supervisor.running("ingest"))
    for group, topic in (("geo-enrich", "raw_tweets"), ("sentiment-scoring", "enriched_tweets")):
        ring.wait(f"{group} has read all", 60, lambda g=group, t=topic: has_read(ring, g, t), pause=0.5)
    want = trends_of_the_log(ring, oracle.Options(windows=EARLY[1].split(","), dimensions=EARLY[3].split(",")))
    last = window_of(want[0][-1].encode())
    ring.wait("the last window is final", 60, pause=0.5, condition=lambda: any(
        r.value.startswith(last + b'"final":true') for r in ring.read("trends")))
    ring.stop_services()
    trends = ring.read("trends")
    final = [r for r in trends if b'"final":true' in r.value]
    found = checks.same_windows(final, ring.read("late_tweets"), want)
    closed = {window_of(r.value): r.offset for r in final}
    early = [r for r in trends if b'"final":false' in r.value]
    found += [f"early after the final one: {checks.shorten(r.value)}" for r in early
              if r.offset > closed.get(window_of(r.value), r.offset)]
    seen = {window_of(r.value) for r in early}
    say(f"{len(early)} early results of {len(seen)} windows, {len(final)} final ones")
    return found + ([] if len(seen) > len(closed) // 3 else [f"early results of {len(seen)} windows alone"])


RESCALED = ["--windows", "1m/10s,5m/30s", "--dimensions", "hashtag,lang,cell4"]


def leaves_with(ring, service, status, words):
    ring.supervisor.forget(service)
    ring.wait(f"{service.title} leaves", 60, lambda: service.process.poll() is not None)
    log = Path(service.log).read_text()
    require(service.process.returncode == status, f"status {service.process.returncode}: {log[-2000:]}")
    require(words in log, f"{words!r} is not in {log[-2000:]}")


def refused(ring, words, *arguments):
    """rookeryctl leaves with 78, naming the reason."""
    try:
        ring.rookeryctl("windows", "rescale", *arguments)
    except RuntimeError as problem:
        require("status 78" in str(problem) and words in str(problem), str(problem))
        return
    raise AssertionError(f"rescale {arguments} was not refused")


def start_chain(ring, *options):
    ring.supervisor.start("geo-enrich")
    ring.supervisor.start("sentiment-scoring")
    return ring.supervisor.start("hashtag-window", *RESCALED, *options)


def has_drained(ring):
    stages = [("geo-enrich", "raw_tweets"), ("sentiment-scoring", "enriched_tweets"),
              ("hashtag-window-partial", "processed_tweets")]
    return all(has_read(ring, group, topic) for group, topic in stages)


def rescale_in_mid_stream(ring, partials, sources):
    """ingest stops in the middle; all numbers of partitions change; it goes on. The violations."""
    ring.start_broker()
    feed = ["--source", "simulator", "--sim-posts", "6000", "--rate", "500"]
    ring.supervisor.start("ingest", *feed)
    windows = start_chain(ring, "--idle-ms", "0")
    ring.wait("the first trends", 60, lambda: ring.count("trends"))
    ring.stop_services("ingest")
    ring.wait("all stages have read all", 60, lambda: has_drained(ring), pause=0.5)
    refused(ring, "groups_busy", "--partials", str(partials), "--wait-ms", "0")
    ring.wait("the sums are read", 60, lambda: sums_read(ring), pause=0.5)
    ring.stop_services()

    ring.broker.run("topics", "--alter", "--topic", "window_partials", "--partitions", "5")
    windows = ring.supervisor.start("hashtag-window", *RESCALED, log="refused.log")
    leaves_with(ring, windows, 78, "rookeryctl windows rescale")
    refused(ring, "--sources", "--sources", "3")
    before = len(ring.read("trends"))
    marks = checks.begun(ring.read("window_partials"), range(6, sources))
    say(ring.rookeryctl("windows", "rescale", "--partials", str(partials), "--sources", str(sources),
                        limit=120))

    ring.supervisor.start("ingest", *feed)
    start_chain(ring, *IDLE)
    ring.wait("ingest ends", 60, lambda: not ring.supervisor.running("ingest"))
    ring.wait("all stages have read all", 60, lambda: has_drained(ring), pause=0.5)
    want = trends_of_the_log(ring, oracle.Options(
        windows=RESCALED[1].split(","), dimensions=RESCALED[3].split(","), partials=partials), marks)
    ring.wait_for_count("trends", len(want[0]), 60)
    ring.stop_services()
    require(before < len(want[0]), "all windows were closed before the change")
    require({r.partition for r in ring.read("processed_tweets")} == set(range(sources)),
            "not all new partitions of processed_tweets were used")
    return checks.same_windows(ring.read("trends"), ring.read("late_tweets"), want)


def sums_read(ring, family="hashtag-window"):
    """By both later stages, which commit the markers behind the last records too."""
    for group in (f"{family}-merge", f"{family}-rank"):
        rows = ring.rookeryctl("lag", "--group", group, "--json").splitlines()
        if not rows or any(json.loads(row)["lag"] for row in rows):
            return False
    return True


def other_numbers_of_partitions(ring):
    """More of both: nothing is lost, doubled or late, byte for byte."""
    found = rescale_in_mid_stream(ring, partials=7, sources=8)
    require(not found, "\n".join(found))


# How many pairs of cell and hashtag are listed depends on the partitions of the sums: here all are.
MANY = ["--top-k", "300"]
RESCALE_POINTS = ["rescale_topic_created", "rescale_before_copies_commit", "rescale_sums_copied",
                  "rescale_partitions_added", "rescale_before_state_commit", "rescale_state_committed"]


def rescale_killed(ring, point, *arguments):
    """As if the machine had lost power at that point."""
    done = subprocess.run([f"{ring.executables}/rookeryctl", "--brokers", ring.broker.address, "windows",
                           "rescale", *arguments], env={**os.environ, "ROOKERY_TEST_CRASH_AT": f"{point}:1"},
                          capture_output=True, timeout=60, check=False)
    require(done.returncode == -signal.SIGKILL, f"{point}: status {done.returncode}: {done.stderr.decode()}")


def let_flow_and_drain(ring, feed, trends):
    """Until there are so many trends; all of it read, and everything stopped."""
    ring.supervisor.start("ingest", *feed)
    start_chain(ring, *MANY, "--idle-ms", "0")
    ring.wait("trends flow", 60, lambda: ring.count("trends") > trends)
    ring.stop_services("ingest")
    ring.wait("all stages have read all", 60, lambda: has_drained(ring), pause=0.5)
    ring.wait("the sums are read", 60, lambda: sums_read(ring), pause=0.5)
    ring.stop_services()


def rescale_killed_at_each_step(ring):
    """The sums get more partitions and the topics too, by a rookeryctl that is killed at each of its
    steps and called again; later the sums get fewer. Byte for byte as the oracle has it."""
    ring.start_broker()
    feed = ["--source", "simulator", "--sim-posts", "9000", "--sim-rate", "20", "--rate", "400"]
    let_flow_and_drain(ring, feed, trends=30)
    marks = checks.begun(ring.read("window_partials"), range(6, 9))
    for point in RESCALE_POINTS:
        rescale_killed(ring, point, "--partials", "7", "--sources",
                       "8" if point != "rescale_state_committed" else "9")
    say(ring.rookeryctl("windows", "rescale", "--partials", "7", limit=120))
    let_flow_and_drain(ring, feed, trends=ring.count("trends") + 30)
    say(ring.rookeryctl("windows", "rescale", "--partials", "2", limit=120))
    before = len(ring.read("trends"))
    ring.supervisor.start("ingest", *feed)
    start_chain(ring, *MANY, *IDLE)
    ring.wait("ingest ends", 60, lambda: not ring.supervisor.running("ingest"))
    ring.wait("all stages have read all", 60, lambda: has_drained(ring), pause=0.5)
    want = trends_of_the_log(ring, oracle.Options(
        windows=RESCALED[1].split(","), dimensions=RESCALED[3].split(","), partials=2, top_k=300), marks)
    ring.wait_for_count("trends", len(want[0]), 60)
    ring.stop_services()
    require(30 < before < len(want[0]), "there were no windows open at the changes")
    require({r.partition for r in ring.read("processed_tweets")} == set(range(9)), "not all partitions were used")
    found = checks.same_windows(ring.read("trends"), ring.read("late_tweets"), want)
    require(not found, "\n".join(found))


def broker_comes_while_starting(ring):
    """The groups' coordinator is not there yet when their offsets are asked for: that is waited for."""
    ring.start_broker()
    ring.supervisor.start("ingest", "--source", "simulator", "--sim-posts", "2000")
    start_chain(ring)
    ring.wait("the first partials", 40, lambda: ring.count("window_partials"))
    ring.stop_services()
    ring.broker.kill()
    started = [ring.supervisor.start("hashtag-window", *RESCALED, "--admin-listen", "127.0.0.1:0", instance=i)
               for i in range(4)]
    ring.broker.start()
    # A crash fails the test by itself.
    ring.wait("all are in their groups", 60,
              lambda: all("partitions assigned" in Path(s.log).read_text() for s in started[:2]))
    ring.stop_services()


def early_results(ring):
    """They come before, they change nothing, and none comes after."""
    found = report_early(ring, {})
    require(not found, "\n".join(found))


def early_results_taken_for_final(ring):
    """The case above must notice it."""
    found = report_early(ring, {"ROOKERY_TEST_MISTAKE": "early_taken_for_final"})
    require(any(f.startswith("trends:") for f in found), f"the trends were right: {found}")


CASES = [early_results, early_results_taken_for_final, backlog_of_an_earlier_stage, backlog_without_the_question,
         other_numbers_of_partitions, rescale_killed_at_each_step, broker_comes_while_starting]


if __name__ == "__main__":
    run_test(cases_of(CASES), limit_seconds=400)
