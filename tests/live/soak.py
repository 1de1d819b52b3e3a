#!/usr/bin/env python3
"""An hour of a bad stream, or less: soak.py BIN [--minutes N] [--rate POSTS_PER_SECOND] [--seed N]

Over the broker of ROOKERY_BROKERS (tests/broker/with_broker). The server sends at the rate and cuts,
stalls, repeats and refuses all the while. At the end every post is in raw_tweets once, no gap is told
(backfill covers all of them), and memory has not grown. Prints the figures in one line of JSON.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from harness import environment, sanitized
from live_broker import keys
from rate_server import BASE, RateServer
from x_server import TOKEN

# Of memory, from the second third to the last; the first one fills the tables of ids.
GROWTH_MAX_MIB = 4.0
# In a shorter run buffers are still filled for the first time, the later the busier the machine;
# what leaks there shows in the most memory.
FLAT_MINUTES = 5
RSS_MAX_MIB = 60.0
# How often it is looked whether all posts have come: reading an hour of them takes minutes.
TRIES = 20
TRY_S = 6


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def rss_mib(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start(options, server, folder, brokers):
    token = folder / "token"
    token.write_text(TOKEN)
    # A short run has to see ids being forgotten too; they must last for what a backfill repeats.
    window_ms = int(max(60_000, min(600_000, options.minutes * 60_000 / 6)))
    with open(folder / "log", "wb") as log:
        return subprocess.Popen(
            [str(options.bin / "ingest"), "--brokers", brokers, "--admin-listen", "off",
             "--source", "x-sample", "--x-url", server.url, "--x-token-file", str(token),
             "--x-backfill-minutes", "5", "--wait-scale", "0.002", "--idle-timeout-ms", "1500",
             "--duplicate-window-ms", str(window_ms)],
            env=environment(), stdin=subprocess.DEVNULL, stderr=log)


def watch(process, seconds):
    """Memory once a second."""
    memory = []
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if process.poll() is not None:
            sys.exit(f"ingest ended with {process.returncode}")
        memory.append(rss_mib(process.pid))
        time.sleep(1)
    return memory


def wait_for(brokers, posts):
    """The ids, once as many have come as there are; whatever has come after a while."""
    for _ in range(TRIES):
        counts = keys(brokers, "raw_tweets", timeout=1800)
        if len(counts) >= posts:
            break
        time.sleep(TRY_S)
    return counts


def run(options, folder):
    brokers = os.environ["ROOKERY_BROKERS"]
    subprocess.run([str(options.bin / "rookeryctl"), "topics", "apply", "--brokers", brokers],
                   check=True, env=environment(), stdout=subprocess.DEVNULL)
    server = RateServer(options.rate, seed=options.seed).start()
    process = start(options, server, folder, brokers)
    try:
        # Until the first connection stands, posts go by that nobody has asked for.
        while not server.connections:
            time.sleep(0.01)
        memory = watch(process, options.minutes * 60)
        posts = server.end()
        counts = wait_for(brokers, posts)
        gaps = keys(brokers, "stream_gaps").total()
        cpu = cpu_s(process.pid)
    finally:
        process.terminate()
        process.wait(60)
    third = len(memory) // 3
    figures = {
        "minutes": options.minutes, "posts": posts, "connections": server.connections,
        "played": server.played, "missing": posts - len(counts),
        "twice": sum(1 for count in counts.values() if count > 1),
        "foreign": sum(1 for key in counts if not 0 <= int(key) - BASE < posts),
        "gaps": gaps,
        "rss_mib": round(max(memory), 1),
        "growth_mib": round(statistics.median(memory[2 * third:])
                            - statistics.median(memory[third:2 * third]), 2),
        "cpu_share": round(cpu / (options.minutes * 60), 3),
        "posts_per_cpu_second": round(posts / cpu)}
    print(json.dumps(figures), flush=True)
    return figures


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        figures = run(options, folder)
        wrong = [name for name in ("missing", "twice", "foreign", "gaps") if figures[name] != 0]
        if not sanitized(options.bin):
            wrong += ["rss_mib"] if figures["rss_mib"] > RSS_MAX_MIB else []
            grown = figures["growth_mib"] > GROWTH_MAX_MIB
            wrong += ["growth_mib"] if grown and options.minutes >= FLAT_MINUTES else []
        if wrong:
            print((folder / "log").read_text()[-3000:])
            sys.exit(f"wrong: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
