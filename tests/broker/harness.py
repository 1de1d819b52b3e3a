"""The stage of every broker test: a private broker, supervised services, and a clean end."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from broker import Broker
from records import read_topic
from services import Supervisor

LOG_LINES_SHOWN = 12


class TimeUp(Exception):
    """A condition was not met within its limit."""


def process_state(pid):
    """As in proc(5): "S (sleeping)"."""
    try:
        return re.search(r"^State:\s*(.+)$", Path(f"/proc/{pid}/status").read_text(), re.M)[1]
    except OSError:
        return "gone"


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


class Ring:
    """with Ring(executables) as ring: …   Everything is stopped at the end; after a failure the
    folder with all logs stays, and the ends of the logs are shown."""

    def __init__(self, executables, start_broker=True):
        self.executables = str(Path(executables).resolve())
        self.folder = tempfile.mkdtemp(prefix="rookery-broker-test-")
        self.broker = Broker(os.path.join(self.folder, "kafka"), os.path.join(self.folder, "broker.log"))
        self.supervisor = Supervisor(self.executables, self.folder, lambda: self.broker.address)
        self._start_broker = start_broker

    def __enter__(self):
        try:
            if self._start_broker:
                self.start_broker()
        except BaseException:
            self.close(failed=True)
            raise
        return self

    def __exit__(self, kind, problem, _):
        if kind is not None:
            say(f"FAILED: {kind.__name__}: {str(problem)[:2000]}")
        self.close(failed=kind is not None)

    def start_broker(self):
        self.broker.start()
        self.rookeryctl("topics", "apply")

    def close(self, failed):
        self.supervisor.close()
        self.broker.close()
        if not failed:
            shutil.rmtree(self.folder)
            return
        for log in sorted(Path(self.folder).glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
            print(f"==== {log} (last lines)", *lines, sep="\n", flush=True)
        print(f"==== all logs stay in {self.folder}", flush=True)

    # ---- tools

    def rookeryctl(self, *arguments, limit=60):
        done = subprocess.run([os.path.join(self.executables, "rookeryctl"), "--brokers",
                               self.broker.address, *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=limit)
        if done.returncode != 0:
            raise RuntimeError(f"rookeryctl {' '.join(arguments)}: status {done.returncode}: "
                               f"{done.stderr.decode(errors='replace')}")
        return done.stdout.decode()

    def pipe(self, service, *options, records=b""):
        """(lines, dead letters) of a fault-free run without Kafka."""
        dead = os.path.join(self.folder, f"{service}.dead.jsonl")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ROOKERY_")}
        out = subprocess.run([os.path.join(self.executables, service), "--pipe", "--dead-letters",
                              dead, *options], input=records, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, check=True, env=environment, timeout=120).stdout
        return out.split(b"\n")[:-1], Path(dead).read_bytes().split(b"\n")[:-1]

    def read(self, topic, count=None, limit=60):
        return read_topic(self.broker.address, topic, count, limit)

    def count(self, topic):
        """The number of committed records now; others may write meanwhile."""
        return int(self.rookeryctl("count", topic).split()[-1])

    def committed(self, group, by_topic=False):
        """{partition: committed offset} of a group that reads one topic; by_topic:
        {(topic, partition): …}."""
        lag = self.rookeryctl("lag", "--group", group, "--json")
        entries = [json.loads(line) for line in lag.splitlines()]
        return {(e["topic"], e["partition"]) if by_topic else e["partition"]: e["committed"]
                for e in entries}

    def produce(self, topic, value, key=None, partition=None):
        """One record by kcat; value None is a deletion."""
        path = os.path.join(self.folder, "produce")
        Path(path).write_bytes(value if value is not None else b"")
        command = ["kcat", "-P", "-b", self.broker.address, "-t", topic, "-X",
                   "message.max.bytes=50000000"]
        command += ["-k", key] if key is not None else []
        command += ["-p", str(partition)] if partition is not None else []
        if value is None:
            subprocess.run(command + ["-Z"], input=b"\n", check=True, timeout=30)
        else:
            subprocess.run(command + [path], check=True, timeout=30)

    # ---- waiting

    def wait(self, what, limit_seconds, condition, pause=0.1, progress=lambda: None):
        """Until condition() is true; meanwhile the services are supervised. The limit begins anew
        whenever progress() changes: slow is not stuck."""
        last = progress()
        deadline = time.monotonic() + limit_seconds
        while True:
            self.supervisor.tick()
            result = condition()
            if result:
                return result
            now = progress()
            if now != last:
                last, deadline = now, time.monotonic() + limit_seconds
            if time.monotonic() > deadline:
                self.show_progress()
                raise TimeUp(f"not within {limit_seconds} s: {what}")
            time.sleep(pause)

    def wait_for_count(self, topic, count, limit_seconds):
        """Until there are that many committed records, as long as more come; more than that is for
        the checks to find."""
        seen = 0

        def enough():
            nonlocal seen
            seen = self.count(topic)
            return seen >= count

        try:
            self.wait(topic, limit_seconds, enough, pause=0.3, progress=lambda: seen)
        except TimeUp:
            # What is there is compared record by record, which says more than a number.
            say(f"{topic} has {seen} of {count} records after {limit_seconds} s")

    def show_progress(self):
        """Where every group stands, which transactions are open and what the processes do: what
        one asks of a chain that stands still."""
        for service in self.supervisor.services.values():
            say(f"  {service.title}: pid {service.process.pid}, {process_state(service.process.pid)}, "
                f"{service.starts} starts")
        try:
            say("\n" + self.rookeryctl("lag"))
            for name, state in self.broker.open_transactions():
                say(f"  open transaction: {name} {state}")
        except (RuntimeError, subprocess.SubprocessError) as problem:
            say(f"  the broker does not say: {problem}")

    def stop_services(self, name=None):
        """In good order; a service that does not stop fails the test."""
        leaving = [s for s in self.supervisor.running(name)]
        for service in leaving:
            self.supervisor.dismiss(service)
        for service in leaving:
            self.wait(f"{service.title} stops", 90, lambda s=service: s.process.poll() is not None)
            if service.process.returncode != 0:
                raise RuntimeError(f"{service.title} was asked to stop and left with status "
                                   f"{service.process.returncode}")
        self.supervisor.tick()


def cases_of(cases):
    """A main for run_test(): each case in a ring of its own without a broker yet; or those alone
    that are named behind the folder of the executables."""
    def main(argv):
        executables, *names = argv
        for case in cases:
            if names and case.__name__ not in names:
                continue
            began = time.monotonic()
            with Ring(executables, start_broker=False) as ring:
                case(ring)
            say(f"{case.__name__}: passed in {time.monotonic() - began:.0f} s")
    return main


def run_test(main, limit_seconds):
    """Runs main(arguments) as a script: violations (a list of sentences) or an exception fail it.
    The limit lies below ctest's own, so that everything is stopped and the logs are shown."""

    def time_up(*_):
        raise TimeUp(f"the whole test took longer than {limit_seconds} s")

    def interrupted(number, _):
        raise KeyboardInterrupt(f"signal {number}")

    signal.signal(signal.SIGALRM, time_up)
    signal.signal(signal.SIGTERM, interrupted)
    signal.alarm(limit_seconds)
    if shutil.which("kcat") is None:
        print("skipped: kcat is not installed")
        sys.exit(77)
    try:
        main(sys.argv[1:])
    except Exception:
        traceback.print_exc(file=sys.stdout)
        print("FAILED", flush=True)
        sys.exit(1)
    print("passed", flush=True)
