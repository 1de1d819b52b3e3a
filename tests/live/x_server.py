"""An X server with the manners of the real one, bad ones among them.

It has posts 0 to N - 1 to send, in order, over whatever connections it is granted. What a connection
does is drawn from MANNERS by a seeded generator, so that a failure can be repeated. A post counts as
sent once its line was written whole; a reconnect with backfill_minutes gets the last posts again.
"""

import http.server
import json
import random
import socket
import struct
import threading
import time
import urllib.parse
import zlib

from manners import Manners

# Sent whole and ended in good order, or not.
MANNERS = ["close", "cut", "stall", "upstream", "operational", "html", "reset", "gzip", "bytes",
           "503", "429", "connections", "provisioning"]
# As well, where a test asks for it: LOST posts pass by while nobody is connected; a search between two
# ids gives them.
LOST = 20
BASE = 1500000000000000000
REACH_S = 7 * 86400  # How old an id may be behind which a search is asked to begin.
TAKEN = 97        # Posts that a connection with bad manners sends at most.
BACKFILL = 100    # Posts that backfill repeats, unless the test says otherwise.
TOKEN = "a-token-of-the-tests"


def post(number, base=BASE):
    """A message as the filtered stream sends it; the text has one to four bytes a character."""
    text = f"caf\u00e9 \u65e5\u672c \U0001f600 &amp; #tag{number % 7}"
    begin = text.index("#")
    return json.dumps({
        "data": {"id": str(base + number), "text": text, "author_id": "5",
                 "created_at": "2026-01-01T00:00:00.000Z", "lang": "fr",
                 "entities": {"hashtags": [{"start": begin, "end": len(text),
                                            "tag": f"tag{number % 7}"}]}},
        "includes": {"users": [{"id": "5", "username": "ada"}]},
        "matching_rules": [{"id": "1", "tag": "rookery:keywords"}],
    }, ensure_ascii=False)


def snowflake_at(time_s):
    """The first id of a moment."""
    return (int(time_s * 1000) - 1288834974657) << 22


def disconnect(kind):
    return json.dumps({"errors": [{
        "title": "operational-disconnect", "disconnect_type": kind,
        "detail": "This stream has been disconnected for operational reasons.",
        "type": "https://api.x.com/2/problems/operational-disconnect"}]})


def connection_problem(issue):
    return {"title": "ConnectionException", "detail": "This stream is not to be had.",
            "connection_issue": issue, "type": "https://api.x.com/2/problems/streaming-connection"}


class XServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, posts, seed=1, manners=MANNERS, rules=()):
        super().__init__(("127.0.0.1", 0), Handler)
        self.posts = posts
        self.random = random.Random(seed)
        self.manners = Manners(manners, self.random)
        self.lock = threading.Lock()
        self.next = 0             # The post that goes next.
        self.sent = 0             # Posts that went at least once.
        self.backfill = BACKFILL
        self.rules = {str(number): rule for number, rule in enumerate(rules, 1)}
        self.requests = []
        self.base = BASE
        self.lost = []            # Posts that went by with a "lossy" end.
        self.searches = []        # Queries for them.

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def handle_error(self, request, client_address):
        pass  # A client that goes away in the middle is what happens here.

    @property
    def played(self):
        return self.manners.played

    def draw(self):
        """The manners, and good ones alone at the end."""
        with self.lock:
            return "good" if self.next >= self.posts else self.manners.draw()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, value, headers=()):
        body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def begin(self):
        """Path and query; None where the token is wrong, which is answered."""
        parts = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        self.server.requests.append((self.command, parts.path, query))
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.answer(401, {"title": "Unauthorized", "detail": "Unauthorized", "status": 401})
            return None, None
        return parts.path, query

    def do_GET(self):
        path, query = self.begin()
        if path == "/2/tweets/search/stream/rules":
            data = [{"id": key, **rule} for key, rule in self.server.rules.items()]
            self.answer(200, {"data": data, "meta": {}} if data else {"meta": {}})
        elif path == "/2/connections":
            self.answer(200, {"data": [{"endpoint_name": "filtered_stream"}]})
        elif path in ("/2/tweets/search/stream", "/2/tweets/sample/stream"):
            self.stream(query)
        elif path == "/2/tweets/search/recent":
            self.search(query)
        elif path:
            self.answer(404, {"title": "Not Found"})

    def do_POST(self):
        path, query = self.begin()
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if path is None:
            return
        rules, errors, created = self.server.rules, [], []
        for rule in body.get("add", []):
            if any(rule["value"] == other["value"] for other in rules.values()):
                errors.append({"value": rule["value"], "id": "1", "title": "DuplicateRule",
                               "type": "https://api.x.com/2/problems/duplicate-rules"})
            elif rule["value"].startswith("lang:"):
                errors.append({"value": rule["value"], "title": "UnprocessableEntity",
                               "details": ["Rules must contain a standalone operator"],
                               "type": "https://api.x.com/2/problems/invalid-rules"})
            else:
                created.append(rule)
        if query.get("dry_run") != "true":
            for rule in created:
                rules[str(1000 + len(rules))] = rule
            for key in body.get("delete", {}).get("ids", []):
                rules.pop(key, None)
        answer = {"data": created, "meta": {"summary": {"created": len(created)}}}
        if errors:
            answer["errors"] = errors
        self.answer(201, answer)

    def search(self, query):
        """Pages of at most 10 posts, from new to old, newer than since_id."""
        if "until_id" in query:
            self.search_lost(query)
            return
        base = self.server.base
        if "since_id" in query and int(query["since_id"]) < snowflake_at(time.time() - REACH_S):
            self.answer(400, {"title": "Invalid Request", "errors": [{
                "message": "'since_id' must be a tweet id created after the search's reach"}]})
            return
        since = max(int(query.get("since_id", 0)) - base, -1)
        last = int(query.get("next_token", self.server.posts))
        numbers = [n for n in range(last - 1, max(since, last - 11), -1)]
        data = [json.loads(post(n, base))["data"] for n in numbers]
        meta = {"result_count": len(data)}
        if data:
            meta["newest_id"] = data[0]["id"]
        if numbers and numbers[-1] - 1 > since:
            meta["next_token"] = str(numbers[-1])
        self.answer(200, {"data": data, "meta": meta})

    def search_lost(self, query):
        server = self.server
        with server.lock:
            server.searches.append(query)
            begin = int(query.get("next_token", 0))
            numbers = server.lost[begin:begin + 10]
            more = begin + 10 < len(server.lost)
        data = [json.loads(post(n, server.base))["data"] for n in numbers]
        meta = {"result_count": len(data)}
        if data:
            meta["newest_id"] = data[0]["id"]
        if more:
            meta["next_token"] = str(begin + 10)
        self.answer(200, {"data": data, "meta": meta})

    # The stream.

    def stream(self, query):
        server = self.server
        if not server.rules and "search" in self.path:
            self.answer(409, connection_problem("RuleConfigurationIssue"))
            return
        manner = server.draw()
        refusals = {
            "503": lambda: self.answer(503, "<!DOCTYPE html><html>over capacity</html>"),
            "429": lambda: self.answer(429, {"errors": [{"code": 88,
                                                         "message": "Rate limit exceeded"}]},
                                       [("x-rate-limit-reset", str(int(time.time()) + 12))]),
            "connections": lambda: self.answer(429, connection_problem("TooManyConnections")),
            "provisioning": lambda: self.answer(503, connection_problem(
                "ProvisioningSubscription")),
        }
        if manner in refusals:
            refusals[manner]()
            return
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.deflate = None
        if manner in ("gzip", "held"):
            self.send_header("Content-Encoding", "gzip")
            self.deflate = zlib.compressobj(wbits=31)
        self.end_headers()
        with server.lock:
            if int(query.get("backfill_minutes", 0)) > 0:
                server.next = max(0, server.sent - server.backfill)
        self.close_connection = True
        self.play(manner)

    def write(self, data):
        if self.deflate:
            data = self.deflate.compress(data) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def send_posts(self, count, sizes=None):
        """Writes posts, in pieces of `sizes` bytes that know no line and no character."""
        server = self.server
        data = b""
        with server.lock:
            # What is repeated does not count, or the stream would not come forward.
            numbers = range(server.next, min(server.sent + count, server.posts))
            for number in numbers:
                data += post(number, server.base).encode() + b"\r\n"
            server.next = max(server.next, numbers.stop)
            server.sent = max(server.sent, server.next)
        while data:
            size = sizes() if sizes else len(data)
            self.write(data[:size])
            data = data[size:]

    def play(self, manner):
        server = self.server
        if manner == "good":
            while True:
                self.send_posts(50)
                self.write(b"\r\n")
                time.sleep(0.02)
        count = server.random.randrange(1, TAKEN)
        if manner == "bytes":
            self.send_posts(min(count, 9), lambda: server.random.randrange(1, 5))
        elif manner == "lossy":
            self.send_posts(LOST)
        else:
            self.send_posts(count)
        self.write(b"\r\n")
        if manner == "cut":
            # The rest of the line never comes; the post does, on the next connection.
            self.write(post(server.next, server.base).encode()[:61])
        elif manner in ("upstream", "operational"):
            kind = "OperationalDisconnect"
            self.write((disconnect("Upstream" + kind if manner == "upstream" else kind)
                        + "\n").encode())
            self.wait_until_left()
        elif manner in ("stall", "held"):
            # "held" is compressed, and nothing follows that would push out what is still inside.
            self.wait_until_left()
        elif manner == "html":
            self.write(b"<html>\n<body>Over capacity</body>\n</html>\n")
        elif manner == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            self.connection.close()
            return
        if manner == "lossy":
            with server.lock:
                lost = range(server.next, min(server.next + LOST, server.posts))
                server.lost.extend(lost)
                server.next = server.sent = lost.stop
        if manner in ("close", "gzip", "bytes", "lossy"):
            self.wfile.write(b"0\r\n\r\n")

    def wait_until_left(self):
        """The connection stays open and silent until the client has had enough."""
        self.connection.settimeout(30)
        try:
            while self.connection.recv(1):
                pass
        except OSError:
            pass
