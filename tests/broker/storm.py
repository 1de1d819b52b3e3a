"""Faults of every kind, at random, on running services."""
import signal
import subprocess
import time
from collections import Counter

from harness import say

COMMIT_POINTS = ["after_produce", "before_offsets", "before_commit", "after_commit"]
CRASH_POINTS = {
    "ingest": COMMIT_POINTS + ["during_handover", "delivered"],
    "geo-enrich": COMMIT_POINTS + ["during_rebalance"],
    "sentiment-scoring": COMMIT_POINTS + ["during_rebalance"],
    "hashtag-window": COMMIT_POINTS + ["during_rebalance", "during_restore"],
    "sink": ["before_rename", "between_renames", "after_rename", "after_offsets", "during_rebalance"],
}
RESIZED = ["geo-enrich", "sentiment-scoring", "hashtag-window"]
INSTANCES_MAX = 3
# How often each kind comes, and how many must have come at the end of a storm.
KINDS = {"crash": (8, 0), "kill": (3, 4), "stall": (3, 4), "resize": (4, 4), "broker": (3, 3), "links": (1, 2)}


class Storm:
    """start_instance(name, instance) starts a service with the options of the test; `clusters` is the
    stand-in for url-cluster, to which nothing happens."""

    def __init__(self, ring, rng, start_instance, clusters, seconds):
        self.ring = ring
        self.supervisor = ring.supervisor
        self.rng = rng
        self.start_instance = start_instance
        self.clusters = clusters
        self.seconds = seconds
        self.events = Counter()
        self.planned = [(name, point) for name, points in CRASH_POINTS.items() for point in points]
        rng.shuffle(self.planned)
        self.expected_crashes = Counter(f"{name} {point}" for name, point in self.planned)
        self.broker_events = ["kill", "freeze", "stop", "freeze", "kill"]
        self.armed = 0

    def run(self):
        """Until the time is over and everything planned has happened; at most three times as
        long."""
        began = time.monotonic()
        while True:
            elapsed = time.monotonic() - began
            if elapsed > self.seconds and self.is_complete():
                break
            if elapsed > 3 * self.seconds:
                break  # missing() says what did not happen.
            self.happen()
            until = time.monotonic() + self.rng.uniform(0.1, 0.9)
            self.ring.wait("the next event", 10, lambda: time.monotonic() >= until, pause=0.05)
        for service in self.supervisor.running():
            self.supervisor.resume(service)
            service.armed = {}
        self.ring.wait("the broker's last restart", 120, lambda: not self.ring.broker.busy())

    def happen(self):
        kinds = list(KINDS)
        kind = self.rng.choices(kinds, [KINDS[k][0] for k in kinds])[0]
        done = getattr(self, kind)()
        if done:
            self.events[kind if done is True else done] += 1

    def is_complete(self):
        return not self.missing()

    def missing(self):
        """What was planned and has not happened."""
        crashes = self.expected_crashes - Counter(self.supervisor.fired)
        kinds = [f"{kind}: {self.events[kind]} of {least}"
                 for kind, (_, least) in KINDS.items() if kind != "broker" and self.events[kind] < least]
        return ([f"crash at {name} did not happen" for name in crashes] + kinds +
                [f"broker: {kind} did not happen" for kind in self.broker_events])

    def pick(self, name=None):
        free = [s for s in self.supervisor.running(name) if not s.armed]
        return self.rng.choice(free) if free else None

    def crash(self):
        for number, (name, point) in enumerate(self.planned):
            if any(s.armed for s in self.supervisor.running(name)):
                continue  # One at a time and service: each is seen to fire.
            service = self.pick(name)
            if service is None:
                continue
            del self.planned[number]
            self.armed += 1
            rare = point.startswith("during") or name == "sink"
            passage = 1 if rare else self.rng.randint(1, 12)
            self.supervisor.arm(service, point, passage, self.armed)
            return True
        return False

    def kill(self):
        service = self.pick()
        if service is None:
            return False
        self.supervisor.resume(service)
        service.signal(signal.SIGKILL)
        return True

    def stall(self):
        service = self.pick()
        if service is None or service.resume_at:
            return False
        self.supervisor.pause(service, self.rng.uniform(0.5, 6))
        return True

    def resize(self):
        name = self.rng.choice(RESIZED)
        there = self.supervisor.running(name)
        free = [i for i in range(INSTANCES_MAX) if (name, i) not in self.supervisor.services]
        if free and (len(there) == 1 or self.rng.random() < 0.5):
            self.start_instance(name, self.rng.choice(free))
            return True
        service = self.pick(name)
        if service is None or len(there) == 1:
            return False
        self.supervisor.dismiss(service, self.rng.choice([signal.SIGTERM, signal.SIGKILL]))
        return True

    def links(self):
        """The links of the posts that have come. There are no transactions to this, so the broker must
        be there; what is lost or doubled of them is so in clustered_urls, whose log is what counts."""
        if self.ring.broker.busy():
            return False
        try:
            return self.clusters.go_on() > 0
        except (RuntimeError, subprocess.SubprocessError) as problem:
            say(f"no links: {problem}")
            return False

    def broker(self):
        if not self.broker_events or self.ring.broker.busy():
            return False
        event = self.broker_events.pop(0)
        say(f"broker: {event}")
        if event == "freeze":
            self.ring.broker.begin_freeze(self.rng.uniform(2, 5))
        else:
            self.ring.broker.begin_restart(event, self.rng.uniform(0, 1))
        return f"broker {event}"
