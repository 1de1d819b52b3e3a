#!/usr/bin/env python3
"""Two instances of ingest read one stream over a real broker, and either is killed: redundant_test.py BIN

The server never repeats anything: what one instance misses, only the other has. Each post is in
raw_tweets once, and none is missing, as long as one of them was listening.
"""

import collections
import json
import pathlib
import random
import signal
import sys
import time
import unittest

from live_broker import LiveBrokerTest
from rate_server import BASE, RateServer

LiveBrokerTest.bin = pathlib.Path(sys.argv.pop(1)).resolve()
RATE = 200
SESSION_MS = 6000


class RedundantTest(LiveBrokerTest):
    def instance(self, server, name):
        return self.start(*self.x_options(server), "--redundant", "--instance", name,
                          "--session-timeout-ms", str(SESSION_MS))

    def listening(self, server, connections):
        before = server.connections
        return lambda: server.connections >= before + connections

    def gaps(self, server, instance=None):
        """Of this server's stream: the broker has those of the other case too."""
        gaps = [json.loads(value) for _, value in self.read("stream_gaps")]
        return [gap for gap in gaps if gap["location"] == server.url
                and instance in (None, gap["instance"])]

    def check_once(self, first, posts):
        """Posts first to posts - 1, each once; what came before the first is not asked about."""
        wanted = {str(BASE + number) for number in range(first, posts)}
        self.wait(f"{len(wanted)} posts", lambda: wanted <= {key for key, _ in self.read(
            "raw_tweets")})
        time.sleep(2)  # For what should not come.
        counts = collections.Counter(key for key, _ in self.read("raw_tweets"))
        self.assertEqual([key for key, count in counts.items() if count > 1][:5], [], "came twice")
        self.assertEqual(self.read("dead_letters"), [])

    def test_every_post_once_however_often_one_of_two_instances_is_killed(self):
        server = RateServer(RATE, manners=[]).start()
        up = self.listening(server, 2)
        running = {name: self.instance(server, name) for name in "ab"}
        self.wait("both are connected", up)
        first = server.due() + RATE
        # Who dies before its first transaction knows of no gap afterwards. A topic is read to
        # its end, which it has when nothing comes.
        self.wait("the first is due", lambda: server.due() > first)
        server.hold()
        self.wait("both have written", lambda: [
            key for key, _ in self.read("ingest_candidates")].count(str(BASE + first)) == 2)
        server.go_on()
        chance = random.Random(7)
        for _ in range(4):
            time.sleep(chance.uniform(1, 3))
            name = chance.choice("ab")
            running[name].send_signal(signal.SIGKILL)
            running[name].wait()
            time.sleep(chance.uniform(0, 1.5))
            before = len(self.gaps(server, name))
            running[name] = self.instance(server, name)
            # The gap is in its first transaction: with that the broker has all since it
            # connected, and the other may die.
            self.wait(f"{name} has written again",
                      lambda: len(self.gaps(server, name)) > before)
        # One of them goes for good: the other has all, after the session of the dead.
        running["a"].send_signal(signal.SIGKILL)
        time.sleep(1)
        posts = server.end()
        self.check_once(first, posts)
        candidates = self.read("ingest_candidates")
        self.assertGreater(len(candidates), (posts - first) * 1.2, "both have read")
        self.assertEqual(sum(len(self.gaps(server, name)) for name in "ab"),
                         len(self.gaps(server)), "a gap is of one of the two")
        self.stop(running["b"])

    def test_a_connection_that_is_lost_is_covered_by_the_other(self):
        sent = set()
        base = BASE + 10_000_000
        server = RateServer(RATE, manners=["close", "stall"], life_s=(1.0, 5.0), base=base)
        server.on_send = lambda begin, end, _: sent.update(range(begin, end))
        server.start()
        running = [self.start(*self.x_options(server), "--redundant", "--instance", name,
                              "--idle-timeout-ms", "1500") for name in "cd"]
        self.wait("many connections were lost", lambda: server.connections >= 8)
        server.end()
        wanted = {str(base + number) for number in sent}
        self.wait("all that either got", lambda: wanted <= {key for key, _ in self.read(
            "raw_tweets")})
        counts = collections.Counter(key for key, _ in self.read("raw_tweets"))
        self.assertEqual([key for key, count in counts.items() if count > 1][:5], [], "came twice")
        for process in running:
            self.stop(process)


if __name__ == "__main__":
    unittest.main()
