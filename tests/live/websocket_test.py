#!/usr/bin/env python3
"""ingest against WebSocket servers that misbehave: websocket_test.py BIN"""

import base64
import json
import pathlib
import ssl
import subprocess
import sys
import tempfile
import unittest

from harness import Ingest, check_once, refusal, sanitized
from ws_server import MANNERS, WsServer, Zstd, event

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(sys.argv.pop(1)).resolve()
OPTIONS = ["--source", "websocket", "--wait-scale", "0.001", "--idle-timeout-ms", "1500",
           "--commit-interval-ms", "20"]


def ids_of(events):
    """The posts of the first events, and what is deleted of them."""
    posts, deleted = [], []
    for number in range(events):
        commit = event(number).get("commit")
        if commit:
            address = f"at://did:plc:a/app.bsky.feed.post/{commit['rkey']}"
            (posts if commit["operation"] == "create" else deleted).append(address)
    return posts, deleted


class WebSocketTest(unittest.TestCase):
    def test_every_post_of_jetstream_once_from_a_server_with_all_bad_manners(self):
        events = 4000
        posts, deleted = ids_of(events)
        server = WsServer(events, seed=3).start()
        ingest = Ingest(BIN, "--ws-url", server.url, *OPTIONS)
        last = json.dumps(posts[-1]).encode()
        ingest.wait_for(lambda lines: any(last in line for line in lines[-50:]), "the last post")
        memory = ingest.rss_mib()
        records, letters = ingest.stop()
        check_once(self, [record["id"] for record in records if "text" in record], posts)
        # A deletion may come again, which deletes nothing more.
        self.assertEqual({record["id"] for record in records if record.get("deleted")},
                         set(deleted))
        self.assertEqual(records[1]["text"], "\U0001f600 #tag1 n1")
        self.assertEqual(records[1]["entities"]["hashtags"][0],
                         {"start": 2, "end": 7, "tag": "tag1"})
        self.assertEqual({letter["reason"] for letter in letters}, {"json_malformed"})
        self.assertEqual(set(server.played), set(MANNERS))
        self.assertIn("wantedCollections=app.bsky.feed.post", server.targets[0])
        self.assertNotIn("cursor=", server.targets[0])
        self.assertTrue(all("cursor=" in target for target in server.targets[3:]))
        if not sanitized(BIN):
            self.assertLess(memory, 60)

    def test_compressed_frames_give_the_same_posts_for_half_the_bytes(self):
        events = 1500
        posts, deleted = ids_of(events)
        dictionary = (ROOT / "services/ingest/data/jetstream.zdict").read_bytes()
        plain = sum(len(json.dumps(event(n), ensure_ascii=False).encode()) for n in range(events))
        server = WsServer(events, manners=["fragments", "1006"], zstd=Zstd(dictionary)).start()
        ingest = Ingest(BIN, "--ws-url", server.url, "--ws-compress", *OPTIONS)
        last = json.dumps(posts[-1]).encode()
        ingest.wait_for(lambda lines: any(last in line for line in lines[-50:]), "the last post")
        records, letters = ingest.stop()
        check_once(self, [record["id"] for record in records if "text" in record], posts)
        self.assertEqual({record["id"] for record in records if record.get("deleted")},
                         set(deleted))
        self.assertEqual(letters, [])
        self.assertTrue(all("compress=true" in target for target in server.targets))
        sent = len(server.targets) * 500 + events  # At most: the rewind of each connection.
        self.assertLess(server.bytes, plain / events * sent / 2)

    def test_a_server_that_takes_its_leave_is_left_at_once(self):
        # It waits for the client to close; with the default time-outs.
        server = WsServer(3000, manners=["close"]).start()
        ingest = Ingest(BIN, "--source", "websocket", "--ws-url", server.url,
                        "--wait-scale", "0.001")
        ingest.wait_for(lambda _: len(server.targets) >= 6, "five partings")
        ingest.stop()
        said = ingest.errors.decode()
        self.assertNotIn("reason=connection_lost", said)
        self.assertIn('reason=disconnected detail="closed with code 1001 going away"', said)

    def test_a_damaged_frame_is_a_dead_letter_that_says_so(self):
        packed = Zstd((ROOT / "services/ingest/data/jetstream.zdict").read_bytes())
        frames = [packed.compress(json.dumps(event(number)).encode()) for number in range(3)]
        frames[1] = frames[1][:-3]
        server = WsServer(messages=frames).start()
        ingest = Ingest(BIN, "--ws-url", server.url, "--ws-compress", *OPTIONS)
        ingest.wait_for(lambda lines: len(lines) >= 2, "both whole frames")
        records, letters = ingest.stop()
        self.assertEqual([record["text"].split()[-1] for record in records], ["n0", "n2"])
        # A connection made anew brings it again.
        self.assertEqual({letter["reason"] for letter in letters}, {"frame_malformed"})
        self.assertEqual({base64.b64decode(letter["value_base64"]) for letter in letters},
                         {frames[1]})

    def test_frames_that_cannot_be_decompressed_stop_with_a_word_about_why(self):
        dictionary = (ROOT / "services/ingest/data/jetstream.zdict").read_bytes()
        server = WsServer(20, manners=[], zstd=Zstd(dictionary)).start()
        status, said = refusal(BIN, "--ws-url", server.url + "?compress=true", *OPTIONS)
        self.assertEqual(status, 78, said)
        self.assertIn("frame_compressed", said)
        with tempfile.TemporaryDirectory() as folder:
            other = pathlib.Path(folder) / "other.zdict"
            other.write_bytes(dictionary[:4] + bytes([dictionary[4] ^ 1]) + dictionary[5:])
            # Who comes without a cursor gets what was never sent: a server of its own.
            server = WsServer(20, manners=[], zstd=Zstd(dictionary)).start()
            status, said = refusal(BIN, "--ws-url", server.url, "--ws-compress",
                                   "--ws-zstd-dictionary", str(other), *OPTIONS)
            self.assertEqual(status, 78, said)
            self.assertIn("dictionary_mismatch", said)
        for more, named in ((["--ws-zstd-dictionary", "/none"], "/none"),
                            (["--ws-profile", "mastodon"], "ws_compress")):
            status, said = refusal(BIN, "--ws-url", server.url, "--ws-compress", *more,
                                   *OPTIONS)
            self.assertEqual(status, 78, said)
            self.assertIn(named, said)

    def read(self, profile, messages, *more, refused=0):
        server = WsServer(messages=messages).start()
        ingest = Ingest(BIN, "--ws-url", server.url, "--ws-profile", profile, *more,
                        *OPTIONS)
        ingest.wait_for(lambda lines: len(lines) >= len(messages) - refused,
                        "all messages")
        return ingest.stop()

    def test_mastodon_has_its_payload_in_a_string_and_its_text_in_html(self):
        status = {"id": "7", "created_at": "2022-08-30T21:38:22.000Z", "language": "en",
                  "content": "<p>a &amp; b<br>c <a href=\"x\">#<span>Cats</span></a></p><p>d&#39;s</p>",
                  "account": {"id": "3", "acct": "ada@example.org", "followers_count": 150},
                  "tags": [{"name": "cats"}], "mentions": [], "reblog": None}
        edited = {**status, "content": "<p>new</p>", "edited_at": "2022-08-30T21:40:00Z"}
        records, letters = self.read("mastodon", [
            json.dumps({"stream": ["public"], "event": "update", "payload": json.dumps(status)}),
            json.dumps({"stream": ["public"], "event": "status.update",
                        "payload": json.dumps(edited)}),
            json.dumps({"stream": ["public"], "event": "delete", "payload": "7"})])
        self.assertEqual(letters, [])
        self.assertEqual(records[0]["text"], "a & b\nc #Cats\nd's")
        self.assertEqual(records[0]["entities"]["hashtags"],
                         [{"start": 8, "end": 13, "tag": "Cats"}])
        self.assertEqual(records[0]["author"]["username"], "ada@example.org")
        self.assertEqual(records[1]["text"], "new")
        self.assertEqual(records[2], {"id": "7", "deleted": True})

    def test_now_playing_is_a_post_with_its_song(self):
        records, _ = self.read("now-playing", [json.dumps(
            {"track_name": "Hey", "artist_name": "Pixies", "album_name": "Doolittle",
             "popularity": "61", "user_id": "12", "timestamp": "2025-05-11T19:11:05.123456"})])
        self.assertEqual(records[0]["text"], "Now playing: Hey by Pixies #NowPlaying #Music")
        self.assertEqual(records[0]["created_at"], "2025-05-11T19:11:05.123Z")
        self.assertEqual(records[0]["song"], {"track": "Hey", "artist": "Pixies",
                                              "album": "Doolittle", "popularity": 61})
        self.assertEqual([tag["tag"] for tag in records[0]["entities"]["hashtags"]],
                         ["NowPlaying", "Music"])

    def test_custom_messages_are_read_by_the_pointers_of_the_options(self):
        fields = "id=/event/id,text=/m~1sg,created_at=/ts,author_id=/user/0,hashtags=/tags"
        good = {"event": {"id": 9007199254740993}, "m/sg": "caf\u00e9", "ts": 1767225600,
                "user": ["7"], "tags": ["a", "b"]}
        records, letters = self.read("custom", [
            json.dumps(good), json.dumps({**good, "event": {}}),
            json.dumps({**good, "event": {"id": "2"}, "tags": []})], "--ws-fields", fields,
            refused=1)
        # A connection made anew brings them again.
        self.assertEqual({letter["reason"] for letter in letters}, {"field_missing"})
        self.assertEqual([record["id"] for record in records], ["9007199254740993", "2"])
        self.assertEqual(records[0]["text"], "caf\u00e9")
        self.assertEqual(records[0]["created_at"], "2026-01-01T00:00:00Z")
        self.assertEqual(records[0]["author"], {"id": "7"})
        self.assertEqual(records[0]["entities"]["hashtags"], [{"tag": "a"}, {"tag": "b"}])
        self.assertNotIn("entities", records[1])

    def test_a_certificate_that_nobody_vouches_for_is_not_trusted(self):
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = f"{folder}/key.pem", f"{folder}/cert.pem"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                            "-keyout", key, "-out", certificate], check=True, capture_output=True)
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(certificate, key)
            server = WsServer(20, manners=[], tls=tls).start()
            options = [*OPTIONS]
            options[options.index("--wait-scale") + 1] = "1"
            trusted = Ingest(BIN, "--ws-url", server.url, "--tls-ca-file", certificate, *options)
            trusted.wait_for(lambda lines: len(lines) >= 18, "the posts")
            trusted.stop()
            before = len(server.targets)
            stranger = Ingest(BIN, "--ws-url", server.url, *options)
            stranger.wait_for(lambda _: b"certificate verify failed" in stranger.errors,
                              "the refusal")
            stranger.stop()
            other = Ingest(BIN, "--ws-url", server.url.replace("localhost", "127.0.0.1"),
                           "--tls-ca-file", certificate, *options)
            other.wait_for(lambda _: b"certificate verify failed" in other.errors, "the refusal")
            other.stop()
            self.assertEqual(len(server.targets), before, "a handshake went through")

    def test_wrong_settings_are_refused(self):
        custom = ["--ws-url", "wss://x/", "--ws-profile", "custom"]
        for options, named in [([], "ws_url"), (["--ws-url", "ws://example.org/"], "wss"),
                               (["--ws-url", "https://example.org/"], "wss"),
                               (["--ws-url", "wss://x/", "--ws-profile", "other"], "ws_profile"),
                               (["--ws-url", "wss:///x"], "wss://HOST"),
                               (["--ws-url", "wss://x/", "--tls-ca-file", "/none"], "tls_ca_file"),
                               (["--ws-url", "wss://x/", "--ws-token-file", "/none"], "/none"),
                               (["--ws-url", "wss://x:99999/"], "wss://HOST[:PORT]"),
                               (["--ws-url", "wss://x/", "--file", "posts.jsonl"], "file"),
                               ([*custom], "ws_fields"),
                               ([*custom, "--ws-fields", "id=/a,text=/~2"], "/~2")]:
            with self.subTest(named):
                for more in ([], ["--check-config"]):
                    status, said = refusal(BIN, "--source", "websocket", *options, *more)
                    self.assertEqual(status, 78, said)
                    self.assertIn(named, said)


if __name__ == "__main__":
    unittest.main()
