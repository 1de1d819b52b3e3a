#!/usr/bin/env python3
"""hashtag-window restores closed panes from window_panes, and does without them.

  snapshots_test.py EXECUTABLES [NAME...]     only the cases with these names
"""
import re
import signal
import time
from pathlib import Path

from faults_test import require
from harness import cases_of, run_test, say
from retention_test import delete_records
from windows_test import IDLE, finish, leaves_with

# Four hours of event time in half a minute; the panes of the long window are folded and saved.
WINDOWS = ["1m/1m", "4h/5m"]
OPTIONS = ["--windows", ",".join(WINDOWS), *IDLE]
FEED = ["--source", "simulator", "--sim-posts", "18000", "--sim-rate", "1", "--rate", "700"]
KILLS = 3


def start(ring, environment):
    ring.start_broker()
    ring.supervisor.start("ingest", *FEED)
    ring.supervisor.start("geo-enrich")
    ring.supervisor.start("sentiment-scoring")
    return ring.supervisor.start("hashtag-window", *OPTIONS, environment=environment)


def more_snapshots(ring):
    """Waits until there are more than now."""
    seen = ring.count("window_panes")
    ring.wait("more snapshots", 60, lambda: ring.count("window_panes") > seen + 3)


def restores(windows):
    """How often snapshots were read to their end, and how often they were of no use."""
    log = Path(windows.log).read_text()
    read = sum('state restored' in line and 'window_panes' in line for line in log.splitlines())
    return read, log.count("snapshots are of no use")


def kill_while_saving(ring, environment):
    windows = start(ring, environment)
    for _ in range(KILLS):
        more_snapshots(ring)
        windows.signal(signal.SIGKILL)
        time.sleep(0.1)  # Or the wait would count what is on its way.
    found = finish(ring, WINDOWS)
    say(f"snapshots read {restores(windows)[0]} times, of no use {restores(windows)[1]} times")
    return found, restores(windows)


def recreate_topic(ring):
    """Another life of the topic; the service is not running."""
    ring.broker.run("topics", "--delete", "--topic", "window_panes")
    ring.wait("the topic is gone", 30,
              lambda: "window_panes" not in ring.broker.run("topics", "--list").split())


# ---- cases: each with a broker of its own

def killed_while_saving(ring):
    """kill -9 while snapshots are written: byte for byte the same, and none of them is refused."""
    found, (read, refused) = kill_while_saving(ring, {})
    require(not found, "\n".join(found))
    require(read >= KILLS, f"snapshots were read {read} times alone")
    require(refused == 0, f"{refused} restores did without their snapshots")


def tail_left_out(ring):
    """The case above must notice it."""
    found, _ = kill_while_saving(ring, {"ROOKERY_TEST_MISTAKE": "snapshot_resume_too_late"})
    require(found, "the trends were right")


def topic_lost(ring):
    """It waits for the topic; with an empty one it counts the sums again, and says so."""
    windows = start(ring, {})
    more_snapshots(ring)
    ring.stop_services("hashtag-window")
    recreate_topic(ring)
    windows = ring.supervisor.start("hashtag-window", *OPTIONS)
    ring.wait("it asks for the topic", 30, lambda: "topic window_panes" in Path(windows.log).read_text())
    ring.rookeryctl("topics", "apply")
    found = finish(ring, WINDOWS)
    require(not found, "\n".join(found))
    require(restores(windows)[1] > 0, "nothing was said of the snapshots that are gone")


def cut_sums(ring):
    """Sums that only snapshots still tell of are deleted, as by retention; the service is not running."""
    start(ring, {})
    more_snapshots(ring)
    more_snapshots(ring)
    ring.stop_services("hashtag-window")
    windows = ring.supervisor.start("hashtag-window", *OPTIONS)
    partitions = ring.committed("hashtag-window-merge").keys()
    ring.wait("it has restored", 60, lambda: sums_restored(windows).keys() == partitions)
    ring.stop_services("hashtag-window")
    require(all(begin > 0 for begin in sums_restored(windows).values()), "all sums were read again")
    delete_records(ring, sums_restored(windows), "window_partials")


def sums_restored(windows):
    """{partition: the first offset of window_partials that was read again}"""
    log = Path(windows.log).read_text().split("--- start")[-1]
    return {int(m[1]): int(m[2]) for m in re.finditer(
        r'msg="state restored" partition=window_partials\[(\d+)\] from=(\d+)', log)}


def sums_deleted(ring):
    """With the snapshots, what retention deleted of the sums is not missed."""
    cut_sums(ring)
    windows = ring.supervisor.start("hashtag-window", *OPTIONS)
    found = finish(ring, WINDOWS)
    require(not found, "\n".join(found))
    require(restores(windows)[1] == 0, "a restore did without its snapshots")


def sums_and_snapshots_deleted(ring):
    """Without either it stops, for a person to decide, and says what it lacks."""
    cut_sums(ring)
    recreate_topic(ring)
    ring.rookeryctl("topics", "apply")
    windows = ring.supervisor.start("hashtag-window", *OPTIONS)
    leaves_with(ring, windows, 78, "which retention has deleted")
    require(restores(windows)[1] > 0, "nothing was said of the snapshots that are gone")


CASES = [killed_while_saving, tail_left_out, topic_lost, sums_deleted, sums_and_snapshots_deleted]


if __name__ == "__main__":
    run_test(cases_of(CASES), limit_seconds=400)
