"""Records of topics as bytes, read by kcat: nothing of the suite's own code takes part."""
import json
import subprocess
import time
from collections import defaultdict
from typing import NamedTuple

from oracle import murmur2


class Record(NamedTuple):
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


def consume(brokers, topic, form, *options, limit=60):
    """What kcat prints of a topic's committed records. It gives up where a client would ask again
    (a coordinator or a leader that moves), so it is asked again until `limit` seconds passed."""
    command = ["kcat", "-C", "-b", brokers, "-t", topic, "-o", "beginning", "-e", "-q", "-f", form,
               "-X", "isolation.level=read_committed", *options]
    deadline = time.monotonic() + limit
    while True:
        done = subprocess.run(command, capture_output=True, timeout=limit)
        if done.returncode == 0:
            return done.stdout
        if time.monotonic() > deadline:
            raise RuntimeError(f"kcat on {topic}: {done.stderr.decode(errors='replace')[-500:]}")
        time.sleep(0.2)


def read_topic(brokers, topic, count=None, limit=60):
    """The committed records, ordered by partition and offset. Nobody may be writing: kcat sees
    the end of a partition only in a fetch that brings nothing. Or, with `count`, so many of them,
    the first of each partition."""
    if count == 0:
        return []
    # %K and %S are the lengths of key and value, -1 for null: any byte may be in them.
    out = consume(brokers, topic, "%p %o %K %S\n%k%s\n", "-X", "fetch.message.max.bytes=20000000",
                  "-X", "receive.message.max.bytes=200000000", *(() if count is None else ("-c", str(count))),
                  limit=limit)
    records, at = [], 0
    while at < len(out):
        line_end = out.index(b"\n", at)
        partition, offset, key_size, size = map(int, out[at:line_end].split())
        at = line_end + 1
        key = out[at:at + max(key_size, 0)] if key_size >= 0 else None
        at += max(key_size, 0)
        value = out[at:at + max(size, 0)] if size >= 0 else None
        at += max(size, 0) + 1
        records.append(Record(partition, offset, key, value))
    return sorted(records, key=lambda r: r[:2])


def partition_of(key, partitions):
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def from_pipe(lines, partitions):
    """Lines of --pipe as the records that a topic must hold; the offset is the place among
    those of the partition."""
    offsets, records = defaultdict(int), []
    for line in lines:
        post = json.loads(line)
        key = post["id"].encode()
        partition = partition_of(key, partitions)
        value = None if post.get("deleted") is True else line
        records.append(Record(partition, offsets[partition], key, value))
        offsets[partition] += 1
    return sorted(records, key=lambda r: r[:2])


def pipe_line(record):
    """A deletion as the suite writes it where there is no key."""
    if record.value is not None:
        return record.value
    return json.dumps({"id": record.key.decode(), "deleted": True}, separators=(",", ":")).encode()


def to_pipe(records):
    """Committed records as the input of --pipe."""
    return b"".join(pipe_line(r) + b"\n" for r in records)
