#!/usr/bin/env python3
"""ingest over a real broker, killed in the middle of a stream: restart_test.py BIN

The broker's address is ROOKERY_BROKERS (tests/broker/with_broker). What the server repeats after the
restart is left out by the ids at the end of raw_tweets, and what it does not repeat is told as a gap.
"""

import collections
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from harness import environment
from x_server import TOKEN, XServer

BIN = pathlib.Path(sys.argv.pop(1)).resolve()
BROKERS = os.environ["ROOKERY_BROKERS"]
BASE = 1500000000000000000
LIMIT_S = 60


def read(topic):
    """Keys and values of the committed records."""
    done = subprocess.run(["kcat", "-b", BROKERS, "-C", "-t", topic, "-e", "-q", "-f", "%k\t%s\n",
                           "-X", "isolation.level=read_committed"], capture_output=True, check=True,
                          timeout=LIMIT_S)
    return [line.split("\t", 1) for line in done.stdout.decode().splitlines()]


class RestartTest(unittest.TestCase):
    def setUp(self):
        subprocess.run([str(BIN / "rookeryctl"), "topics", "apply", "--brokers", BROKERS], check=True,
                       env=environment(), stdout=subprocess.DEVNULL)
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        (self.folder / "token").write_text(TOKEN)

    def start(self, server, *options):
        log = open(self.folder / "log", "ab")  # The process keeps it.
        process = subprocess.Popen(
            [str(BIN / "ingest"), "--brokers", BROKERS, "--admin-listen", "off",
             "--source", "x-sample", "--x-url", server.url, "--wait-scale", "0.001",
             "--x-token-file", str(self.folder / "token"), *options], env=environment(),
            stderr=log)
        log.close()
        self.addCleanup(process.kill)
        return process

    def wait(self, what, condition):
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            if time.monotonic() > deadline:
                self.fail(f"{what}\n{(self.folder / 'log').read_text()[-3000:]}")
            time.sleep(0.1)

    def test_a_kill_loses_no_post_doubles_none_and_leaves_a_gap_where_nothing_is_repeated(self):
        server = XServer(10_000, manners=[])
        server.posts = 600
        server.start()
        first = self.start(server)
        self.wait("600 posts", lambda: len(read("raw_tweets")) >= 600)
        first.send_signal(signal.SIGKILL)
        first.wait()
        # All of them come again, and then new ones.
        server.backfill, server.posts = 10_000, 900
        second = self.start(server, "--x-backfill-minutes", "5")
        self.wait("900 posts", lambda: len(read("raw_tweets")) >= 900)
        counts = collections.Counter(key for key, _ in read("raw_tweets"))
        self.assertEqual(set(counts), {str(BASE + number) for number in range(900)})
        self.assertEqual(set(counts.values()), {1})
        self.assertEqual(read("stream_gaps"), [], "the backfill covers it")
        second.terminate()
        self.assertEqual(second.wait(LIMIT_S), 0)

        server.posts = 901
        third = self.start(server)
        self.wait("post 901", lambda: len(read("raw_tweets")) >= 901)
        third.terminate()
        self.assertEqual(third.wait(LIMIT_S), 0)
        gaps = [json.loads(value) for _, value in read("stream_gaps")]
        self.assertEqual([gap["reason"] for gap in gaps], ["restart"])
        self.assertGreater(gaps[0]["seconds"], 0)


if __name__ == "__main__":
    unittest.main()
