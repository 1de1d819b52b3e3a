"""Services as supervised processes: started again at once after any failure, as in production."""
import ctypes
import os
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field

# Killed by a fault, fatal error, hanging call: those that another start mends. All else is a bug,
# as 78 (the settings) or the end by SIGABRT or SIGSEGV.
RESTARTED = {-signal.SIGKILL, 70, 75}
STOP_SECONDS_MAX = 60  # A broker may be on its way back, and leaving a group has 10 s.


class ServiceFailed(Exception):
    """A service did what no fault excuses."""


def die_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


@dataclass
class Service:
    """One instance. `environment` goes into every start; `armed` until its crash has happened."""

    name: str
    instance: int
    command: list
    log: str
    environment: dict = field(default_factory=dict)
    process: subprocess.Popen = None
    armed: dict = field(default_factory=dict)
    resume_at: float = 0  # Of a stopped process; 0: it runs.
    leaving_since: float = 0  # When it was asked to stop; 0: it was not.
    finished: bool = False  # It ended with 0 by itself, as ingest at the end of its input.
    starts: int = 0

    @property
    def title(self):
        return f"{self.name}-{self.instance}"

    def start(self):
        environment = dict(os.environ, **self.environment, **self.armed)
        with open(self.log, "ab") as log:
            log.write(f"--- start {self.starts} {self.armed or ''}\n".encode())
            log.flush()
            self.process = subprocess.Popen(self.command, env=environment, stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)
        self.starts += 1

    def signal(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)

    def fault_fired(self):
        path = self.armed.get("ROOKERY_TEST_CRASH_LOG")
        return bool(path) and os.path.exists(path) and os.path.getsize(path) > 0


class Supervisor:
    """Owns the services of a test. tick() does what is due; every wait of the test calls it."""

    def __init__(self, executables, folder, brokers):
        self.executables = executables
        self.folder = folder
        self.brokers = brokers  # A function: the address is known only after the first start.
        self.services = {}
        self.forgotten = []
        self.fired = []  # Crash points that have killed their process, "service point".
        self.exit_counts = Counter()  # By status, negative for signals.

    def start(self, name, *options, instance=0, environment=None, log=None):
        service = Service(
            name, instance,
            [os.path.join(self.executables, name), "--instance", str(instance), *options],
            os.path.join(self.folder, log or f"{name}-{instance}.log"),
            {"ROOKERY_BROKERS": self.brokers(), "ROOKERY_ADMIN_LISTEN": "off",
             **(environment or {})})
        if (name, instance) in self.services:
            raise ValueError(f"{service.title} runs already")
        service.start()
        self.services[name, instance] = service
        return service

    def forget(self, service):
        """From now on it is not started again, and its end is for the test to judge."""
        del self.services[service.name, service.instance]
        self.forgotten.append(service)

    def running(self, name=None):
        return [s for s in self.services.values()
                if (name is None or s.name == name) and not s.leaving_since and not s.finished]

    def tick(self):
        for key, service in list(self.services.items()):
            if service.resume_at and time.monotonic() >= service.resume_at:
                self.resume(service)
            status = service.process.poll()
            if status is None:
                if service.leaving_since and time.monotonic() > service.leaving_since + STOP_SECONDS_MAX:
                    self._report_hang(service)
                continue
            if service.finished:
                continue
            self.exit_counts[status] += 1
            if service.leaving_since:
                if status not in RESTARTED | {0}:
                    raise ServiceFailed(f"{service.title} left with status {status} when it was to stop")
                del self.services[key]
                continue
            self._after_exit(service, status)

    def _after_exit(self, service, status):
        if status == 0 and service.name == "ingest":
            service.finished = True
            return
        if status not in RESTARTED:
            raise ServiceFailed(f"{service.title} left with status {status}: see its log")
        if service.fault_fired():
            self.fired.append(f"{service.name} {service.armed['ROOKERY_TEST_CRASH_AT'].split(':')[0]}")
            service.armed = {}
        service.resume_at = 0
        service.start()

    def _report_hang(self, service):
        stacks = subprocess.run(["gdb", "-p", str(service.process.pid), "-batch", "-ex",
                                 "thread apply all backtrace 30"], capture_output=True, check=False)
        with open(service.log, "ab") as log:
            log.write(b"--- hangs\n" + stacks.stdout)
        raise ServiceFailed(f"{service.title} did not stop within {STOP_SECONDS_MAX} s of SIGTERM; "
                            "its stacks are at the end of its log")

    def arm(self, service, point, passage, sequence):
        """Kills the service and starts it again with a crash planned at the passage-th time it
        comes by the named point (common/core/fault.hpp)."""
        service.armed = {
            "ROOKERY_TEST_CRASH_AT": f"{point}:{passage}",
            "ROOKERY_TEST_CRASH_LOG": os.path.join(self.folder, f"crash-{sequence}")}
        self.resume(service)
        service.signal(signal.SIGKILL)

    def pause(self, service, seconds):
        service.signal(signal.SIGSTOP)
        service.resume_at = time.monotonic() + seconds

    def resume(self, service):
        service.resume_at = 0
        service.signal(signal.SIGCONT)

    def dismiss(self, service, how=signal.SIGTERM):
        """Asks it to leave, or kills it; it is not started again."""
        self.resume(service)
        service.leaving_since = time.monotonic()
        service.signal(how)

    def close(self):
        services = [*self.services.values(), *self.forgotten]
        for service in services:
            service.signal(signal.SIGKILL)
        for service in services:
            service.process.wait()
