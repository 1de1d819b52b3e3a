#!/usr/bin/env python3
"""What the services of the chain cost on a broker, in one run: see README.md here.

Starts a broker of its own, fills its topics, lets each stage process what lies there, and
prints a Markdown table. CPU seconds and ratios are what to compare: they hardly depend on
what else the machine does, as wall-clock times do.
"""
import argparse
import contextlib
import http.client
import json
import os
import platform
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
PARTITIONS = 6
SMALL_BYTES = 250
STAGE_SECONDS_MAX = 300
# Percent of copy-through, records a CPU second, MB, seconds, ms.
GOALS = {"ratio": 0.6, "rate": 250_000, "windows_rate": 300_000, "all_windows_rate": 150_000, "rss_mb": 60,
         "start_s": 0.5, "p99_ms": 100}


@dataclass
class Stage:
    name: str
    records: int
    cpu_s: float
    wall_s: float
    rss_mb: float

    @property
    def rate(self):
        return self.records / self.cpu_s


def fail(message):
    raise SystemExit(f"chain.py: {message}")


def run(*command, **options):
    return subprocess.run([str(c) for c in command], check=True, text=True, **options)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """A service's process with its admin endpoint."""

    def __init__(self, bench, program, *options, log="service"):
        self.port = free_port()
        self.log = bench.folder / f"{log}.log"
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [str(program), "--brokers", bench.brokers, "--admin-listen", f"127.0.0.1:{self.port}",
             *map(str, options)],
            stdout=subprocess.DEVNULL, stderr=open(self.log, "a"))

    def get(self, path):
        """(status, body); (0, "") as long as nobody listens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            return 0, ""
        finally:
            connection.close()

    def alive(self):
        return self.process.poll() is None

    def wait_ready(self, seconds_max=30):
        """Seconds from the start of the process to /readyz 200."""
        while True:
            if self.get("/readyz")[0] == 200:
                return time.monotonic() - self.started
            if not self.alive() or time.monotonic() - self.started > seconds_max:
                fail(f"{self.process.args[0]} does not become ready: {self.log.read_text()[-2000:]}")
            time.sleep(0.002)

    def metric(self, name, topic):
        """Sum over the metric's lines of that topic."""
        lines = re.findall(rf'^{name}\{{([^}}]*)\}} (\S+)$', self.get("/metrics")[1], re.MULTILINE)
        return sum(float(value) for labels, value in lines if f'topic="{topic}"' in labels)

    def cpu_s(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss_mb(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024

    def stop(self):
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            fail(f"{self.process.args[0]} does not stop: {self.log.read_text()[-2000:]}")
        if self.process.returncode != 0:
            fail(f"{self.process.args[0]} left with {self.process.returncode}: {self.log.read_text()[-2000:]}")


class Bench:
    def __init__(self, options, folder):
        self.bin = options.bin.resolve()
        self.tools = self.bin.parent / "tools"
        self.folder = folder
        self.brokers = ""
        self.posts = 60_000 if options.quick else 400_000
        self.starts = 2 if options.quick else 5
        self.latency_s = (3, 5) if options.quick else (10, 20)

    def program(self, name):
        for folder in (self.bin, self.tools):
            if (folder / name).exists():
                return folder / name
        fail(f"no {name} in {self.bin} or {self.tools}; build the release preset first")

    @contextlib.contextmanager
    def broker(self):
        kafka = (ROOT / "scripts/kafka", "--data", self.folder / "broker")
        run(*kafka, "--port", "0", "start", "--throughput", stdout=subprocess.DEVNULL)
        try:
            # A new call, as start's background process would keep a pipe open.
            self.brokers = run(*kafka, "status", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.strip()
            self.ctl("topics", "apply")
            for topic in ("bench_small", "bench_small_copies", "bench_tweet_copies"):
                run(*kafka, "topics", "--create", "--topic", topic, "--partitions", PARTITIONS,
                    stdout=subprocess.DEVNULL)
            yield
        finally:
            run(*kafka, "stop", stdout=subprocess.DEVNULL)

    def ctl(self, *arguments):
        return run(self.program("rookeryctl"), "--brokers", self.brokers, *arguments, stdout=subprocess.PIPE).stdout

    def count(self, topic):
        """Committed records of a topic, or 0 before there are any."""
        found = re.search(rf"^{topic}\s+(\d+)", self.ctl("count", topic), re.MULTILINE)
        return int(found[1]) if found else 0

    def service(self, name, *options, log=None):
        return Service(self, self.program(name), *options, log=log or name)

    def forget_windows(self):
        """As if hashtag-window had never run: other windows can be counted."""
        kafka = (ROOT / "scripts/kafka", "--data", self.folder / "broker")
        groups = {f"hashtag-window-{step}" for step in ("partial", "merge", "rank")}
        deadline = time.monotonic() + 120
        while groups:  # A static member counts until its session ends.
            told = run(*kafka, "consumer-groups", "--delete", *(f"--group={g}" for g in sorted(groups)),
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
            listed = run(*kafka, "consumer-groups", "--list", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            left = set(listed.stdout.split()) & groups
            if left and time.monotonic() > deadline:
                fail(f"groups are not to be deleted: {told[-2000:]}")
            groups = left
            time.sleep(1)
        run(*kafka, "topics", "--delete", "--topic", "window_.*|trends|late_tweets", stdout=subprocess.DEVNULL)
        self.ctl("topics", "apply")

    def fill_compact(self, posts):
        """processed_tweets anew, with the posts of that file as other engines were measured with them: some
        260 bytes each, uncompressed. How many."""
        kafka = (ROOT / "scripts/kafka", "--data", self.folder / "broker")
        run(*kafka, "topics", "--delete", "--topic", "processed_tweets", stdout=subprocess.DEVNULL)
        self.ctl("topics", "apply")
        lines = self.folder / "compact"
        with posts.open() as source, lines.open("w") as out:
            for line in source:
                post = json.loads(line)
                value = json.dumps(compact(post), ensure_ascii=False, separators=(",", ":"))
                out.write(f"{post['id']}\t{value}\n")
        run("kcat", "-P", "-b", self.brokers, "-t", "processed_tweets", "-K", "\t", "-l", lines,
            "-X", "partitioner=murmur2_random")
        return self.count("processed_tweets")

    # ---- what is measured

    def start_times(self, name, *options):
        """Median over several starts, with the broker running and nothing to do."""
        times = []
        for _ in range(self.starts):
            service = self.service(name, *options)
            times.append(service.wait_ready())
            service.stop()
        return statistics.median(times)

    def drain(self, label, name, topic, records, *options, settled=None):
        """A stage reads a filled topic to its end. CPU from the start of its process on."""
        service = self.service(name, *options)
        deadline = service.started + STAGE_SECONDS_MAX
        while service.metric("rookery_records_consumed_total", topic) < records:
            if not service.alive() or time.monotonic() > deadline:
                fail(f"{name} stopped before the end: {service.log.read_text()[-2000:]}")
            time.sleep(0.25)  # Each look costs the service a page of metrics.
        if settled:
            settled(service)
        stage = Stage(label, records, service.cpu_s(), time.monotonic() - service.started, service.rss_mb())
        service.stop()
        say(f"{label}: {stage.rate:,.0f} records per CPU second")
        return stage

    def ingest(self, path):
        """ingest ends by itself at the file's end, so its own account is taken."""
        service = self.service("ingest", "--file", path, "--file-format", "record")
        _, status, usage = os.wait4(service.process.pid, 0)
        service.process.returncode = os.waitstatus_to_exitcode(status)
        if status != 0:
            fail(f"ingest left with {service.process.returncode}: {service.log.read_text()[-2000:]}")
        return Stage("ingest (file)", self.count("raw_tweets"), usage.ru_utime + usage.ru_stime,
                     time.monotonic() - service.started, usage.ru_maxrss / 1024)

    def latency(self):
        """geo-enrich and sentiment-scoring with default options, the topics at their ends."""
        stages = [self.service("geo-enrich"), self.service("sentiment-scoring")]
        for stage in stages:
            stage.wait_ready()
        probe = run(self.program("chain-probe"), "latency", self.brokers, "raw_tweets", "processed_tweets", 1000,
                    *self.latency_s, stdout=subprocess.PIPE)
        for stage in stages:
            stage.stop()
        return json.loads(probe.stdout)

    def make_posts(self):
        """A file of the simulator's posts, one in ten with a point, without broken lines."""
        path = self.folder / "posts.jsonl"
        with path.open("w") as out:
            run(self.program("ingest"), "--pipe", "--source", "simulator", "--sim-posts", self.posts,
                "--sim-malformed-share", 0, "--sim-deletion-share", 0, "--sim-duplicate-share", 0, stdout=out)
        return path


def compact(post):
    kept = {name: post[name] for name in ("id", "text", "created_at", "lang")}
    kept["author"] = {"id": post["author"]["id"]}
    if "hashtags" in post.get("entities", {}):
        kept["entities"] = {"hashtags": [{"tag": tag["tag"]} for tag in post["entities"]["hashtags"]]}
    return kept | {"sentiment": {"label": "neutral", "score": 0.12}}


def settled_windows(service):
    """The later stages of hashtag-window are through when nothing moves for a second."""
    last, since = None, time.monotonic()
    while time.monotonic() - since < 1:
        now = [service.metric("rookery_records_consumed_total", topic) for topic in ("window_partials", "window_ranks")]
        if now != last:
            last, since = now, time.monotonic()
        time.sleep(0.1)


def say(message):
    print(f"chain.py: {message}", file=sys.stderr, flush=True)


def machine():
    model = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    load = os.getloadavg()[0]
    return (f"{model[1] if model else platform.machine()}, {os.cpu_count()} CPUs, Linux {platform.release()}, "
            f"load average {load:.1f}, {time.strftime('%Y-%m-%d', time.gmtime())}")


def measure(bench):
    posts = bench.make_posts()
    with bench.broker():
        starts = {name: bench.start_times(name, *options) for name, options in (
            ("geo-enrich", ()), ("sentiment-scoring", ()), ("hashtag-window", ()),
            ("ingest", ("--source", "simulator", "--rate", 1, "--instance", "start")))}
        say("start to ready: " + ", ".join(f"{name} {s:.2f} s" for name, s in starts.items()))
        run(bench.program("chain-probe"), "fill", bench.brokers, "bench_small", bench.posts, SMALL_BYTES)
        # ingest's simulator wrote a few posts while it was started.
        before = bench.count("raw_tweets")
        stages = [bench.ingest(posts)]
        stages[0].records -= before
        total = before + stages[0].records
        small = bench.drain(f"copy-through ({SMALL_BYTES} bytes)", "copy-through", "bench_small", bench.posts,
                            "--topic-in", "bench_small", "--topic-out", "bench_small_copies")
        tweets = bench.drain("copy-through (posts)", "copy-through", "raw_tweets", total,
                             "--topic-in", "raw_tweets", "--topic-out", "bench_tweet_copies")
        stages += [
            bench.drain("geo-enrich", "geo-enrich", "raw_tweets", total),
            # What was written at the start comes again in the file: geo-enrich refuses it.
            bench.drain("sentiment-scoring", "sentiment-scoring", "enriched_tweets", bench.count("enriched_tweets")),
            bench.drain("hashtag-window (5m/1m)", "hashtag-window", "processed_tweets", bench.count("processed_tweets"),
                        "--windows", "5m/1m", "--idle-policy", "jump", settled=settled_windows)]
        latency = bench.latency()
        bench.forget_windows()
        stages.append(
            bench.drain("hashtag-window (and 1h/10s, 24h/1m)", "hashtag-window", "processed_tweets",
                        bench.count("processed_tweets"), "--windows", "5m/1m,1h/10s,24h/1m",
                        "--idle-policy", "jump", settled=settled_windows))
        bench.forget_windows()
        stages += measure_compact(bench, bench.fill_compact(posts))
    return {"machine": machine(), "posts": bench.posts, "post_bytes": posts.stat().st_size / bench.posts,
            "goals": GOALS, "baseline": [asdict(s) | {"rate": s.rate} for s in (small, tweets)],
            "stages": with_ratios(stages, tweets),
            "start_s": starts, "latency": latency}


def with_ratios(stages, baseline):
    """Of each stage over the copy-through of the same posts."""
    told = []
    for stage in stages:
        if stage.name.startswith("copy-through"):
            baseline = stage
            told.append(asdict(stage) | {"rate": stage.rate})
        else:
            told.append(asdict(stage) | {"rate": stage.rate, "ratio": stage.rate / baseline.rate})
    return told


def measure_compact(bench, records):
    baseline = bench.drain("copy-through (compact posts)", "copy-through", "processed_tweets", records,
                           "--topic-in", "processed_tweets", "--topic-out", "bench_small_copies")
    stages = []
    for windows, told in (("5m/1m", "5m/1m"), ("5m/1m,1h/10s,24h/1m", "and 1h/10s, 24h/1m")):
        # They were not written by the stages before.
        stages.append(bench.drain(f"hashtag-window ({told}, compact posts)", "hashtag-window", "processed_tweets",
                                  records, "--windows", windows, "--idle-policy", "jump", "--upstream", "",
                                  settled=settled_windows))
        bench.forget_windows()
    return [baseline, *stages]


def mark(value, goal, at_least=False):
    met = value >= goal if at_least else value <= goal
    return "" if met else " ✗"


def report(result):
    lines = [f"Machine: {result['machine']}",
             f"{result['posts']:,} posts of {result['post_bytes']:.0f} bytes on average", "",
             "| Stage | records per CPU second | of copy-through | CPU µs per record | RSS MB | start to ready s |",
             "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for stage in result["baseline"] + result["stages"]:
        name = stage["name"].split(" (")[0]
        start = result["start_s"].get(name)
        windows = name == "hashtag-window"
        ratio = stage.get("ratio")
        stateless = ratio is not None and name not in ("hashtag-window", "ingest")
        goal = GOALS[("all_windows_rate" if "24h" in stage["name"] else "windows_rate") if windows else "rate"]
        lines.append(
            f"| {stage['name']} | {stage['rate']:,.0f}{mark(stage['rate'], goal, True) if ratio else ''} "
            f"| {'' if ratio is None else f'{ratio:.2f}'}{mark(ratio, GOALS['ratio'], True) if stateless else ''} "
            f"| {1e6 / stage['rate']:.2f} | {stage['rss_mb']:.0f}{mark(stage['rss_mb'], GOALS['rss_mb'])} "
            f"| {'' if start is None else f'{start:.2f}' + mark(start, GOALS['start_s'])} |")
    p = result["latency"]
    lines += ["", "| raw_tweets to processed_tweets at 1,000 posts/s | p50 ms | p90 ms | p99 ms | max ms | missing |",
              "| --- | ---: | ---: | ---: | ---: | ---: |",
              f"| {p['posts']:,} posts, exactly-once | {p['p50_ms']:.1f} | {p['p90_ms']:.1f} "
              f"| {p['p99_ms']:.1f}{mark(p['p99_ms'], GOALS['p99_ms'])} | {p['max_ms']:.1f} | {p['missing']} |", "",
              f"Goals: stateless stages ≥ {GOALS['ratio']} of copy-through and ≥ {GOALS['rate']:,} posts per CPU "
              f"second, hashtag-window ≥ {GOALS['windows_rate']:,}, with all windows "
              f"≥ {GOALS['all_windows_rate']:,}; RSS ≤ {GOALS['rss_mb']} MB; start to ready "
              f"< {GOALS['start_s']} s; p99 ≤ {GOALS['p99_ms']} ms. ✗: missed."]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=ROOT / "build/release/bin", help="the services' folder")
    parser.add_argument("--quick", action="store_true", help="few posts: whether it runs, not what it costs")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rookery-bench-") as folder:
        result = measure(Bench(options, Path(folder)))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")
    print(report(result))


if __name__ == "__main__":
    main()
