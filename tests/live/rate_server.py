"""An X stream that goes on whether somebody listens or not, at a rate, and misbehaves.

Post n is due n / rate seconds after the start. A connection gets what falls due while it stands; with
backfill_minutes first what fell due in the last `backfill_s` seconds. Its manners are drawn by a
seeded generator; a bad connection ends after a while of good service. Every connection gets the same
posts, as a redundant one does.
"""

import http.server
import json
import pathlib
import random
import socket
import struct
import threading
import time
import urllib.parse

from x_server import TOKEN, disconnect

SAMPLE = pathlib.Path(__file__).resolve().parents[1] / "fixtures/sample/sample.v2.jsonl"
MANNERS = ["close", "reset", "cut", "stall", "503", "429", "repeat", "html", "operational"]
BASE = 1600000000000000000
STEP_S = 0.005
ALIVE_S = 1.0


def templates():
    """What stands before and behind the id in the messages of the sample."""
    pairs = []
    for line in SAMPLE.read_text().splitlines():
        try:
            message = json.loads(line)
            data = message["data"]
            number = data["id"]
        except (ValueError, KeyError, TypeError):
            continue
        data.pop("edit_history_tweet_ids", None)
        text = json.dumps(message, ensure_ascii=False).replace(f'"{number}"', '"@ID@"', 1)
        if text.count("@ID@") == 1 and "text" in data:
            before, behind = text.split("@ID@")
            pairs.append((before.encode(), behind.encode() + b"\r\n"))
    return pairs


class RateServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, rate, manners=MANNERS, seed=1, backfill_s=30.0, life_s=(0.5, 4.0),
                 base=BASE):
        super().__init__(("127.0.0.1", 0), Handler)
        self.rate = rate
        self.manners = list(manners)
        self.random = random.Random(seed)
        self.backfill_s = backfill_s
        self.life_s = life_s
        self.base = base
        self.step_s = STEP_S       # How often a connection looks for what is due.
        self.parts = templates()
        self.lock = threading.Lock()
        self.began = None
        self.posts = None          # Set by end(): so many and no more.
        self.connections = 0
        self.played = {}
        self.on_send = None        # Hears (first, behind the last, time before) of a write.

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self):
        self.began = time.monotonic()
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def due(self):
        number = int((time.monotonic() - self.began) * self.rate)
        return number if self.posts is None else min(number, self.posts)

    def hold(self):
        """Nothing falls due until go_on(); then all that would have."""
        with self.lock:
            self.posts = self.due()

    def go_on(self):
        with self.lock:
            self.posts = None

    def end(self):
        """Nothing falls due from now on, and connections behave; returns the number of posts."""
        with self.lock:
            self.posts = self.due()
            self.manners = []
        return self.posts

    def line(self, number):
        before, behind = self.parts[number % len(self.parts)]
        return before + str(self.base + number).encode() + behind

    def draw(self):
        with self.lock:
            manner = self.random.choice(self.manners) if self.manners else "good"
            self.played[manner] = self.played.get(manner, 0) + 1
            self.connections += 1
            return manner, self.random.uniform(*self.life_s)

    def handle_error(self, request, client_address):
        pass  # A client that goes away in the middle is what happens here.


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        parts = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        self.close_connection = True
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.answer(401)
            return
        # Before it is counted: who waits for the connection may ask for all from then on.
        number = self.server.due()
        manner, life = self.server.draw()
        if manner in ("503", "429"):
            self.answer(int(manner))
            return
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if int(query.get("backfill_minutes", 0)) > 0:
            number = max(0, number - int(self.server.backfill_s * self.server.rate))
        self.play(manner, life, number)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def write(self, data):
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def send(self, number):
        """What is due from `number` on, at most so much a time; returns what is next."""
        until = min(self.server.due(), number + 500)
        if until > number:
            data = b"".join(self.server.line(n) for n in range(number, until))
            when = time.monotonic()
            self.write(data)
            if self.server.on_send:
                self.server.on_send(number, until, when)
        return max(number, until)

    def play(self, manner, life, number):
        # A connection without bad manners stands until the client goes, or all is over.
        ends = time.monotonic() + life if manner != "good" else float("inf")
        alive = time.monotonic()
        while time.monotonic() < ends:
            number = self.send(number)
            if time.monotonic() - alive > ALIVE_S:
                self.write(b"\r\n")
                alive = time.monotonic()
            time.sleep(self.server.step_s)
            if manner != "good" and self.server.posts is not None:
                break
        if manner == "cut":
            self.write(self.server.line(number)[:61])
        elif manner == "repeat":
            self.write(b"".join(self.server.line(n) for n in range(max(0, number - 300), number)))
        elif manner == "html":
            self.write(b"<html>\n<body>Over capacity</body>\n</html>\n")
        elif manner == "operational":
            self.write((disconnect("OperationalDisconnect") + "\n").encode())
        elif manner == "stall":
            self.connection.settimeout(30)
            while self.connection.recv(1):
                pass
        elif manner == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            self.connection.close()
            return
        if manner in ("close", "repeat", "html"):
            self.wfile.write(b"0\r\n\r\n")
