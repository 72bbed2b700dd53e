#!/usr/bin/env python3
"""What ten thousand open listeners to /v1/events cost: memory of the server with nobody, with all of
them connected, and after each has heard some readings; and how long one reading takes to reach all.

usage: tests/bench/sse.py MUAVU [LISTENERS [READINGS]]   (10000 and 20; on this machine only)

Not a test: it says what it measured, and ends with 1 above the issue's 500 MB. Needs `ulimit -n`
above the number of listeners, for the server and for this program.
"""

import datetime
import http.client
import json
import re
import resource
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MB_MAX = 500
TOKEN = "test"
DEVICES = """[one]
place = "canal:one"
place_name = "cống Một"
token_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
"""
ASK = b"GET /v1/events HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n"
# Connections asked for at once: the kernel keeps no more waiting (net.core.somaxconn is 4096).
TOGETHER = 500
SECONDS_MAX = 120


def resident_mb(pid: int, field: str = "VmRSS") -> float:
    """Memory of a process, MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+) kB", status)[1]) / 1024


def start(muavu: str, home: Path) -> tuple[subprocess.Popen, int]:
    """A stream on a free port; returns it and the port."""
    (home / "devices.toml").write_text(DEVICES)
    command = [muavu, "--home", str(home), "stream", "--listen", "127.0.0.1:0"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    for line in server.stderr:
        if found := re.search(r"listening on http://127\.0\.0\.1:(\d+)", line):
            return server, int(found[1])
    raise SystemExit("the stream does not listen")


def push(port: int, number: int) -> float:
    """Pushes one reading; returns when it was sent."""
    at = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=600 - number)
    body = json.dumps({"time": at.isoformat().replace("+00:00", "Z"), "ec_us_cm": 500 + number})
    connection = http.client.HTTPConnection("127.0.0.1", port)
    sent = time.monotonic()
    connection.request("POST", "/v1/readings", body, {"Authorization": f"Bearer {TOKEN}"})
    answer = connection.getresponse()
    assert answer.status == 202, (answer.status, answer.read())
    return sent


class Listeners:
    """Open connections, and how many events each has heard."""

    def __init__(self, port: int, count: int) -> None:
        self.ready = selectors.EpollSelector()
        self.heard: dict[socket.socket, int] = {}
        for first in range(0, count, TOGETHER):
            for _ in range(min(TOGETHER, count - first)):
                one = socket.create_connection(("127.0.0.1", port), timeout=SECONDS_MAX)
                one.sendall(ASK)
                one.setblocking(False)
                self.heard[one] = 0
                self.ready.register(one, selectors.EVENT_READ)
            self.read(0, first + min(TOGETHER, count - first), answers=True)

    def read(self, events: int, count: int, answers: bool = False) -> None:
        """Reads until `count` listeners have their answer's head, or `events` events each."""
        until = time.monotonic() + SECONDS_MAX
        self.answered = getattr(self, "answered", 0)
        while time.monotonic() < until:
            done = self.answered if answers else sum(n >= events for n in self.heard.values())
            if done >= count:
                return
            for key, _ in self.ready.select(timeout=1):
                text = key.fileobj.recv(65_536)
                assert text, "the server hung up"
                if text.startswith(b"HTTP/1.1"):
                    assert text.startswith(b"HTTP/1.1 200"), text[:200]
                    self.answered += 1
                self.heard[key.fileobj] += text.count(b"event: reading")
        raise SystemExit(f"after {SECONDS_MAX} s not all {count} listeners have heard it")


def main() -> int:
    """Measures and says it."""
    muavu = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    readings = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 2_000), hard))
    with tempfile.TemporaryDirectory() as home:
        server, port = start(muavu, Path(home))
        try:
            alone = resident_mb(server.pid)
            began = time.monotonic()
            listeners = Listeners(port, count)
            print(f"{count} listeners open after {time.monotonic() - began:.1f} s")
            connected = resident_mb(server.pid)
            delays = []
            for number in range(readings):
                sent = push(port, number)
                listeners.read(number + 1, count)
                delays.append(time.monotonic() - sent)
            delays.sort()
            print(f"one reading is with all of them after {delays[len(delays) // 2]:.2f} s (median), "
                  f"{delays[-1]:.2f} s at worst")
            most = resident_mb(server.pid, "VmHWM")
            print(f"memory: {alone:.0f} MB with nobody, {connected:.0f} MB connected, "
                  f"{most:.0f} MB at most; {(most - alone) * 1024 / count:.1f} kB a listener")
            return int(most > MB_MAX)
        finally:
            server.terminate()
            server.wait(timeout=30)


if __name__ == "__main__":
    sys.exit(main())
