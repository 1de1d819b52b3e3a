"""A private Kafka broker of a test: started on free ports, ended whatever happens."""
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KAFKA = str(ROOT / "scripts" / "kafka")


class Broker:
    """One node with its data in `folder`. Its commands run one at a time; those that begin_…
    run beside the test until busy() is false."""

    def __init__(self, folder, log):
        self.folder = str(folder)
        self.log = open(log, "ab")
        self.address = ""
        self._under_way = None
        self._doing = ""
        # Ends the broker when this process is gone, even by SIGKILL: its end of the pipe closes.
        self._reaper = subprocess.Popen(
            ["/bin/sh", "-c", 'read _; exec "$0" --data "$1" kill', KAFKA, self.folder],
            stdin=subprocess.PIPE, stdout=self.log, stderr=self.log, start_new_session=True)

    def _command(self, *arguments):
        return [KAFKA, "--data", self.folder, *arguments]

    def run(self, *arguments, limit=90):
        """Standard output; raises CalledProcessError."""
        return subprocess.run(self._command(*arguments), check=True, stdout=subprocess.PIPE,
                              stderr=self.log, timeout=limit).stdout.decode()

    def start(self):
        """The first start takes any free ports; later ones keep them."""
        known = os.path.exists(os.path.join(self.folder, "port"))
        self.address = self.run(*([] if known else ["--port", "0"]), "start").strip()

    def stop(self):
        self.run("stop")

    def kill(self):
        self.run("kill")

    def _begin(self, doing, script, *arguments):
        self._doing = doing
        self._under_way = subprocess.Popen(
            ["/bin/sh", "-ec", script, KAFKA, self.folder, *arguments],
            stdout=self.log, stderr=self.log)

    def begin_restart(self, how, away_seconds):
        """how: kill or stop; then away for a time, then started again."""
        self._begin("restart", '"$0" --data "$1" "$2"; sleep "$3"; "$0" --data "$1" start',
                    how, f"{away_seconds:.2f}")

    def begin_freeze(self, seconds):
        """Stops the process and lets it go on, as a long pause of its machine: what a service
        has in flight times out, and its transaction must be aborted."""
        self._begin("freeze", 'kill -STOP "$2"; sleep "$3"; kill -CONT "$2"',
                    self._pid(), f"{seconds:.2f}")

    def _pid(self):
        with open(os.path.join(self.folder, "pid")) as file:
            return file.read().strip()

    def busy(self):
        if self._under_way is None:
            return False
        status = self._under_way.poll()
        if status is None:
            return True
        self._under_way = None
        if status != 0:
            raise RuntimeError(f"broker: {self._doing} failed with status {status}")
        return False

    def open_transactions(self):
        """[(transactional id, state)] of those that neither committed nor aborted."""
        found = []
        for line in self.run("transactions", "list").splitlines()[1:]:
            columns = line.split()
            if len(columns) >= 4 and columns[3] not in ("CompleteCommit", "CompleteAbort", "Empty",
                                                        "Dead"):
                found.append((columns[0], columns[3]))
        return found

    def close(self):
        """Ends it for good."""
        if self._under_way is not None:
            self._under_way.kill()
            self._under_way.wait()
            subprocess.run(["kill", "-CONT", self._pid()], stderr=self.log, check=False)
        subprocess.run(self._command("kill"), stdout=self.log, stderr=self.log, check=False)
        self._reaper.kill()
        self._reaper.wait()
        self.log.close()
