"""What must hold after any storm. Each check gives a list of violations: sentences, empty if none."""
import json
from collections import Counter, defaultdict

import oracle


def shorten(item):
    text = repr(item)
    return text if len(text) < 300 else text[:300] + "…"


def same_sequence(what, got, want):
    """Equal to the last element and in the same order."""
    if got == want:
        return []
    missing, surplus = Counter(want) - Counter(got), Counter(got) - Counter(want)
    place = next((i for i, (g, w) in enumerate(zip(got, want)) if g != w), min(len(got), len(want)))
    found = [f"{what}: {len(got)} instead of {len(want)}; {sum(missing.values())} lost, "
             f"{sum(surplus.values())} doubled or invented; the first difference is at {place}"]
    for name, side in (("got", got), ("want", want)):
        found.append(f"  {name} {shorten(side[place]) if place < len(side) else 'nothing'}")
    return found


def by_partition(records):
    partitions = defaultdict(list)
    for record in records:
        partitions[record.partition].append((record.key, record.value))
    return partitions


def same_records(topic, got, want):
    """Per partition the same keys and values in the same order; offsets may have gaps."""
    found = []
    got, want = by_partition(got), by_partition(want)
    for partition in sorted(got.keys() | want.keys()):
        found += same_sequence(f"{topic}[{partition}]", got[partition], want[partition])
    return found


def letters_by_source(lines, place_of):
    """{(service, topic, partition): [(place, the letter without time and offset)]}"""
    letters = defaultdict(list)
    for line in lines:
        letter = json.loads(line)
        letter.pop("failed_at")
        at = letter["service"], letter["topic"], letter["partition"]
        place = place_of(letter["topic"], letter["partition"], int(letter.pop("offset")))
        letters[at].append((place, json.dumps(letter, sort_keys=True)))
    return letters


def same_dead_letters(got, want, inputs):
    """got: values of dead_letters. want: lines of --pipe, where a record's offset is its place.
    inputs: {topic: its records}."""
    places = {(topic, partition, offset): place
              for topic, records in inputs.items()
              for partition, entries in offsets_of(records).items()
              for place, offset in enumerate(entries)}
    live = letters_by_source(got, lambda *at: places.get(at, at[2]))
    fault_free = letters_by_source(want, lambda *at: at[2])
    found = []
    for at in sorted(live.keys() | fault_free.keys()):
        found += same_sequence(f"dead_letters of {at}", sorted(live[at]), sorted(fault_free[at]))
    return found


def offsets_of(records):
    partitions = defaultdict(list)
    for record in records:
        partitions[record.partition].append(record.offset)
    return partitions


def windows_of(processed, options, marks=()):
    """(trends, [ids of late posts by partition]) as the oracle computes them from the log; `marks`:
    see oracle.expected()."""
    entries = [(r.partition, r.offset, r.key.decode(), None if r.value is None else r.value.decode())
               for r in processed]
    return oracle.expected(entries, options, marks)


def begun(sums, partitions):
    """Marks of partitions that came later, with a rescale: they begin at the highest frontier that
    there was. `sums`: the records of window_partials until then."""
    frontiers = [json.loads(r.value)["frontiers"]["frontiers"] for r in sums if b'"frontiers"' in r.value]
    newest = max(frontier["pane"] for some in frontiers for frontier in some)
    return [(partition, 0, newest) for partition in partitions]


def same_windows(trends, late, expected):
    """Trends byte for byte and in order; late posts in order within a partition."""
    lines, late_ids = expected
    got_late = [json.loads(r.value) for r in late]
    got_late = [(p["partition"], int(p["offset"]), p["id"]) for p in got_late]
    return (same_sequence("trends", [r.value for r in trends], [line.encode() for line in lines]) +
            same_sequence("late_tweets", [i for _, _, i in sorted(got_late)], late_ids))
