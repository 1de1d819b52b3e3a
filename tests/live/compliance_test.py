#!/usr/bin/env python3
"""What sources demand later reaches the posts of the topic, over a real broker: compliance_test.py BIN"""

import collections
import json
import pathlib
import sys
import unittest

from live_broker import LIMIT_S, LiveBrokerTest

LiveBrokerTest.bin = pathlib.Path(sys.argv.pop(1)).resolve()


def post(number, author, **more):
    return {"data": {"id": str(number), "text": f"n{number}", "author_id": author,
                     "created_at": "2026-01-01T00:00:00.000Z", **more}}


def located(number, author):
    message = post(number, author, geo={
        "coordinates": {"type": "Point", "coordinates": [16.3738, 48.2082]}, "place_id": "p"})
    message["includes"] = {"places": [{"id": "p", "full_name": "Vienna, Austria", "name": "Vienna",
                                       "country_code": "AT"}]}
    return message


def demand(kind, user, **more):
    return {"data": {kind: {"user": {"id": user}, "event_at": "2026-01-02T00:00:00.000Z", **more}}}


class ComplianceTest(LiveBrokerTest):
    def ingest(self, name, messages):
        file = self.folder / name
        file.write_text("".join(json.dumps(message) + "\n" for message in messages))
        process = self.start("--file", str(file))
        self.assertEqual(process.wait(LIMIT_S), 0, (self.folder / "log").read_text()[-3000:])

    def all_of(self, topic):
        """How often each record is there: partitions are read in any order."""
        return collections.Counter(self.read(topic))

    def last(self):
        """The last record of each post; None: deleted."""
        return {key: value and json.loads(value) for key, value in self.read("raw_tweets")}

    def test_demands_become_deletions_and_amended_records_once(self):
        self.ingest("posts.jsonl", [
            post(1, "gone"), post(2, "gone"), post(3, "back"), post(4, "other"),
            located(5, "shy"), located(6, "shy"), located(7, "shy"), post(8, "censored"),
            {"delete": {"status": {"id_str": "6", "user_id_str": "shy"}}}])
        self.ingest("demands.jsonl", [
            demand("user_delete", "gone"), demand("user_delete", "back"),
            demand("user_undelete", "back"), demand("scrub_geo", "shy", up_to_tweet_id="6"),
            {"status_withheld": {"id": 8, "user_id": 1, "withheld_in_countries": ["DE", "AR"]}}])
        self.assertEqual(len(self.read("compliance_events")), 5)
        before = self.all_of("raw_tweets")
        said = self.ctl("compliance", "apply", "--dry-run")
        self.assertIn("2 posts would be deleted, 2 would be amended", said)
        self.assertEqual(self.all_of("raw_tweets"), before)

        said = self.ctl("compliance", "apply")
        self.assertIn("5 new events: 2 posts deleted, 2 amended", said)
        last = self.last()
        self.assertIsNone(last["1"])
        self.assertIsNone(last["2"])
        self.assertEqual(last["3"]["text"], "n3", "the demand was taken back")
        self.assertNotIn("amendment", last["4"])
        self.assertEqual(last["5"]["amendment"], "scrub_geo")
        self.assertNotIn("coordinates", last["5"])
        self.assertNotIn("place", last["5"])
        self.assertEqual(last["5"]["text"], "n5")
        self.assertIsNone(last["6"], "what was deleted does not come back")
        self.assertIn("coordinates", last["7"], "it is newer than the demand")
        self.assertEqual(last["8"]["withheld_in_countries"], ["DE", "AR"])
        self.assertEqual(last["8"]["amendment"], "withheld")

        again = self.all_of("raw_tweets")
        self.assertIn("0 new events", self.ctl("compliance", "apply"))
        self.assertEqual(self.all_of("raw_tweets"), again)

        # A later demand meets the amended records, not those they took the place of.
        self.ingest("later.jsonl", [demand("scrub_geo", "shy", up_to_tweet_id="9"),
                                    demand("user_suspend", "censored")])
        self.assertIn("1 posts deleted, 1 amended", self.ctl("compliance", "apply"))
        last = self.last()
        self.assertNotIn("coordinates", last["7"])
        self.assertIsNone(last["8"])
        self.assertEqual(last["5"]["amendment"], "scrub_geo")

        # The chain takes an amended record for the post that it has.
        enriched = self.start("--instance", "0", name="geo-enrich")
        self.wait("all records are read", lambda: len(self.read("enriched_tweets"))
                  + len(self.read("dead_letters")) >= len(self.read("raw_tweets")))
        self.stop(enriched)
        places = {key: value and json.loads(value) for key, value in self.read("enriched_tweets")}
        self.assertNotIn("geo", places["5"])
        self.assertNotIn("geo", places["7"])
        self.assertIsNone(places["8"])


if __name__ == "__main__":
    unittest.main()
