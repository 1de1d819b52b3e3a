#!/usr/bin/env python3
"""How long a post takes from the socket to a reader of raw_tweets:

tests/broker/with_broker --throughput tests/bench/latency.py BIN [--source x-sample|websocket]
    [--rate N] [--seconds N] [--warm-up SECONDS] [-- OPTION_OF_INGEST...]

From the moment before the server writes a post to its connection until a reader with read_committed has
it, so with the commit of its transaction. cpu_share is of ingest alone, in cores. Prints one line of
JSON.
"""

import argparse
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/live"))
from harness import environment  # noqa: E402  (the line above makes it findable)
from rate_server import BASE, RateServer  # noqa: E402
from ws_server import WsServer, event, frame  # noqa: E402
from x_server import TOKEN  # noqa: E402

STEP_S = 0.001


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("--source", choices=["x-sample", "websocket"], default="x-sample")
    parser.add_argument("--rate", type=float, default=1000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--warm-up", type=float, default=15, help="seconds; a new broker is slow")
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    options = parser.parse_args(sys.argv[1:end])
    options.ingest = sys.argv[end + 1:]
    return options


class RateWsServer(WsServer):
    """Posts of Jetstream at a rate. Post n is due n / rate seconds after the start."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate
        self.on_send = None
        self.began = time.monotonic()
        self.template = json.dumps(event(0)).encode()

    def due(self):
        return int((time.monotonic() - self.began) * self.rate)

    def play(self, connection, manner, begin, packed):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = self.due()
        while True:
            until = self.due()
            data = b"".join(frame(1, self.template.replace(b'"k0"', b'"k%d"' % n))
                            for n in range(number, until))
            self.on_send(number, until, time.monotonic())
            connection.sendall(data)
            number = until
            time.sleep(STEP_S)


class Reader:
    """Notes when which post arrived."""

    def __init__(self, brokers, number_of):
        self.arrived = {}
        self.number_of = number_of
        self.command = (
            ["kcat", "-b", brokers, "-C", "-t", "raw_tweets", "-o", "end", "-q", "-u", "-f", "%k\n",
             "-X", "isolation.level=read_committed", "-X", "fetch.wait.max.ms=10"])
        self.process = None
        self.stopped = False
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        # kcat gives up where a client would ask again, as for a leader that is not there yet.
        while not self.stopped:
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE,
                                            stderr=subprocess.DEVNULL)
            for line in self.process.stdout:
                self.arrived[self.number_of(line)] = time.monotonic()
            self.process.wait()

    def stop(self):
        self.stopped = True
        self.process.terminate()


def x_source(rate, on_send, folder):
    """The server, the options of ingest, and the number of a post by its key."""
    token = folder / "token"
    token.write_text(TOKEN)
    server = RateServer(rate, manners=[])
    server.step_s = STEP_S
    server.on_send = on_send
    return (server.start(), ["--x-url", server.url, "--x-token-file", str(token)],
            lambda key: int(key) - BASE)


def ws_source(rate, on_send, _):
    server = RateWsServer(rate)
    server.on_send = on_send
    return server.start(), ["--ws-url", server.url], lambda key: int(key.rsplit(b"/k", 1)[1])


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(ordered, share):
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


def main():
    options = arguments()
    brokers = os.environ["ROOKERY_BROKERS"]
    subprocess.run([str(options.bin / "rookeryctl"), "topics", "apply", "--brokers", brokers],
                   check=True, env=environment(), stdout=subprocess.DEVNULL)
    sent = {}

    def on_send(begin, end, when):
        sent.update(dict.fromkeys(range(begin, end), when))

    make = x_source if options.source == "x-sample" else ws_source
    with tempfile.TemporaryDirectory() as folder:
        server, of_source, number_of = make(options.rate, on_send, pathlib.Path(folder))
        ingest = subprocess.Popen(
            [str(options.bin / "ingest"), "--brokers", brokers, "--admin-listen", "off", "--source",
             options.source, *of_source, *options.ingest],
            env=environment(), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        reader = Reader(brokers, number_of)
        try:
            time.sleep(options.warm_up)
            first, cpu = server.due(), cpu_s(ingest.pid)
            time.sleep(options.seconds)
            last, cpu = server.due(), cpu_s(ingest.pid) - cpu
            time.sleep(2)
            status = pathlib.Path(f"/proc/{ingest.pid}/status").read_text()
        finally:
            ingest.terminate()
            ingest.wait(60)
            reader.stop()
    wanted = [number for number in range(first, last) if number in sent]
    times = sorted(reader.arrived[number] - sent[number] for number in wanted
                   if number in reader.arrived)
    print(json.dumps({
        "source": options.source, "posts": len(wanted), "not_arrived": len(wanted) - len(times),
        "rate": options.rate, "options": options.ingest,
        **{f"p{share}_ms": percentile(times, share / 100) for share in (50, 90, 95, 99)},
        "max_ms": percentile(times, 1), "cpu_share": round(cpu / options.seconds, 3),
        "rss_mib": round(int(status.split("VmHWM:")[1].split()[0]) / 1024, 1),
        "load": round(os.getloadavg()[0], 1)}))


if __name__ == "__main__":
    main()
