#!/usr/bin/env python3
"""ingest against an X server that misbehaves: x_test.py BIN"""

import pathlib
import sys
import tempfile
import time
import unittest

from harness import Ingest, check_once, refusal, sanitized
from proxy import Proxy
from x_server import MANNERS, TOKEN, XServer, snowflake_at

BIN = pathlib.Path(sys.argv.pop(1)).resolve()
BASE = 1500000000000000000


class XTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.token = pathlib.Path(temporary.name) / "token"
        self.token.write_text(TOKEN + "\n")

    def options(self, server, *more):
        return ["--x-url", server.url, "--x-token-file", str(self.token), "--wait-scale", "0.0002",
                "--idle-timeout-ms", "1500", "--commit-interval-ms", "20", *more]

    def test_every_post_once_from_a_server_with_all_bad_manners(self):
        posts = 1500
        server = XServer(posts, seed=5).start()
        ingest = Ingest(BIN, "--source", "x-stream", "--x-keywords", "tag",
                        "--x-backfill-minutes", "5", *self.options(server))
        ingest.wait_for(lambda lines: len(lines) >= posts, "all posts")
        memory = ingest.rss_mib()
        records, letters = ingest.stop()
        check_once(self, [record["id"] for record in records],
                   [str(BASE + number) for number in range(posts)])
        # One character in four bytes is one code point, and &amp; became one.
        self.assertEqual(records[3]["text"], "caf\u00e9 \u65e5\u672c \U0001f600 & #tag3")
        self.assertEqual(records[3]["entities"]["hashtags"][0]["start"], 12)
        self.assertEqual(records[3]["origin"]["source"], "x-stream")
        self.assertEqual(records[3]["origin"]["rule_tags"], ["rookery:keywords"])
        self.assertIn("received_at", records[3]["origin"])
        # What was no post is kept: three lines of HTML a time, and what was cut off.
        lines = 3 * server.played.count("html") + server.played.count("cut")
        self.assertEqual(len(letters), lines)
        self.assertEqual({letter["reason"] for letter in letters}, {"json_malformed"})
        self.assertEqual(set(server.played), set(MANNERS))
        self.assertIn(("GET", "/2/connections", {"status": "active"}), server.requests)
        if not sanitized(BIN):
            self.assertLess(memory, 60)

    def every_post_despite(self, *manners):
        """All posts come once; returns the server, the dead letters and what was said."""
        posts = 150
        server = XServer(posts, manners=manners).start()
        ingest = Ingest(BIN, "--source", "x-stream", "--x-keywords", "tag",
                        "--x-backfill-minutes", "5", *self.options(server))
        ingest.wait_for(lambda lines: len(lines) >= posts, "all posts")
        records, letters = ingest.stop()
        check_once(self, [record["id"] for record in records],
                   [str(BASE + number) for number in range(posts)])
        self.assertLessEqual(set(manners), set(server.played))
        return server, letters, ingest.errors

    def test_edge_case_1_a_connection_that_falls_silent_is_made_anew(self):
        _, letters, said = self.every_post_despite("stall")
        self.assertIn(b"reason=stalled", said)
        self.assertEqual(letters, [])

    def test_edge_case_4_html_and_a_line_cut_off_are_dead_letters(self):
        server, letters, _ = self.every_post_despite("html", "cut")
        self.assertEqual(len(letters), 3 * server.played.count("html") + server.played.count("cut"))
        self.assertEqual({letter["reason"] for letter in letters}, {"json_malformed"})

    def test_edge_case_6_gzip_is_read_as_it_comes(self):
        _, letters, _ = self.every_post_despite("gzip")
        self.assertEqual(letters, [])

    def test_gzip_holds_nothing_back(self):
        server = XServer(20, manners=["held"]).start()
        ingest = Ingest(BIN, "--source", "x-sample", *self.options(server, "--idle-timeout-ms",
                                                                   "60000"))
        # All comes over the connection that stays open and silent.
        ingest.wait_for(lambda lines: len(lines) >= server.sent > 0, "what was sent so far")
        self.assertEqual(server.played, ["held"])
        records, _ = ingest.stop()
        check_once(self, [record["id"] for record in records],
                   [str(BASE + number) for number in range(server.sent)])

    def test_a_proxy_is_used_where_it_is_asked_for(self):
        server = XServer(5, manners=[]).start()
        proxy = Proxy().start()
        # The environment of the tests says no_proxy=*; the option has the last word.
        ingest = Ingest(BIN, "--source", "x-sample", *self.options(server, "--x-proxy", proxy.url))
        ingest.wait_for(lambda lines: len(lines) >= 5, "five posts")
        ingest.stop()
        self.assertTrue(proxy.targets)
        self.assertTrue(all(target.startswith(server.url) for target in proxy.targets))

    def test_rules_are_tried_first_and_other_peoples_rules_stay(self):
        server = XServer(5, manners=[], rules=[
            {"value": "old", "tag": "rookery:keywords"}, {"value": "theirs", "tag": "other"},
            {"value": "dog", "tag": "rookery:renamed"}, {"value": "bird", "tag": "rookery:birds"}])
        server.start()
        ingest = Ingest(BIN, "--source", "x-stream", "--x-keywords", "cat",
                        "--x-rules", "dogs=dog,birds=bird,theirs", *self.options(server))
        ingest.wait_for(lambda lines: len(lines) >= 5, "five posts")
        ingest.stop()
        self.assertEqual(sorted((rule["value"], rule["tag"]) for rule in server.rules.values()), [
            ("bird", "rookery:birds"), ("cat", "rookery:keywords"), ("dog", "rookery:dogs"),
            ("theirs", "other")])
        changes = [query for method, _, query in server.requests if method == "POST"]
        self.assertEqual(changes[0], {"dry_run": "true"})

    def test_a_rule_that_the_server_refuses_stops_the_start_and_changes_nothing(self):
        server = XServer(5, rules=[{"value": "old", "tag": "rookery:keywords"}]).start()
        status, said = refusal(BIN, "--source", "x-stream", "--x-rules", "lang:en",
                               *self.options(server))
        self.assertEqual(status, 78, said)
        self.assertIn("standalone operator", said)
        self.assertEqual([rule["value"] for rule in server.rules.values()], ["old"])

    def test_a_refused_token_stops_the_start_and_is_never_printed(self):
        server = XServer(5).start()
        self.token.write_text("a-wrong-token\n")
        status, said = refusal(BIN, "--source", "x-sample", *self.options(server))
        self.assertEqual(status, 78, said)
        self.assertIn("token_refused", said)
        self.assertNotIn("a-wrong-token", said)

    def test_wrong_settings_are_refused_before_any_connection(self):
        server = XServer(5).start()
        plain = ["--source", "x-stream", "--x-keywords", "a"]
        blanks = self.token.with_name("blanks")
        blanks.write_text("two words\n")
        cases = [
            ([*plain, "--x-token-file", str(blanks)], "one token of visible ASCII"),
            ([*plain, "--x-token-file", str(self.token), "--x-url", "https://"], "https://HOST"),
            ([*plain, "--x-token-file", str(self.token), "--tls-ca-file", "/none"], "tls_ca_file"),
            ([*plain, "--x-url", server.url], "x_token"),
            ([*plain, "--x-url", server.url, "--x-token-file", "/none"], "/none"),
            ([*plain, "--x-token-file", str(self.token), "--x-url", "http://api.x.com"], "https"),
            (["--source", "x-stream", "--x-token-file", str(self.token)], "x_rules"),
            ([*plain, "--x-token-file", str(self.token), "--x-rules", "x" * 1025], "1024"),
            ([*plain, "--x-token-file", str(self.token), "--x-rules", "one,two", "--x-rules-max",
              "2"], "at most 2 rules"),
            (["--source", "x-sample", "--x-token-file", str(self.token), "--x-fill-posts-max", "5"],
             "x_fill_posts_max"),
            (["--source", "x-sample", "--x-token-file", str(self.token), "--redundant"],
             "redundant"),
            (["--source", "file", "--file", "/none", "--redundant"], "redundant"),
            ([*plain, "--x-token-file", str(self.token), "--x-rules-mode", "keep"], "x_keywords"),
            ([*plain, "--x-token-file", str(self.token), "--x-proxy", "ftp://p"], "x_proxy"),
            (["--x-query", "cats"], "x_query"),
        ]
        for options, named in cases:
            with self.subTest(named):
                # That --pipe has no redundant instances is known at the start alone.
                for more in ([], ["--check-config"])[:1 if named == "redundant" else 2]:
                    status, said = refusal(BIN, *options, *more)
                    self.assertEqual(status, 78, said)
                    self.assertIn(named, said)
                    self.assertNotIn("two words", said)
        self.assertEqual(server.requests, [])

    def search(self, server):
        """Starts x-search and waits for the server's 25 posts."""
        ingest = Ingest(BIN, "--source", "x-search", "--x-query", "tag",
                        "--x-search-interval-ms", "100", *self.options(server))
        ingest.wait_for(lambda lines: len(lines) >= 25, "25 posts")
        return ingest

    def test_the_search_reads_all_pages_and_then_only_what_is_new(self):
        server = XServer(25)
        server.base = snowflake_at(time.time() - 3600)
        ingest = self.search(server.start())
        server.posts = 28
        ingest.wait_for(lambda lines: len(lines) >= 28, "three more")
        records, letters = ingest.stop()
        check_once(self, [record["id"] for record in records],
                   [str(server.base + number) for number in range(28)])
        self.assertEqual(letters, [])

    def test_a_search_that_found_nothing_for_longer_than_its_reach_goes_on(self):
        # X answers 400 to a since_id that is older than a week.
        server = XServer(25)
        old = server.base = snowflake_at(time.time() - 8 * 86400)
        ingest = self.search(server.start())
        server.base = snowflake_at(time.time() - 60)
        ingest.wait_for(lambda lines: len(lines) >= 50, "the posts of today")
        records, letters = ingest.stop()
        check_once(self, [record["id"] for record in records],
                   [str(base + number) for base in (old, server.base) for number in range(25)])
        self.assertEqual(letters, [])


if __name__ == "__main__":
    unittest.main()
