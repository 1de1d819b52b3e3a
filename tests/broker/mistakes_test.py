#!/usr/bin/env python3
"""Shows that the storm's checks notice: with each deliberate mistake of common/kafka and a fault at
the worst moment they must report a violation, and with the same fault alone none.

  mistakes_test.py EXECUTABLES
"""
import re
from pathlib import Path

import checks
import records
from harness import Ring, run_test, say

# 200 transactions.
POSTS = 4_000
PARTITIONS = 6
# Many small transactions, and a calm group.
SMALL = ["--batch-records-max", "20", "--session-timeout-ms", "30000"]


def topic_end(ring, topic):
    return {r.partition: r.offset for r in ring.read(topic)}


def has_read(ring, group, ends):
    """Whether the group's committed offsets lie behind the last records."""
    committed = ring.committed(group)
    return all(committed.get(partition, 0) > offset for partition, offset in ends.items())


def crash_after_commit(ring, service):
    """Between the commit of a transaction and whatever a mistaken service does afterwards."""
    ring.supervisor.arm(service, "after_commit", 5, sequence=service.name)
    ring.wait(f"{service.title} crashes", 30, lambda: not service.armed)


def abort_a_transaction(ring, service):
    """With its records sent: what the broker has of them must be neither seen nor lost."""
    def aborts():
        return len(re.findall("batch undone", Path(service.log).read_text(errors="replace")))
    ring.wait(f"{service.title} aborts a transaction", 30, aborts)


# What a fault needs in the environment from the start.
FAULTS = {crash_after_commit: {}, abort_a_transaction: {"ROOKERY_TEST_FAIL_AT": "after_produce:5"}}
OUTPUTS = {"geo-enrich": "enriched_tweets", "sentiment-scoring": "processed_tweets"}


def pass_through(ring, name, source, fault, environment):
    """Runs one service over all of `source` with a fault; the violations of exactly-once."""
    target = OUTPUTS[name]
    inputs = ring.read(source)
    service = ring.supervisor.start(name, *SMALL, environment={**FAULTS[fault], **environment})
    fault(ring, service)
    ends = topic_end(ring, source)
    ring.wait(f"{name} has read all of {source}", 120, lambda: has_read(ring, name, ends), pause=0.3)
    ring.stop_services()
    expected, _ = ring.pipe(name, records=records.to_pipe(inputs))
    return checks.same_records(target, ring.read(target), records.from_pipe(expected, PARTITIONS))


def prove(executables, mistake, fault):
    with Ring(executables) as ring:
        ring.supervisor.start("ingest", "--source", "simulator", "--sim-posts", str(POSTS))
        ring.wait("ingest ends", 60, lambda: not ring.supervisor.running())
        found = pass_through(ring, "geo-enrich", "raw_tweets", fault, {})
        if found:
            raise AssertionError("without any mistake:\n" + "\n".join(found))
        found = pass_through(ring, "sentiment-scoring", "enriched_tweets", fault,
                             {"ROOKERY_TEST_MISTAKE": mistake})
        if not found:
            raise AssertionError(f"the mistake {mistake} was not noticed")
        say(f"{mistake} is noticed: {found[0]}")


def main(argv):
    executables, = argv
    prove(executables, "offsets_outside_transaction", crash_after_commit)
    prove(executables, "no_rewind", abort_a_transaction)


if __name__ == "__main__":
    run_test(main, limit_seconds=460)
