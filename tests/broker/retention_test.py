#!/usr/bin/env python3
"""What a service does where retention has deleted what it read, or was to read.

  retention_test.py EXECUTABLES
"""
import json
import os
from pathlib import Path

from harness import Ring, run_test, say

POSTS = 3_000


def post_of(records):
    """A record that is a post and no dead letter."""
    return next(r for r in records if r.value and b'"created_at":"2026' in r.value)


def delete_records(ring, offsets, topic="raw_tweets"):
    """Below the offsets, {partition: offset}; -1 stands for the end."""
    path = os.path.join(ring.folder, "cut.json")
    Path(path).write_text(json.dumps({"version": 1, "partitions": [
        {"topic": topic, "partition": p, "offset": o} for p, o in offsets.items()]}))
    ring.broker.run("delete-records", "--offset-json-file", path)


def restored_from_the_rest(ring):
    """geo-enrich restores its window of duplicates from what retention has left of the log."""
    ring.supervisor.start("ingest", "--source", "simulator", "--sim-posts", str(POSTS))
    ring.wait("ingest ends", 60, lambda: not ring.supervisor.running())
    ring.supervisor.start("geo-enrich")
    raw = ring.read("raw_tweets")
    ends = {r.partition: r.offset for r in raw}

    def has_read(ends):
        committed = ring.committed("geo-enrich")
        return all(committed.get(p, 0) > offset for p, offset in ends.items())

    ring.wait("geo-enrich has read all", 60, lambda: has_read(ends), pause=0.3)
    ring.stop_services()
    before = ring.count("enriched_tweets")

    cut = {p: offset // 2 for p, offset in ends.items()}
    delete_records(ring, cut)
    gone = post_of(r for r in raw if r.offset < cut[r.partition])
    kept = post_of(r for r in reversed(raw) if r.offset >= cut[r.partition])
    service = ring.supervisor.start("geo-enrich")
    for post in (gone, kept):
        ring.produce("raw_tweets", post.value, key=post.key.decode(), partition=post.partition)
    ends = {r.partition: r.offset for r in ring.read("raw_tweets")}
    ring.wait("geo-enrich has read both", 60, lambda: has_read(ends), pause=0.3)
    ring.stop_services()

    if "restoring without what retention deleted" not in Path(service.log).read_text():
        raise AssertionError("the window was restored from a whole log, so nothing was proved")
    # What is gone from the log is new again, what is still there is a duplicate.
    after = ring.count("enriched_tweets")
    if after != before + 1:
        raise AssertionError(f"{after} enriched posts, expected {before} + 1")
    letter = json.loads(ring.read("dead_letters")[-1].value)
    if (letter["reason"], letter["key"]) != ("duplicate", kept.key.decode()):
        raise AssertionError(f"expected a duplicate of {kept.key}, got {letter}")
    say(f"{before} enriched posts, one more without its record, and one duplicate")


def deleted_to_the_end(ring):
    """All of it was read: nothing is lost, and the service goes on. Later some was not: it stops,
    for a person to decide."""
    ring.supervisor.start("ingest", "--source", "simulator", "--sim-posts", str(POSTS))
    ring.wait("ingest ends", 60, lambda: not ring.supervisor.running())
    ring.supervisor.start("geo-enrich")

    def lag():
        rows = ring.rookeryctl("lag", "--group", "geo-enrich", "--json").splitlines()
        return [json.loads(row)["lag"] for row in rows]

    # Behind the markers too, which no reader is given.
    ring.wait("geo-enrich stands at the very end", 60, lambda: lag() and not any(lag()), pause=0.3)
    ring.stop_services()
    partitions = range(6)
    delete_records(ring, dict.fromkeys(partitions, -1))
    before = ring.count("enriched_tweets")
    service = ring.supervisor.start("geo-enrich")
    post = b'{"id":"new","text":"x","created_at":"2026-03-01T00:00:00Z"}'
    ring.produce("raw_tweets", post, key="new", partition=3)
    ring.wait("a new post passes", 60, lambda: ring.count("enriched_tweets") == before + 1)
    ring.stop_services()

    ring.produce("raw_tweets", post.replace(b"new", b"gone"), key="gone", partition=3)
    delete_records(ring, {3: -1})
    service = ring.supervisor.start("geo-enrich")
    ring.supervisor.forget(service)
    ring.wait("geo-enrich leaves", 60, lambda: service.process.poll() is not None)
    if service.process.returncode != 78 or "offset_lost" not in Path(service.log).read_text():
        raise AssertionError(f"a lost record: status {service.process.returncode}, expected 78")


def main(argv):
    for case in (restored_from_the_rest, deleted_to_the_end):
        with Ring(argv[0]) as ring:
            case(ring)
        say(f"{case.__name__}: passed")


if __name__ == "__main__":
    run_test(main, limit_seconds=200)
