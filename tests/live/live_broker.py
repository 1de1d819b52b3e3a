"""Runs ingest over the broker of ROOKERY_BROKERS (tests/broker/with_broker), against a server of the test."""

import collections
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

from harness import environment
from x_server import TOKEN

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "broker"))
from records import consume  # noqa: E402  (the line above makes it findable)

LIMIT_S = 120


def read(brokers, topic, timeout=LIMIT_S):
    """Keys and values of the committed records; a deletion is None."""
    out = consume(brokers, topic, "%k\t%s\n", "-Z", limit=timeout)
    pairs = [line.split("\t", 1) for line in out.decode().split("\n")[:-1]]
    return [(key, None if value == "NULL" else value) for key, value in pairs]


def keys(brokers, topic, timeout=LIMIT_S):
    """How often each key was written: what fits into memory where the values would not."""
    out = consume(brokers, topic, "%k\n", limit=timeout)
    return collections.Counter(out.decode().splitlines())


class LiveBrokerTest(unittest.TestCase):
    """A test sets `bin` (the folder of the programs) before it runs."""

    bin = None

    def setUp(self):
        self.brokers = os.environ["ROOKERY_BROKERS"]
        self.ctl("topics", "apply")
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.token = self.folder / "token"
        self.token.write_text(TOKEN)

    def ctl(self, *arguments):
        done = subprocess.run([str(self.bin / "rookeryctl"), *arguments, "--brokers", self.brokers],
                              env=environment(), capture_output=True, timeout=LIMIT_S, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode(errors="replace"))
        return done.stdout.decode()

    def read(self, topic):
        return read(self.brokers, topic)

    def start(self, *options, name="ingest"):
        """One process; its messages go to the log that wait() shows."""
        with open(self.folder / "log", "ab") as log:
            process = subprocess.Popen(
                [str(self.bin / name), "--brokers", self.brokers, "--admin-listen", "off", *options],
                env=environment(), stdin=subprocess.DEVNULL, stderr=log)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def x_options(self, server, source="x-sample"):
        return ["--source", source, "--x-url", server.url, "--wait-scale", "0.001",
                "--x-token-file", str(self.token)]

    def wait(self, what, condition):
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            if time.monotonic() > deadline:
                self.fail(f"{what}\n{(self.folder / 'log').read_text()[-5000:]}")
            time.sleep(0.2)

    def stop(self, process):
        process.terminate()
        self.assertEqual(process.wait(LIMIT_S), 0, (self.folder / "log").read_text()[-3000:])
