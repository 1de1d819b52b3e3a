#!/usr/bin/env python3
"""Single faults, one after another, and what a service says and does about each.

  faults_test.py EXECUTABLES [NAME...]     only the cases with these names
"""
import base64
import json
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import checks
import records
from harness import cases_of, run_test

PARTITIONS = 6


def text_of(service):
    return Path(service.log).read_text(errors="replace")


def readiness(service):
    """(status, text) of /readyz, once the service says where it listens."""
    address = re.findall(r"admin=([\d.]+:\d+)", text_of(service))
    if not address:
        return 0, ""
    try:
        with urllib.request.urlopen(f"http://{address[-1]}/readyz", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def has_read(ring, group, topic, count):
    committed = ring.committed(group)
    last = {r.partition: r.offset for r in ring.read(topic)}
    return ring.count(topic) >= count and all(committed.get(p, 0) > o for p, o in last.items())


def require(condition, sentence):
    if not condition:
        raise AssertionError(sentence)


# ---- cases: each with a broker of its own

def broker_absent_at_the_start(ring):
    """The service waits, says for what, and goes on in the same process; and without a broker it
    can be stopped."""
    ring.start_broker()
    ring.broker.stop()
    service = ring.supervisor.start("geo-enrich", "--admin-listen", "127.0.0.1:0")
    ring.wait("/readyz answers 503 and names the broker", 20, lambda: (
        lambda status, text: status == 503 and ring.broker.address in text)(*readiness(service)))
    pid = service.process.pid
    ring.broker.start()
    ring.wait("/readyz answers 200", 60, lambda: readiness(service)[0] == 200)
    require(service.process.pid == pid, "the process was started anew")
    ring.broker.kill()
    began = time.monotonic()
    ring.stop_services()  # With 0: it had nothing in flight.
    took = time.monotonic() - began
    require(took < 25, f"without a broker a stop took {took:.1f} s")


def broker_gone_in_mid_stream(ring):
    """Away longer than the transaction's time-out: all goes on by itself in the same processes."""
    ring.start_broker()
    source = ["--source", "simulator", "--sim-posts", "9000", "--sim-seed", "5"]
    ring.supervisor.start("ingest", *source, "--rate", "600", "--transaction-timeout-ms", "5000")
    service = ring.supervisor.start("geo-enrich", "--transaction-timeout-ms", "5000")
    processes = {s.title: s.process.pid for s in ring.supervisor.running()}
    ring.wait("the first enriched posts", 30, lambda: ring.count("enriched_tweets"))
    ring.broker.kill()
    gone_at = time.monotonic()
    ring.wait("three transaction time-outs pass", 20, lambda: time.monotonic() > gone_at + 15)
    ring.broker.start()
    ring.wait("ingest ends", 60, lambda: not ring.supervisor.running("ingest"))
    raw, _ = ring.pipe("ingest", *source)
    ring.wait("geo-enrich has read all", 60,
              lambda: has_read(ring, "geo-enrich", "raw_tweets", len(raw)), pause=0.3)
    enriched, _ = ring.pipe("geo-enrich", records=b"\n".join(raw) + b"\n")
    require(service.process.pid == processes["geo-enrich-0"] and not ring.supervisor.exit_counts[70],
            f"a process was started anew: {dict(ring.supervisor.exit_counts)}")
    ring.stop_services()
    found = checks.same_records("raw_tweets", ring.read("raw_tweets"),
                                records.from_pipe(raw, PARTITIONS))
    found += checks.same_records("enriched_tweets", ring.read("enriched_tweets"),
                                 records.from_pipe(enriched, PARTITIONS))
    require(not found, "\n".join(found))


def taken_for_another_process(ring):
    """After an outage the group may know this member by an id that it never heard of, and fences
    it: it joins anew in the same process. Here another consumer of its name takes the place."""
    ring.start_broker()
    ring.supervisor.start("ingest", "--source", "simulator", "--rate", "200")
    service = ring.supervisor.start("geo-enrich")
    ring.wait("the first enriched posts", 30, lambda: ring.count("enriched_tweets"))
    pid = service.process.pid
    ring.broker.kill()
    ring.broker.start()
    before = ring.count("enriched_tweets")
    ring.wait("geo-enrich goes on", 60, lambda: ring.count("enriched_tweets") > before)
    ring.broker.run("console-consumer", "--topic", "raw_tweets", "--group", "geo-enrich",
                    *(word for setting in (
                        "group.instance.id=geo-enrich-0", "enable.auto.commit=false",
                        "partition.assignment.strategy="
                        "org.apache.kafka.clients.consumer.CooperativeStickyAssignor")
                      for word in ("--consumer-property", setting)), "--max-messages", "1")
    ring.wait("it is fenced", 60, lambda: "code=membership_lost" in text_of(service))
    before = ring.count("enriched_tweets")
    ring.wait("geo-enrich goes on again", 60, lambda: ring.count("enriched_tweets") > before)
    require(service.process.pid == pid, f"it was started anew: {dict(ring.supervisor.exit_counts)}")
    ring.stop_services("ingest")
    raw = ring.read("raw_tweets")
    ring.wait("geo-enrich has read all", 60,
              lambda: has_read(ring, "geo-enrich", "raw_tweets", len(raw)), pause=0.3)
    ring.stop_services()
    posts = b"".join(record.value + b"\n" for record in raw if record.value)
    enriched, _ = ring.pipe("geo-enrich", records=posts)
    passed = [record for record in ring.read("enriched_tweets") if record.value]
    found = checks.same_records("enriched_tweets", passed, records.from_pipe(enriched, PARTITIONS))
    require(not found, "\n".join(found))


def second_process_with_the_same_instance(ring):
    """The later one wins; the earlier leaves, says why, and may be restarted (not 78)."""
    ring.start_broker()
    ring.supervisor.start("ingest", "--source", "simulator", "--rate", "500")
    first = ring.supervisor.start("geo-enrich", instance=0)
    ring.wait("the first enriched posts", 30, lambda: ring.count("enriched_tweets"))
    ring.supervisor.forget(first)
    second = ring.supervisor.start("geo-enrich", instance=0, log="geo-enrich-second.log")
    ring.wait("the first process leaves", 60, lambda: first.process.poll() is not None)
    # By the producer or by its place in the group, whichever hears of it first.
    status = 70 if "producer_fenced" in text_of(first) else 75
    require(first.process.returncode == status,
            f"the fenced process left with {first.process.returncode} instead of {status}")
    require(re.search(r"level=error .*another process .*instance", text_of(first)),
            "the fenced process does not say that another one has its instance")
    require(second.process.poll() is None, "the second process left, too")
    before = ring.count("enriched_tweets")
    ring.wait("the second process goes on", 30, lambda: ring.count("enriched_tweets") > before)
    ring.stop_services()


def wrong_options(ring):
    """Exit status 78, and a message with the key, the value, and what was expected."""
    for arguments, words in [
            (["--text-bytes-max", "0"], ["text_bytes_max", '"0"', "1 to 16777216"]),
            (["--created-at-min", "yesterday"], ["created_at_min", "yesterday", "RFC 3339"]),
            (["--commit-interval-ms", "soon"], ["commit_interval_ms", "soon", "milliseconds"]),
            (["--colour", "red"], ["colour"]),
            (["--kafka", "enable.idempotence=false"], ["enable.idempotence"]),
            (["--kafka", "no.such.thing=1"], ["no.such.thing"])]:
        done = subprocess.run([f"{ring.executables}/geo-enrich", "--admin-listen", "127.0.0.1:0",
                               *arguments], capture_output=True, timeout=20, check=False)
        said = done.stderr.decode()
        require(done.returncode == 78, f"{arguments}: status {done.returncode}, said {said}")
        plain = said.replace('\\"', '"')
        for word in words:
            require(word in plain, f"{arguments}: {word} is not in {said}")


def asked_to_stop_in_full_flow(ring):
    """SIGTERM while records come, again and again: each process leaves with 0, and soon. Leaving a
    group has ended in a wait for ever, and in an abort() by the client library."""
    ring.start_broker()
    ring.supervisor.start("ingest", "--source", "simulator", "--rate", "4000", "--sim-rate", "100")
    names = ["geo-enrich", "sentiment-scoring", "hashtag-window"]
    longest = 0
    for _ in range(8):
        before = {topic: ring.count(topic) for topic in ("enriched_tweets", "window_partials")}
        for name in names:
            ring.supervisor.start(name)
        ring.wait("records flow", 40, lambda b=before: all(ring.count(t) > b[t] for t in b))
        began = time.monotonic()
        for name in names:
            ring.stop_services(name)
        longest = max(longest, time.monotonic() - began)
    require(longest < 9, f"a stop of three services took {longest:.1f} s")
    ring.stop_services()


def ingest_killed(ring):
    """Ten times in mid-stream: it goes on where the last transaction ended."""
    ring.start_broker()
    source = ["--source", "simulator", "--sim-posts", "6000", "--sim-seed", "6"]
    service = ring.supervisor.start("ingest", *source, "--rate", "1500")
    for _ in range(10):
        count = ring.count("raw_tweets")
        ring.wait("ingest goes on", 30,
                  lambda c=count: service.finished or ring.count("raw_tweets") > c)
        service.signal(signal.SIGKILL)
    ring.wait("ingest ends", 60, lambda: not ring.supervisor.running("ingest"))
    require(service.starts > 5, f"only {service.starts} starts: the kills came too late")
    raw, dead = ring.pipe("ingest", *source)
    found = checks.same_records("raw_tweets", ring.read("raw_tweets"),
                                records.from_pipe(raw, PARTITIONS))
    found += checks.same_dead_letters([r.value for r in ring.read("dead_letters")], dead, {})
    require(not found, "\n".join(found))


def end_of_a_transaction_fails(ring):
    """The broker has all of a transaction, the next one is under way, and the first does not end:
    ingest starts anew at the cursor, and nothing is lost or doubled."""
    ring.start_broker()
    source = ["--source", "simulator", "--sim-posts", "3000", "--sim-seed", "7"]
    service = ring.supervisor.start("ingest", *source, "--rate", "1500",
                                    environment={"ROOKERY_TEST_FAIL_AT": "end_of_transaction:4"})
    ring.wait("ingest ends", 60, lambda: service.starts > 2 or service.finished)
    service.environment.pop("ROOKERY_TEST_FAIL_AT")
    ring.wait("ingest is at its end", 60, lambda: not ring.supervisor.running("ingest"))
    require(ring.supervisor.exit_counts[70] > 0, f"exits: {dict(ring.supervisor.exit_counts)}")
    require("commit_lost" in text_of(service), "the log does not say commit_lost")
    raw, _ = ring.pipe("ingest", *source)
    found = checks.same_records("raw_tweets", ring.read("raw_tweets"),
                                records.from_pipe(raw, PARTITIONS))
    require(not found, "\n".join(found))


def post(post_id, text="hello", **fields):
    return json.dumps({"id": post_id, "text": text, "created_at": "2026-01-01T00:00:00Z",
                       **fields}).encode()


def poison_records():
    """(key, value, reason)"""
    in_an_hour = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    return [
        ("p1", b'{"id":"p1","text":"\xff\xfe","created_at":"2026-01-01T00:00:00Z"}', "json_malformed"),
        ("p2", post("p2", "x" * 10_000_000), "text_too_long"),
        ("p3", b'{"id":"p3","text":"x","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "json_malformed"),
        ("p4", b'{"text":"x","created_at":"2026-01-01T00:00:00Z"}', "field_missing"),
        ("p5", post("p5", coordinates={"lat": 91.0, "lon": 0.0}), "field_range"),
        ("p6", post("p6", created_at=in_an_hour), "created_at_in_future"),
        ("p7", post("p7", created_at="1970-01-01T00:00:00Z"), "created_at_too_old"),
        (None, post("p8"), "key_mismatch"),
        ("other", post("p9"), "key_mismatch"),
        ("p10", b"\x00\x01\x02 not json", "json_malformed"),
        ("p11", b"[]", "not_an_object"),
        ("p12", b"x", "json_malformed"),
    ]


def poison(ring):
    """Each is put aside whole, with the reason; the good posts around them pass. A letter that a
    changed option would let through is put back once."""
    ring.start_broker()
    geo = ring.supervisor.start("geo-enrich")
    ring.supervisor.start("sentiment-scoring")
    poisons = poison_records()
    for number, (key, value, _) in enumerate(poisons):
        ring.produce("raw_tweets", post(f"g{number}"), key=f"g{number}", partition=number % PARTITIONS)
        ring.produce("raw_tweets", value, key=key, partition=number % PARTITIONS)
    ring.produce("raw_tweets", post("last"), key="last", partition=0)
    ring.wait("all dead letters", 30, lambda: ring.count("dead_letters") >= len(poisons))
    ring.wait("all good posts", 30, lambda: ring.count("processed_tweets") > len(poisons))
    letters = [json.loads(r.value) for r in ring.read("dead_letters")]
    for key, value, reason in poisons:
        fitting = [letter for letter in letters if original(letter) == value]
        require(len(fitting) == 1, f"{key}: {len(fitting)} dead letters have its bytes")
        letter = fitting[0]
        require(letter["reason"] == reason,
                f"{key}: {letter['reason']} instead of {reason}: {letter['message']}")
        require(letter.get("key") == key, f"{key}: the letter's key is {letter.get('key')}")
        require((letter["service"], letter["topic"]) == ("geo-enrich", "raw_tweets"),
                f"{key}: comes from {letter['service']}, {letter['topic']}")
    require(len(letters) == len(poisons), f"{len(letters)} letters for {len(poisons)} records")

    ring.stop_services("geo-enrich")
    ring.supervisor.start("geo-enrich", "--text-bytes-max", "16777216", "--record-bytes-max", "16777216")
    before = ring.count("enriched_tweets")
    ring.rookeryctl("dead-letters", "redrive", "--reason", "text_too_long")
    ring.wait("the redriven post passes", 60, lambda: ring.count("enriched_tweets") > before)
    ring.rookeryctl("dead-letters", "redrive", "--reason", "text_too_long")
    ring.stop_services()
    passed = [r.key for r in ring.read("enriched_tweets")]
    require(passed.count(b"p2") == 1, f"the redriven post is there {passed.count(b'p2')} times")
    require(len(passed) == len(set(passed)) == len(poisons) + 2, f"enriched posts: {passed}")


def original(letter):
    if "value" in letter:
        return letter["value"].encode()
    return base64.b64decode(letter["value_base64"])


CASES = [wrong_options, broker_absent_at_the_start, second_process_with_the_same_instance,
         taken_for_another_process, ingest_killed,
         end_of_a_transaction_fails,
         asked_to_stop_in_full_flow, poison, broker_gone_in_mid_stream]


if __name__ == "__main__":
    run_test(cases_of(CASES), limit_seconds=260)
