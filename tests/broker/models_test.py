#!/usr/bin/env python3
"""sentiment-scoring takes up the models of the topic `models`, and refuses broken ones.

  models_test.py EXECUTABLES
"""
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

from harness import Ring, run_test, say
from services import die_with_parent

ROOT = Path(__file__).resolve().parents[2]
TOPICS = ROOT / "tests/fixtures/topics/topics.model"
SENTIMENT = ROOT / "services/sentiment-scoring/models"
CACHE = Path(os.environ.get("ROOKERY_CACHE") or
             Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rookery")
KEYS = {"AWS_ACCESS_KEY_ID": "rookery-test", "AWS_SECRET_ACCESS_KEY": "not-a-secret-key"}


class Stage:
    """A running sentiment-scoring, asked by posts."""

    def __init__(self, ring, *options, environment=None):
        self.ring = ring
        self.options = options
        self.environment = environment
        self.posts = 0

    def start(self):
        self.service = self.ring.supervisor.start(
            "sentiment-scoring", "--admin-listen", "127.0.0.1:0", *self.options,
            environment=self.environment)

    def score(self):
        """What it makes of one more post."""
        self.posts += 1
        key = str(self.posts)
        post = {"id": key, "text": "what a lovely goal in that football match", "lang": "en",
                "created_at": "2026-11-25T10:00:00Z"}
        self.ring.produce("enriched_tweets", json.dumps(post).encode(), key=key, partition=0)

        def scored():
            records = self.ring.read("processed_tweets")
            return next((json.loads(r.value) for r in records if r.key == key.encode()), None)
        return self.ring.wait(f"post {key} is scored", 60, scored, pause=0.2)

    def wait_for(self, what, condition):
        return self.ring.wait(what, 60, lambda: condition(self.score()), pause=0.5)

    def log(self):
        return Path(self.service.log).read_text()

    def wait_for_refusal(self, code, detail):
        """A line of its own, and the old model goes on."""
        before = self.score()
        line = re.compile(rf"new model refused.*code={code}.*{detail}")
        self.ring.wait(f"a refusal {code} {detail}", 60, lambda: line.search(self.log()), pause=0.2)
        after = self.score()
        require(after.get("topic_model") == before.get("topic_model"), "the old model went on")

    def metrics(self):
        address = re.findall(r"admin=(\S+)", self.log())[-1]
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
            return answer.read().decode()


def require(condition, sentence):
    if not condition:
        raise AssertionError(sentence)


def entry_of(path, **changes):
    data = Path(path).read_bytes()
    entry = {"use": "topics", "id": "x-1", "sha256": hashlib.sha256(data).hexdigest(),
             "bytes": str(len(data)), "location": str(path),
             "published_at": "2026-11-25T10:00:00Z"}
    return json.dumps({**entry, **changes}).encode()


def published(ring):
    return {e["use"]: e for e in map(json.loads,
                                     ring.rookeryctl("models", "list", "--json").splitlines())}


def takes_up_and_withdraws(ring):
    stage = Stage(ring)
    stage.start()
    require("topic_model" not in stage.score(), "there is no topic model yet")
    ring.rookeryctl("models", "publish", str(TOPICS))
    topics = published(ring)["topics"]["id"]
    stage.wait_for("topics of the published model", lambda p: p.get("topic_model") == topics)

    # Of one megabyte, so it is held in several records.
    own = stage.score()["sentiment"]["model"]
    ring.rookeryctl("models", "publish", str(SENTIMENT / "en-polarity.model"))
    polarity = published(ring)["sentiment-en"]
    require(polarity["parts"] > 1, "the model is held in several records")
    stage.wait_for("the published model", lambda p: p["sentiment"]["model"] == polarity["id"])
    metrics = stage.metrics()
    require(f'rookery_model_info{{model="{topics}",use="topics"}} 1' in metrics, "the id shows")
    made = re.search(r'made_timestamp_seconds{use="topics"} (\S+)', metrics)
    require(made and abs(float(made[1]) - time.time()) < 600, "the age shows")

    # A start takes the published models before the first post.
    ring.stop_services()
    stage.start()
    post = stage.score()
    require((post["topic_model"], post["sentiment"]["model"]) == (topics, polarity["id"]),
            "a start knows what is published")
    ring.rookeryctl("models", "withdraw", "sentiment-en")
    stage.wait_for("the file's model", lambda p: p["sentiment"]["model"] == own)
    ring.rookeryctl("models", "withdraw", "topics")
    stage.wait_for("no topics", lambda p: "topic_model" not in p)
    require(not published(ring), "nothing is published any more")
    require(stage.service.starts == 1, "nothing was started again for it")
    ring.stop_services()



def refuses(ring):
    folder = Path(ring.folder)
    good = TOPICS.read_bytes()
    older = folder / "older.model"
    older.write_bytes(good[:8] + bytes([0]) + good[9:])
    cut = folder / "cut.model"
    cut.write_bytes(good[:len(good) // 2])
    stage = Stage(ring)
    stage.posts = 1000
    stage.start()
    ring.rookeryctl("models", "publish", str(TOPICS))
    stage.wait_for("topics", lambda p: "topic_model" in p)
    for value, code, detail in [
            (entry_of(older), "model_version", "expected format"),
            (entry_of(cut), "model_broken", "checksum"),
            (entry_of(cut, bytes=str(len(good))), "model_broken", "expected .* bytes, got"),
            (entry_of(TOPICS, sha256="0" * 64), "model_broken", "SHA-256"),
            (entry_of(cut, location=str(folder / "none")), "model_unreadable", "none"),
            (entry_of(SENTIMENT / "en.model"), "model_broken", "ROOKTOPC"),
            (entry_of(TOPICS, bytes="many"), "entry_malformed", "bytes"),
            (b"no json", "entry_malformed", "expected an object")]:
        say(f"refused: {code} {detail}")
        ring.produce("models", value, key="topics", partition=0)
        stage.wait_for_refusal(code, detail)
    # Parts that are not there.
    parts = json.loads(entry_of(TOPICS))
    del parts["location"]
    ring.produce("models", json.dumps({**parts, "parts": 3, "sha256": "1" * 64}).encode(),
                 key="topics", partition=0)
    stage.wait_for_refusal("model_broken", "part 0 of 3")
    ring.stop_services()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def reads_from_s3(ring):
    minio = shutil.which("minio") or str(CACHE / "bin/minio")
    if not os.path.exists(minio):
        say("skipped: there is no MinIO in the path or the cache, so nothing of S3 was tested")
        return
    address = f"127.0.0.1:{free_port()}"
    data = os.path.join(ring.folder, "minio")
    log = open(os.path.join(ring.folder, "minio.log"), "wb")
    server = subprocess.Popen(
        [minio, "server", "--quiet", "--address", address, "--console-address",
         f"127.0.0.1:{free_port()}", data], stdout=log, stderr=log, preexec_fn=die_with_parent,
        env={**os.environ, "MINIO_ROOT_USER": KEYS["AWS_ACCESS_KEY_ID"], "MINIO_BROWSER": "off",
             "MINIO_ROOT_PASSWORD": KEYS["AWS_SECRET_ACCESS_KEY"], "MINIO_UPDATE": "off",
             "HOME": ring.folder})
    try:
        s3_cases(ring, address)
    finally:
        server.kill()
        server.wait()
        log.close()


def s3_cases(ring, address):
    def curl(*arguments):
        return subprocess.run(
            ["curl", "-sf", "--aws-sigv4", "aws:amz:us-east-1:s3", "-u",
             ":".join(KEYS.values()), *arguments], stdout=subprocess.PIPE).returncode == 0

    ring.wait("MinIO is ready", 120, lambda: curl(f"http://{address}/minio/health/live"))
    require(curl("-X", "PUT", f"http://{address}/models"), "a bucket")
    os.environ.update(KEYS, AWS_ENDPOINT_URL=f"http://{address}")
    require(curl("-T", str(TOPICS), f"http://{address}/models/own.model"), "an object")
    stage = Stage(ring, "--topic-model", "s3://models/own.model", "--models-check-interval-ms",
                  "200")
    stage.posts = 2000
    stage.start()
    own = stage.score()["topic_model"]

    # Another object in its place is taken up, a broken one is not.
    texts = ROOT / "tests/fixtures/topics/texts.txt"
    other = os.path.join(ring.folder, "other.model")
    train = [os.path.join(ring.executables, "rookery-train"), "topics", "--format", "text", "--k",
             "3", "--sweeps", "20", "--output", other]
    require(curl("-T", str(texts), f"http://{address}/models/posts/a%20b%2Bc.txt"), "an archive")
    done = subprocess.run([*train, "--input", "s3://models/posts", "--name", "second"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    require(done.returncode == 0, f"training from S3: {done.stderr[-500:]}")
    require(json.loads(done.stdout)["texts"] == 240, "all texts were read")
    require(curl("-T", other, f"http://{address}/models/own.model"), "another object")
    second = stage.wait_for("the new object", lambda p: p["topic_model"] != own and p)
    require(second["topic_model"].startswith("second-"), second["topic_model"])
    require(curl("-T", str(texts), f"http://{address}/models/own.model"), "no model")
    stage.wait_for_refusal("model_broken", "own.model")

    # Training publishes by S3, before the object; withdrawn, the object counts again.
    require(curl("-T", str(TOPICS), f"http://{address}/models/own.model"), "the first again")
    stage.wait_for("the first object", lambda p: p["topic_model"] == own)
    done = subprocess.run([*train, "--input", str(texts), "--name", "third", "--publish",
                           "s3://models/published", "--brokers", ring.broker.address],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    require(done.returncode == 0, f"publishing: {done.stderr[-500:]}")
    entry = published(ring)["topics"]
    require(entry["location"] == f"s3://models/published/{entry['id']}.model", entry["location"])
    stage.wait_for("the published object", lambda p: p["topic_model"] == entry["id"])
    ring.rookeryctl("models", "withdraw", "topics")
    stage.wait_for("the object of the option", lambda p: p["topic_model"] == own)
    ring.stop_services()
    everything = stage.log() + done.stderr.decode() + json.dumps(entry)
    require(KEYS["AWS_SECRET_ACCESS_KEY"] not in everything, "no key is in a log line")


def main(argv):
    with Ring(argv[0]) as ring:
        for case in (takes_up_and_withdraws, refuses, reads_from_s3):
            say(case.__name__)
            case(ring)


if __name__ == "__main__":
    run_test(main, limit_seconds=400)
