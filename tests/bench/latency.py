#!/usr/bin/env python3
"""How long a post takes from the socket to a reader of raw_tweets:

tests/broker/with_broker tests/bench/latency.py BIN [--rate N] [--seconds N] [--commit-interval-ms N]

From the moment before the server writes a post to its connection until a reader with read_committed has
it, so with the commit of its transaction. Prints one line of JSON.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/live"))
from harness import environment  # noqa: E402  (the line above makes it findable)
from rate_server import BASE, RateServer  # noqa: E402
from x_server import TOKEN  # noqa: E402

WARM_UP_S = 5


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("--rate", type=float, default=1000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--commit-interval-ms", type=int, default=10)
    return parser.parse_args()


class Reader:
    """Notes when which post arrived."""

    def __init__(self, brokers):
        self.arrived = {}
        self.process = subprocess.Popen(
            ["kcat", "-b", brokers, "-C", "-t", "raw_tweets", "-o", "end", "-q", "-u", "-f", "%k\n",
             "-X", "isolation.level=read_committed", "-X", "fetch.wait.max.ms=10"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.arrived[int(line) - BASE] = time.monotonic()


def percentile(ordered, share):
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


def main():
    options = arguments()
    brokers = os.environ["ROOKERY_BROKERS"]
    subprocess.run([str(options.bin / "rookeryctl"), "topics", "apply", "--brokers", brokers],
                   check=True, env=environment(), stdout=subprocess.DEVNULL)
    sent = {}
    server = RateServer(options.rate, manners=[])
    server.step_s = 0.001
    server.on_send = lambda begin, end, when: sent.update(dict.fromkeys(range(begin, end), when))
    server.start()
    with tempfile.TemporaryDirectory() as folder:
        token = pathlib.Path(folder) / "token"
        token.write_text(TOKEN)
        ingest = subprocess.Popen(
            [str(options.bin / "ingest"), "--brokers", brokers, "--admin-listen", "off", "--source",
             "x-sample", "--x-url", server.url, "--x-token-file", str(token),
             "--commit-interval-ms", str(options.commit_interval_ms)],
            env=environment(), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        reader = Reader(brokers)
        try:
            time.sleep(WARM_UP_S)
            first = server.due()
            time.sleep(options.seconds)
            last = server.due()
            time.sleep(2)
            status = pathlib.Path(f"/proc/{ingest.pid}/status").read_text()
        finally:
            ingest.terminate()
            ingest.wait(60)
            reader.process.terminate()
    wanted = [number for number in range(first, last) if number in sent]
    times = sorted(reader.arrived[number] - sent[number] for number in wanted
                   if number in reader.arrived)
    print(json.dumps({
        "posts": len(wanted), "not_arrived": len(wanted) - len(times), "rate": options.rate,
        "commit_interval_ms": options.commit_interval_ms, "p50_ms": percentile(times, 0.5),
        "p99_ms": percentile(times, 0.99), "max_ms": percentile(times, 1),
        "rss_mib": round(int(status.split("VmHWM:")[1].split()[0]) / 1024, 1),
        "load": round(os.getloadavg()[0], 1)}))


if __name__ == "__main__":
    main()
