#!/usr/bin/env python3
"""geo-enrich restores its window of duplicates from what retention has left of the log.

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


def main(argv):
    with Ring(argv[0]) as ring:
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
        path = os.path.join(ring.folder, "cut.json")
        Path(path).write_text(json.dumps({"version": 1, "partitions": [
            {"topic": "raw_tweets", "partition": p, "offset": o} for p, o in cut.items()]}))
        ring.broker.run("delete-records", "--offset-json-file", path)

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


if __name__ == "__main__":
    run_test(main, limit_seconds=200)
