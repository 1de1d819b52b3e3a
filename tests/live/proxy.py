"""A proxy for plain HTTP (RFC 9110, section 7.6): one request a connection, passed on as it is."""

import socket
import threading
import urllib.parse


class Proxy:
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.targets = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def start(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        head = b""
        while b"\r\n\r\n" not in head:
            data = connection.recv(4096)
            if not data:
                return
            head += data
        method, target, rest = head.split(b" ", 2)
        self.targets.append(target.decode())
        parts = urllib.parse.urlsplit(target.decode())
        path = parts.path + ("?" + parts.query if parts.query else "")
        server = socket.create_connection((parts.hostname, parts.port))
        server.sendall(b" ".join([method, path.encode(), rest]))
        threading.Thread(target=pump, args=(connection, server), daemon=True).start()
        pump(server, connection)


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
