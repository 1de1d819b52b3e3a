#!/usr/bin/env python3
"""ingest over a real broker, killed in the middle of a stream: restart_test.py BIN

What the server repeats after the restart is left out by the ids at the end of raw_tweets, and what it
does not repeat is told as a gap, and filled by search where that is allowed.
"""

import collections
import json
import pathlib
import signal
import sys
import unittest

from live_broker import LIMIT_S, LiveBrokerTest
from x_server import XServer

LiveBrokerTest.bin = pathlib.Path(sys.argv.pop(1)).resolve()
BASE = 1500000000000000000


class RestartTest(LiveBrokerTest):
    def test_a_kill_loses_no_post_doubles_none_and_leaves_a_gap_where_nothing_is_repeated(self):
        server = XServer(10_000, manners=[])
        server.posts = 600
        server.start()
        first = self.start(*self.x_options(server))
        self.wait("600 posts", lambda: len(self.own_posts()) >= 600)
        first.send_signal(signal.SIGKILL)
        first.wait()
        # All of them come again, and then new ones.
        server.backfill, server.posts = 10_000, 900
        second = self.start(*self.x_options(server), "--x-backfill-minutes", "5")
        self.wait("900 posts", lambda: len(self.own_posts()) >= 900)
        counts = collections.Counter(self.own_posts())
        self.assertEqual(set(counts), {str(BASE + number) for number in range(900)})
        self.assertEqual(set(counts.values()), {1})
        self.assertEqual(self.mine("stream_gaps", server), [], "the backfill covers it")
        self.stop(second)

        server.posts = 901
        third = self.start(*self.x_options(server))
        self.wait("post 901", lambda: len(self.own_posts()) >= 901)
        self.stop(third)
        gaps = self.mine("stream_gaps", server)
        self.assertEqual([gap["reason"] for gap in gaps], ["restart"])
        self.assertGreater(gaps[0]["seconds"], 0)

    def test_a_gap_is_filled_by_search_and_says_how_much_came(self):
        server = XServer(100, manners=["lossy", "lossy", "good"]).start()
        server.base = BASE + 5_000_000
        process = self.start(*self.x_options(server, "x-stream"), "--x-keywords", "tag",
                             "--x-fill-posts-max", "1000")
        wanted = {str(server.base + number) for number in range(100)}
        self.wait("all posts, the lost ones too", lambda: wanted <= {
            key for key, _ in self.read("raw_tweets")})
        self.wait("the fill of both gaps", lambda: len(self.mine("stream_gaps", server)) >= 4)
        self.stop(process)
        counts = collections.Counter(key for key, _ in self.read("raw_tweets"))
        self.assertEqual([key for key in wanted if counts[key] != 1][:5], [])
        gaps = self.mine("stream_gaps", server)
        filled = sorted((gap for gap in gaps if "fill" in gap),
                        key=lambda gap: (gap["started_at"], gap["filled_posts"]))
        self.assertEqual([gap["fill"] for gap in filled], ["whole", "whole"])
        # The search of this server gives all that was lost so far.
        self.assertIn(filled[0]["filled_posts"], (20, 40))
        self.assertEqual(filled[1]["filled_posts"], 40)
        self.assertEqual(len([gap for gap in gaps if "fill" not in gap]), 2)
        for gap in filled:
            # It is the gap that was told before.
            self.assertIn((gap["started_at"], gap["ended_at"]), [
                (other["started_at"], other["ended_at"]) for other in gaps if "fill" not in other])
        for query in server.searches:
            begin, end = (int(query[name]) >> 22 for name in ("since_id", "until_id"))
            self.assertGreaterEqual(end - begin, 15_000, "ten seconds before, five behind")
        by_search = [json.loads(value) for key, value in self.read("raw_tweets") if key in wanted]
        self.assertEqual({tuple(post["origin"]["rule_tags"]) for post in by_search},
                         {("rookery:keywords",)})

    def test_a_gap_that_is_larger_than_allowed_is_filled_in_part_and_says_so(self):
        server = XServer(60, manners=["lossy", "good"]).start()
        server.base = BASE + 6_000_000
        process = self.start(*self.x_options(server, "x-stream"), "--x-keywords", "tag",
                             "--x-fill-posts-max", "5")
        self.wait("the fill", lambda: len(self.mine("stream_gaps", server)) >= 2)
        self.stop(process)
        (filled,) = [gap for gap in self.mine("stream_gaps", server) if "fill" in gap]
        self.assertEqual(filled["fill"], "partly")
        self.assertEqual(filled["filled_posts"], 10)  # A page of this server.
        self.assertIn("x_fill_posts_max", filled["detail"])

    def own_posts(self):
        """Of the first case: the others' ids begin later, and the broker has them too."""
        return [key for key, _ in self.read("raw_tweets") if int(key) < BASE + 1_000_000]

    def mine(self, topic, server):
        return [json.loads(value) for _, value in self.read(topic)
                if json.loads(value)["location"] == server.url]


if __name__ == "__main__":
    unittest.main()
