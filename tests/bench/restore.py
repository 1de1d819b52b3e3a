#!/usr/bin/env python3
"""How long hashtag-window takes to have its windows back after kill -9, with Kafka: see README.md here.

Fills processed_tweets with the posts of some hours of event time, lets hashtag-window count them in its
default windows, and then a few times kills it and times its next start up to /readyz.
"""
import argparse
import re
import signal
import subprocess
import tempfile
from pathlib import Path

from chain import ROOT, Bench, fail, machine, say, settled_windows

RESTORE_SECONDS_MAX = 600
# What a restore reads: closed panes, the sums that are in none of them, and the posts that may be deleted.
TOPICS = ["window_panes", "window_partials", "processed_tweets"]


def restored_mib(service):
    """What was read again, in all partitions: a figure for each of TOPICS."""
    log = service.log.read_text()
    if "snapshots are of no use" in log:
        fail(f"the snapshots were not used: {log[-2000:]}")
    read = {topic: 0 for topic in TOPICS}
    for topic, size in re.findall(r'msg="state restored" partition=(\w+)\[.* bytes=(\d+)', log):
        if topic in read:
            read[topic] += int(size)
    return [size / (1 << 20) for size in read.values()]


def count_all(service, posts, filler):
    last = 0
    while (done := service.metric("rookery_records_consumed_total", "processed_tweets")) < posts:
        if not service.alive() or filler.poll():
            fail(f"stopped before the end: {service.log.read_text()[-2000:]}")
        if done >= last + posts // 10:
            say(f"{done:,.0f} of {posts:,} posts counted, {service.cpu_s():,.0f} s of CPU")
            last = done
        try:
            service.process.wait(1)
        except subprocess.TimeoutExpired:
            pass
    settled_windows(service)


def restart(bench, service, number):
    """Killed and started again."""
    service.process.send_signal(signal.SIGKILL)
    service.process.wait()
    again = bench.service("hashtag-window", log=f"restored-{number}")
    seconds = again.wait_ready(RESTORE_SECONDS_MAX)
    read = " | ".join(f"{mib:,.0f}" for mib in restored_mib(again))
    return again, f"| {seconds:.1f} | {again.cpu_s():.1f} | {read} | {again.rss_mb():,.0f} |"


def measure(bench, options):
    posts = options.hours * 3600 * options.rate
    with bench.broker():
        filler = subprocess.Popen([str(bench.program("chain-probe")), "hashtags", bench.brokers, "processed_tweets",
                                   str(options.hours), str(options.rate), str(options.keys)])
        service = bench.service("hashtag-window")
        count_all(service, posts, filler)
        lines = [f"{posts:,} posts with {options.keys:,} hashtags counted in {service.cpu_s():,.0f} s of CPU and "
                 f"{service.rss_mb():,.0f} MB", "",
                 f"| kill -9 to ready: s | CPU s | MiB of {TOPICS[0]} | of {TOPICS[1]} | of {TOPICS[2]} | RSS MB |",
                 "| ---: | ---: | ---: | ---: | ---: | ---: |"]
        for number in range(options.restarts):
            service, line = restart(bench, service, number)
            say(line)
            lines.append(line)
        service.stop()
    return "\n".join([f"Machine: {machine()}", "", *lines])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=ROOT / "build/release/bin", help="the services' folder")
    parser.add_argument("--hours", type=int, default=25, help="of event time; a day and the history of the scores")
    parser.add_argument("--rate", type=int, default=1000, help="posts a second of event time")
    parser.add_argument("--keys", type=int, default=300_000, help="hashtags")
    parser.add_argument("--restarts", type=int, default=3, help="of hashtag-window, each after a kill -9")
    parser.add_argument("--folder", type=Path, help="for the broker's log, 10 GB with the defaults")
    options = parser.parse_args()
    options.quick = False
    with tempfile.TemporaryDirectory(prefix="rookery-bench-", dir=options.folder) as folder:
        print(measure(Bench(options, Path(folder)), options))


if __name__ == "__main__":
    main()
