"""Runs ingest as a filter against a server of the test."""

import collections
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time

LIMIT_S = 50


def environment():
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROOKERY_")}
    return {**kept, "TZ": "UTC", "no_proxy": "*"}


class Ingest:
    """One process with --pipe; gathers what it writes as it comes."""

    def __init__(self, folder, *options):
        self.temporary = tempfile.TemporaryDirectory()
        self.dead = pathlib.Path(self.temporary.name) / "dead.jsonl"
        self.lines = []
        self.arrived = threading.Condition()
        self.process = subprocess.Popen(
            [str(folder / "ingest"), "--pipe", "--dead-letters", str(self.dead), *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        self.errors = b""
        self.readers = [threading.Thread(target=self.read_lines, daemon=True),
                        threading.Thread(target=self.read_errors, daemon=True)]
        for reader in self.readers:
            reader.start()

    def read_lines(self):
        for line in self.process.stdout:
            with self.arrived:
                self.lines.append(line)
                self.arrived.notify_all()

    def read_errors(self):
        for line in self.process.stderr:
            self.errors += line

    def wait_for(self, condition, what):
        """Waits until condition(lines); fails with what the process said.

        A machine with much else to do takes its time: the limit is for the next line to come.
        """
        deadline, seen = time.monotonic() + LIMIT_S, 0
        with self.arrived:
            while not condition(self.lines):
                if len(self.lines) > seen:
                    deadline, seen = time.monotonic() + LIMIT_S, len(self.lines)
                left = deadline - time.monotonic()
                if left <= 0 or (self.process.poll() is not None and not self.alive()):
                    raise AssertionError(f"{what}: {len(self.lines)} lines came\n"
                                         f"{self.errors[-3000:].decode(errors='replace')}")
                self.arrived.wait(min(left, 0.2))

    def alive(self):
        return self.readers[0].is_alive()

    def rss_mib(self):
        """Memory of the process now."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0]) / 1024

    def stop(self):
        """Asks the process to stop; returns its records and dead letters."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(LIMIT_S)
        for reader in self.readers:
            reader.join(LIMIT_S)
        self.process.stdout.close()
        self.process.stderr.close()
        letters = [json.loads(line) for line in self.dead.read_text().splitlines()]
        self.temporary.cleanup()
        assert status == 0, f"exit status {status}\n{self.errors.decode(errors='replace')}"
        return [json.loads(line) for line in self.lines], letters


def refusal(folder, *options):
    """Exit status and messages of a start that is refused."""
    done = subprocess.run([str(folder / "ingest"), "--pipe", *options], capture_output=True,
                          env=environment(), timeout=LIMIT_S, stdin=subprocess.DEVNULL, check=False)
    return done.returncode, done.stderr.decode(errors="replace")


def sanitized(folder):
    """Whether the program was built with AddressSanitizer, which takes memory of its own."""
    return b"__asan_init" in (folder / "ingest").read_bytes()


def check_once(test, ids, expected):
    """Every id once, and no other."""
    counts = collections.Counter(ids)
    test.assertEqual([i for i, n in counts.items() if n > 1][:5], [], "came twice")
    test.assertEqual(sorted(set(expected) - set(counts))[:5], [], "are missing")
    test.assertEqual(sorted(set(counts) - set(expected))[:5], [], "were never sent")
