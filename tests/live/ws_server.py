"""A Jetstream server (v1) with the manners of the real one, bad ones among them, over a WebSocket of
its own (RFC 6455, the part that such a server needs).

Event n has time_us BASE + n * STEP. A connection with a cursor gets every event from there on; one
without begins at the live end. A connection with bad manners ends, or falls silent, after some events.
"""

import base64
import ctypes
import hashlib
import json
import random
import re
import socket
import ssl
import struct
import threading
import time
import urllib.parse

from manners import Manners

MANNERS = ["close", "1006", "stall", "reset", "fragments", "garbage", "503", "429", "pings"]
BASE = 1779719009000000
STEP = 10_000          # Microseconds between two events: the rewind of 5 s is 500 of them.
TAKEN = 400
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def event(number):
    """Every tenth is something else than a post, every fiftieth deletes the one before."""
    head = {"did": "did:plc:a", "time_us": BASE + number * STEP, "kind": "commit"}
    commit = {"rev": f"r{number}", "operation": "create", "collection": "app.bsky.feed.post",
              "rkey": f"k{number}"}
    if number % 50 == 49:
        return {**head, "commit": {**commit, "operation": "delete", "rkey": f"k{number - 1}"}}
    if number % 10 == 5:
        return {"did": "did:plc:a", "time_us": head["time_us"], "kind": "identity", "identity": {}}
    text = f"\U0001f600 #tag{number % 7} n{number}"
    facet = {"index": {"byteStart": 5, "byteEnd": 10},
             "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": f"tag{number % 7}"}]}
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-05-25T14:23:28.757Z",
              "langs": ["en"], "facets": [facet]}
    return {**head, "commit": {**commit, "record": record, "cid": "c"}}


def frame(opcode, payload, final=True):
    head = bytes([(0x80 if final else 0) | opcode])
    if len(payload) < 126:
        head += bytes([len(payload)])
    elif len(payload) < 1 << 16:
        head += bytes([126]) + struct.pack(">H", len(payload))
    else:
        head += bytes([127]) + struct.pack(">Q", len(payload))
    return head + payload


class Zstd:
    """Compresses with a dictionary, as Jetstream does with compress=true."""

    def __init__(self, dictionary):
        self.zstd = ctypes.CDLL("libzstd.so.1")
        for name in ("ZSTD_createCDict", "ZSTD_createCCtx"):
            getattr(self.zstd, name).restype = ctypes.c_void_p
        for name in ("ZSTD_compressBound", "ZSTD_compress_usingCDict"):
            getattr(self.zstd, name).restype = ctypes.c_size_t
        self.dictionary = ctypes.c_void_p(self.zstd.ZSTD_createCDict(
            dictionary, ctypes.c_size_t(len(dictionary)), 3))
        self.lock = threading.Lock()
        self.context = ctypes.c_void_p(self.zstd.ZSTD_createCCtx())

    def compress(self, data):
        with self.lock:
            out = ctypes.create_string_buffer(len(data) + 1024)
            size = self.zstd.ZSTD_compress_usingCDict(
                self.context, out, ctypes.c_size_t(len(out)), data, ctypes.c_size_t(len(data)),
                self.dictionary)
            return out.raw[:size]


class WsServer:
    """Accepts connections until the process ends; `messages` replaces the events of
    Jetstream; one in bytes goes as a binary frame."""

    def __init__(self, events=0, manners=MANNERS, seed=1, messages=None, tls=None, zstd=None):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.events = events
        self.messages = messages
        self.random = random.Random(seed)
        self.manners = Manners(manners, self.random)
        self.lock = threading.Lock()
        self.live = 0             # The next event that was never sent.
        self.targets = []
        self.tls = tls
        self.zstd = zstd          # Whoever asks for it gets compressed, binary frames.
        self.bytes = 0            # Of all messages, as sent.

    @property
    def port(self):
        return self.listener.getsockname()[1]

    @property
    def url(self):
        return f"{'wss' if self.tls else 'ws'}://localhost:{self.port}/subscribe"

    def start(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self.talk(connection)
        except (OSError, ssl.SSLError):
            pass
        finally:
            connection.close()

    @property
    def played(self):
        return self.manners.played

    def draw(self):
        """The manners, and good ones alone at the end."""
        with self.lock:
            return "good" if self.live >= self.events else self.manners.draw()

    def talk(self, connection):
        head = b""
        while b"\r\n\r\n" not in head:
            data = connection.recv(4096)
            if not data:
                return
            head += data
        text = head.decode()
        target = text.split(" ")[1]
        self.targets.append(target)
        manner = self.draw()
        if manner in ("503", "429"):
            body = "<html>over capacity</html>"
            connection.sendall(f"HTTP/1.1 {manner} No\r\nContent-Length: {len(body)}\r\n\r\n{body}"
                               .encode())
            return
        key = re.search(r"(?i)sec-websocket-key: *(\S+)", text)[1]
        accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
        connection.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                            f"Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n")
                           .encode())
        if self.messages is not None:
            for message in self.messages:
                packed = isinstance(message, bytes)
                connection.sendall(frame(2, message) if packed else frame(1, message.encode()))
            self.drain(connection)
            return
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(target).query)
        begin = self.live
        if "cursor" in query:
            # Inclusive, rounded up to the next event.
            begin = max(0, -(-(int(query["cursor"][0]) - BASE) // STEP))
        packed = self.zstd if query.get("compress") == ["true"] else None
        self.play(connection, manner, begin, packed)

    def send(self, connection, numbers, write):
        for number in numbers:
            write(json.dumps(event(number), ensure_ascii=False).encode())
            with self.lock:
                self.live = max(self.live, number + 1)

    def play(self, connection, manner, begin, packed):
        opcode = 2 if packed else 1

        def packing(payload):
            data = packed.compress(payload) if packed else payload
            self.bytes += len(data)
            return data

        def whole(payload):
            connection.sendall(frame(opcode, packing(payload)))

        def pieces(payload):
            data = packing(payload)
            cut = self.random.randrange(1, len(data))
            connection.sendall(frame(opcode, data[:cut], final=False) + frame(0, data[cut:]))

        if manner == "good":
            number = begin
            while True:
                self.send(connection, range(number, max(number, self.events)), whole)
                number = max(number, self.events)
                connection.sendall(frame(9, b"are you there"))
                time.sleep(0.05)
        # What was read again does not count, or it would not come forward.
        until = max(begin, self.live) + self.random.randrange(1, TAKEN)
        self.send(connection, range(begin, min(until, self.events)),
                  pieces if manner == "fragments" else whole)
        if manner == "pings":
            connection.sendall(frame(9, b"ping"))
        if manner == "garbage":
            whole(b"{\"did\":\"did:plc:a\",\"time_us\":NaN}")
        if manner == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif manner in ("close", "fragments", "pings", "garbage"):
            connection.sendall(frame(8, struct.pack(">H", 1001) + b"going away"))
            self.drain(connection)
        elif manner == "stall":
            self.drain(connection)

    def drain(self, connection):
        """Answers nothing until the client has had enough."""
        connection.settimeout(30)
        while connection.recv(4096):
            pass
