#!/usr/bin/env python3
"""How long a post takes from the socket to raw_tweets:

tests/broker/with_broker --throughput tests/bench/latency.py BIN [--source x-sample|websocket]
    [--rate N] [--seconds N] [--warm-up SECONDS] [--dump FILE] [-- OPTION_OF_INGEST...]

latency-probe (BIN/../tools) is the server and the reader; its first lines say what is measured.
Prints one line of JSON: `log` is the time to the broker's log, `visible` that to a reader with
read_committed, so with the commit of the post's transaction; `late` how much later than due the
probe sent. cpu_share is of ingest alone, in cores.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/live"))
from harness import environment  # noqa: E402  (the line above makes it findable)
from rate_server import BASE, templates  # noqa: E402
from ws_server import event  # noqa: E402
from x_server import TOKEN  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("--source", choices=["x-sample", "websocket"], default="x-sample")
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--warm-up", type=int, default=15, help="seconds; a new broker is slow")
    parser.add_argument("--dump", help="a file for the times of each post")
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    options = parser.parse_args(sys.argv[1:end])
    options.ingest = sys.argv[end + 1:]
    return options


def first_of_run():
    """Runs that follow each other on a broker need ids of their own: ingest knows those it has seen."""
    return int(time.time()) * 100_000


def x_source(folder):
    """Messages, the first id, and the options of ingest for a port."""
    token = folder / "token"
    token.write_text(TOKEN)
    lines = [before + b"@ID@" + behind.rstrip() for before, behind in templates()]
    return lines, BASE + first_of_run(), lambda port: [
        "--x-url", f"http://127.0.0.1:{port}", "--x-token-file", str(token)]


def ws_source(_):
    lines = [json.dumps(event(0)).replace('"k0"', '"k@ID@"').encode()]
    return lines, first_of_run(), lambda port: ["--ws-url", f"ws://127.0.0.1:{port}"]


def start_probe(options, brokers, folder, lines, first):
    messages = folder / "messages"
    messages.write_bytes(b"".join(line + b"\n" for line in lines))
    form = "x" if options.source == "x-sample" else "jetstream"
    return subprocess.Popen(
        [str(options.bin.parent / "tools/latency-probe"), brokers, form, str(messages), str(first),
         str(options.rate), str(options.warm_up), str(options.seconds),
         *([options.dump] if options.dump else [])],
        stdout=subprocess.PIPE, text=True)


def said(probe, word):
    """The rest of the probe's next line, which must begin with `word`."""
    line = probe.stdout.readline()
    if not line.startswith(word):
        sys.exit(f"latency-probe: expected {word!r}, got {line!r}")
    return line[len(word):]


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(options, brokers, folder):
    lines, first, of_port = (x_source if options.source == "x-sample" else ws_source)(folder)
    probe = start_probe(options, brokers, folder, lines, first)
    ingest = None
    try:
        port = int(said(probe, "port "))
        ingest = subprocess.Popen(
            [str(options.bin / "ingest"), "--brokers", brokers, "--admin-listen", "off", "--source",
             options.source, *of_port(port), *options.ingest],
            env=environment(), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        said(probe, "measuring")
        cpu = cpu_s(ingest.pid)
        said(probe, "measured")
        cpu = cpu_s(ingest.pid) - cpu
        figures = json.loads(said(probe, ""))
        status = pathlib.Path(f"/proc/{ingest.pid}/status").read_text()
    finally:
        probe.kill()
        probe.wait()
        if ingest:
            ingest.terminate()
            ingest.wait(60)
    return {**figures, "cpu_share": round(cpu / options.seconds, 3),
            "rss_mib": round(int(status.split("VmHWM:")[1].split()[0]) / 1024, 1)}


def main():
    options = arguments()
    brokers = os.environ["ROOKERY_BROKERS"]
    subprocess.run([str(options.bin / "rookeryctl"), "topics", "apply", "--brokers", brokers],
                   check=True, env=environment(), stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(options, brokers, pathlib.Path(folder))
    print(json.dumps({"source": options.source, "rate": options.rate, "options": options.ingest,
                      **figures, "load": round(os.getloadavg()[0], 1)}))


if __name__ == "__main__":
    main()
