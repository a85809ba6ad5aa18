"""A proxy before PostgreSQL that loses commits, to see that nothing is done twice and nothing is lost.

It passes everything on, until a client says COMMIT on a connection: then it either passes that on, waits until the server has
done it, and ends the connection without the answer (`answer`); or it ends the connection without passing it on (`commit`).

As a program it runs a command with such a server in SLUICE_TEST_POSTGRES:

    scripts/with-postgres python -m tests.database.proxy answer 2 COMMAND
"""

import os
import socket
import subprocess
import sys
import threading
import urllib.parse

# How the driver says it: a message of a query, its length, its text.
COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"


class Proxy:
    """Listens on a port of this machine while it is used; every `every`-th commit is lost, as if `first` had been before."""

    def __init__(self, url, lost, every, first=0):
        assert lost in ("answer", "commit", "nothing"), lost
        self.parts = urllib.parse.urlsplit(url)
        self.lost, self.every = lost, every
        self.commits, self.losses = first, 0
        self.lock = threading.Lock()
        self.listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listening.close()

    @property
    def url(self):
        port = self.listening.getsockname()[1]
        user = f"{self.parts.username}@" if self.parts.username else ""
        return urllib.parse.urlunsplit(self.parts._replace(netloc=f"{user}127.0.0.1:{port}"))

    def accept(self):
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            server = socket.create_connection((self.parts.hostname, self.parts.port))
            connection = Connection(self, client, server)
            for way in (connection.requests, connection.answers):
                threading.Thread(target=way, daemon=True).start()

    def is_lost(self):
        with self.lock:
            self.commits += 1
            lost = self.lost != "nothing" and self.commits % self.every == 0
            self.losses += lost
            return lost


class Connection:
    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.silent = False

    def requests(self):
        try:
            while data := self.client.recv(65536):
                if COMMIT in data and self.proxy.is_lost():
                    if self.proxy.lost == "commit":
                        break
                    self.silent = True
                self.server.sendall(data)
        except OSError:
            pass
        self.end()

    def answers(self):
        try:
            while data := self.server.recv(65536):
                if self.silent:
                    # The server has done it.
                    break
                self.client.sendall(data)
        except OSError:
            pass
        self.end()

    def end(self):
        for one in (self.client, self.server):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()


def main():
    lost, every, *command = sys.argv[1:]
    with Proxy(os.environ["SLUICE_TEST_POSTGRES"], lost, int(every)) as proxy:
        done = subprocess.run(command, env={**os.environ, "SLUICE_TEST_POSTGRES": proxy.url}, check=False)
        print(f"{proxy.losses} of {proxy.commits} commits were lost", file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
