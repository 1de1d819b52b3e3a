#!/usr/bin/env python3
"""hashtag-window over two inputs at once: posts, and their links from a stand-in for url-cluster.

  links_test.py EXECUTABLES [NAME...]     only the cases with these names
"""
import signal

import checks
import oracle
from faults_test import readiness, require
from harness import cases_of, run_test, say
from url_clusters import UrlCluster, late_by_topic, split
from windows_test import has_read, sums_read

WINDOWS = ["1m/10s", "5m/30s"]
OPTIONS = ["--windows", ",".join(WINDOWS), "--dimensions", "hashtag,lang,url_cluster", "--top-k", "10"]
IDLE = ["--idle-ms", "1500", "--idle-policy", "jump"]
FEED = ["--source", "simulator", "--sim-posts", "6000", "--sim-rate", "20", "--rate", "500", "--sim-link-share", "0.4",
        "--sim-late-share", "0.02", "--sim-deletion-share", "0.02"]


def wanted(ring, partials=(4, 4), marks=((), ())):
    """What the oracle makes of the logs of both inputs."""
    inputs = (("processed_tweets", ["hashtag", "lang"]), ("clustered_urls", ["url_cluster"]))
    return [checks.windows_of(ring.read(topic), oracle.Options(windows=WINDOWS, dimensions=dimensions, top_k=10,
                                                               partials=q), begun)
            for (topic, dimensions), q, begun in zip(inputs, partials, marks)]


def violations(ring, want):
    found = []
    late = late_by_topic(ring.read("late_tweets"))
    for trends, topic, expected in zip(split(ring.read("trends")), ("processed_tweets", "clustered_urls"), want):
        require(expected[0], f"no window over {topic} holds anything")
        found += [f"{topic}: {text}" for text in checks.same_windows(trends, late[topic], expected)]
    return found


def posts_are_through(ring):
    stages = [("geo-enrich", "raw_tweets"), ("sentiment-scoring", "enriched_tweets"),
              ("hashtag-window-partial", "processed_tweets")]
    return not ring.supervisor.running("ingest") and all(has_read(ring, g, t) for g, t in stages)


def start_chain(ring, *options, instances=1):
    ring.supervisor.start("ingest", *FEED)
    ring.supervisor.start("geo-enrich")
    ring.supervisor.start("sentiment-scoring")
    return [ring.supervisor.start("hashtag-window", *OPTIONS, *options, "--admin-listen", "127.0.0.1:0", instance=i)
            for i in range(instances)]


# ---- cases: each with a broker of its own

def links_that_stand_still(ring):
    """url-cluster is not there, then half-way, then through: the windows over posts close meanwhile,
    those over links wait, and all are exact although both instances are killed."""
    ring.start_broker()
    clusters = UrlCluster(ring)
    windows = start_chain(ring, *IDLE, instances=2)
    ring.wait("windows over posts close", 60, lambda: ring.count("trends") > 20)
    require(not split(ring.read("trends"))[1], "windows closed over links of which there are none")

    # However fast the posts came: each partition will have more than this.
    half = clusters.go_on(until=500)
    say(f"{half} records of links")
    ring.wait("links are counted", 30, lambda: ring.count("url_window_partials") > 100)
    windows[1].signal(signal.SIGKILL)
    ring.wait("all posts are read", 90, lambda: posts_are_through(ring), pause=0.5)
    ring.wait("/readyz names who is waited for", 30, lambda: any(
        "url-cluster has yet to read processed_tweets" in readiness(w)[1] for w in windows))
    want = wanted(ring)
    ring.wait("all windows over posts close", 60, pause=0.5,
              condition=lambda: len(split(ring.read("trends"))[0]) >= len(want[0][0]))

    rest = clusters.go_on()
    windows[0].signal(signal.SIGKILL)
    want = wanted(ring)
    before = len(split(ring.read("trends"))[1])
    require(rest and before < len(want[1][0]), f"{rest} links came in the end, and {before} windows had closed")
    clusters.commit()
    ring.wait_for_count("trends", sum(len(trends) for trends, _ in want), 60)
    ring.stop_services()
    say(f"{len(want[0][0])} rankings over posts, {len(want[1][0])} over links, {before} of them before the last links")
    found = violations(ring, want)
    require(not found, "\n".join(found))


def other_numbers_of_partitions(ring):
    """Of both inputs, in the middle: one change for all."""
    ring.start_broker()
    clusters = UrlCluster(ring)
    start_chain(ring, "--idle-ms", "0")
    ring.wait("half of the posts are there", 60, lambda: ring.count("raw_tweets") > 2500)
    ring.stop_services("ingest")
    stages = [("geo-enrich", "raw_tweets"), ("sentiment-scoring", "enriched_tweets"),
              ("hashtag-window-partial", "processed_tweets")]
    ring.wait("all posts are read", 60, lambda: all(has_read(ring, g, t) for g, t in stages), pause=0.5)
    clusters.go_on()
    clusters.commit()
    ring.wait("all links are read", 60, pause=0.5,
              condition=lambda: has_read(ring, "hashtag-window-urls-partial", "clustered_urls"))
    ring.wait("the sums are read", 60, lambda: all(sums_read(ring, f) for f in ("hashtag-window", "hashtag-window-urls")),
              pause=0.5)
    ring.stop_services()
    closed = len(split(ring.read("trends"))[1])
    marks = [checks.begun(ring.read(topic), range(6, 8)) for topic in ("window_partials", "url_window_partials")]
    say(ring.rookeryctl("windows", "rescale", "--partials", "5", "--url-partials", "2", "--sources", "8", limit=120))

    start_chain(ring, *IDLE)
    ring.wait("all posts are read", 90, lambda: posts_are_through(ring), pause=0.5)
    clusters.go_on()
    clusters.commit()
    want = wanted(ring, (5, 2), marks)
    ring.wait_for_count("trends", sum(len(trends) for trends, _ in want), 60)
    ring.stop_services()
    require(0 < closed < len(want[1][0]), f"{closed} windows over links were closed before the change")
    require({r.partition for r in ring.read("clustered_urls")} == set(range(8)), "not all partitions were used")
    found = violations(ring, want)
    require(not found, "\n".join(found))


CASES = [links_that_stand_still, other_numbers_of_partitions]


if __name__ == "__main__":
    run_test(cases_of(CASES), limit_seconds=280)
