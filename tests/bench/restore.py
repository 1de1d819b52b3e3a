#!/usr/bin/env python3
"""How long hashtag-window takes to have its windows back after kill -9, with Kafka: see README.md here.

Fills processed_tweets with the posts of some hours of event time, lets hashtag-window count them in its
default windows, kills it, and times its next start up to /readyz.
"""
import argparse
import re
import signal
import subprocess
import tempfile
from pathlib import Path

from chain import ROOT, Bench, fail, machine, say, settled_windows

RESTORE_SECONDS_MAX = 600


def whole(service, metric):
    """Sum over all lines of a metric."""
    lines = re.findall(rf"^{metric}(?:{{[^}}]*}})? (\S+)$", service.get("/metrics")[1], re.MULTILINE)
    return sum(float(value) for value in lines)


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


def restart(bench, service):
    """Killed and started again."""
    service.process.send_signal(signal.SIGKILL)
    service.process.wait()
    again = bench.service("hashtag-window", log="restored")
    seconds = again.wait_ready(RESTORE_SECONDS_MAX)
    say(f"{again.log.read_text()}")
    return again, seconds


def measure(bench, options):
    posts = options.hours * 3600 * options.rate
    with bench.broker():
        filler = subprocess.Popen([str(bench.program("chain-probe")), "hashtags", bench.brokers, "processed_tweets",
                                   str(options.hours), str(options.rate), str(options.keys)])
        service = bench.service("hashtag-window")
        count_all(service, posts, filler)
        counted = service.cpu_s(), service.rss_mb()
        service, ready = restart(bench, service)
        lines = ["| posts | keys | counting: CPU s | RSS MB | kill -9 to ready: s | CPU s | MiB read | RSS MB |",
                 "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
                 f"| {posts:,} | {options.keys:,} | {counted[0]:,.0f} | {counted[1]:,.0f} | {ready:.1f} "
                 f"| {service.cpu_s():.1f} | {whole(service, 'rookery_restore_bytes_done') / (1 << 20):,.0f} "
                 f"| {service.rss_mb():,.0f} |"]
        service.stop()
    return "\n".join([f"Machine: {machine()}", "", *lines])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=ROOT / "build/release/bin", help="the services' folder")
    parser.add_argument("--hours", type=int, default=25, help="of event time; a day and the history of the scores")
    parser.add_argument("--rate", type=int, default=1000, help="posts a second of event time")
    parser.add_argument("--keys", type=int, default=300_000, help="hashtags")
    parser.add_argument("--folder", type=Path, help="for the broker's log, 10 GB with the defaults")
    options = parser.parse_args()
    options.quick = False
    with tempfile.TemporaryDirectory(prefix="rookery-bench-", dir=options.folder) as folder:
        print(measure(Bench(options, Path(folder)), options))


if __name__ == "__main__":
    main()
