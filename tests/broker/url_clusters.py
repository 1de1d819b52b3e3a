"""A stand-in for url-cluster: writes to clustered_urls what its contract says, with clusters that
are made up. It is no process, and nothing happens to it; a test says when it goes on."""
import json
import subprocess
from collections import defaultdict
from pathlib import Path

from oracle import murmur2

CLUSTERS = 40
LINKS = b'{"dimension":"url_cluster"'


def split(trends):
    """(of posts, of links)"""
    return ([r for r in trends if not r.value.startswith(LINKS)], [r for r in trends if r.value.startswith(LINKS)])


def late_by_topic(late):
    topics = defaultdict(list)
    for record in late:
        topics[json.loads(record.value)["topic"]].append(record)
    return topics


def record_of(value):
    """The record of clustered_urls for one of processed_tweets; None: the post has no links."""
    post = json.loads(value)
    urls = (post.get("quality") or {}).get("urls")
    if urls is None:
        urls = [u.get("expanded_url", u["url"]) for u in (post.get("entities") or {}).get("urls") or []]
    if not urls:
        return None
    kept = {name: post[name] for name in ("id", "created_at", "lang", "amendment") if name in post}
    if "author" in post:
        kept["author"] = {"id": post["author"]["id"]}
    if "sentiment" in post:
        kept["sentiment"] = {name: post["sentiment"][name] for name in ("label", "score") if name in post["sentiment"]}
    kept["urls"] = [link_of(url, post["created_at"]) for url in urls]
    kept["cluster_model"] = "made-up"
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()


def link_of(url, created_at):
    number = murmur2(url.encode()) % (CLUSTERS + 1)
    if number == CLUSTERS:
        return {"url": url}
    # Every minute the label is another one.
    return {"url": url, "cluster": {"id": f"c{number}", "label": f"of {number}, {created_at[14:16]}"}}


class UrlCluster:
    def __init__(self, ring):
        self.ring = ring
        self.done = defaultdict(int)  # By partition: the offset behind what was written.

    def go_on(self, until=float("inf")):
        """Writes what is due for all that is in processed_tweets now, of each partition up to the
        offset `until`. Its group does not say so yet: see commit(). How many records."""
        lines = defaultdict(list)
        # Others may be writing.
        there = self.ring.count("processed_tweets")
        for record in self.ring.read("processed_tweets", there, limit=20):
            if not self.done[record.partition] <= record.offset < until:
                continue
            self.done[record.partition] = record.offset + 1
            value = b"" if record.value is None else record_of(record.value)
            if value is not None:
                lines[record.partition].append(record.key + b"\t" + value + b"\n")
        path = Path(self.ring.folder) / "clustered_urls"
        for partition, batch in sorted(lines.items()):
            path.write_bytes(b"".join(batch))
            # -Z: an empty value is a null.
            subprocess.run(["kcat", "-P", "-b", self.ring.broker.address, "-t", "clustered_urls", "-p",
                            str(partition), "-K", "\t", "-Z", "-l", str(path)], check=True, timeout=60)
        return sum(map(len, lines.values()))

    def commit(self):
        """The group's offsets stand behind all that was written."""
        path = Path(self.ring.folder) / "offsets.csv"
        path.write_text("".join(f"processed_tweets,{p},{offset}\n" for p, offset in self.done.items()))
        self.ring.broker.run("consumer-groups", "--group", "url-cluster", "--reset-offsets", "--from-file",
                             str(path), "--execute")
