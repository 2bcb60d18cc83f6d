"""Client of the recorder: events as JSON Lines through a Unix stream socket.

Callers only append to a queue; a background thread writes. Under gevent (Locust) the thread is a
greenlet, and the same code works.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import sys
import threading
import time
from collections import deque

from settings import FLUSH_INTERVAL_S

SOCKET_VARIABLE = "CMO_METRICS_SOCKET"


class Stopwatch:
    """Start of a call on the wall clock, its duration on the monotonic one."""

    __slots__ = ("ts", "_started")

    def __init__(self) -> None:
        self.ts = time.time_ns() // 1000
        self._started = time.perf_counter()

    def ms(self) -> float:
        return round((time.perf_counter() - self._started) * 1000, 3)


class EventSink:
    """Sends events to the recorder, or drops them when there is none."""

    def __init__(self, path: str | None = None) -> None:
        path = path or os.environ.get(SOCKET_VARIABLE)
        self._queue: deque[dict] = deque()
        self._wake = threading.Event()
        self._closing = False
        self._socket = _connect(path) if path else None
        self._thread: threading.Thread | None = None
        if self._socket:
            self._thread = threading.Thread(target=self._run, name="events", daemon=True)
            self._thread.start()
            atexit.register(self.close)

    def declare(self, instance: str, role: str, pid: int | None = None) -> None:
        """Tells the recorder which process this is."""
        self._send({"role": role, "instance": instance, "pid": pid or os.getpid()})

    def meta(self, metadata: dict) -> None:
        self._send({"meta": metadata})

    def call(self, component: str, watch: Stopwatch, outcome: str, **fields: object) -> None:
        """A call that has just ended."""
        self._row(watch.ts, component, outcome=outcome, duration_ms=watch.ms(), **fields)

    def mark(self, component: str, operation: str, **fields: object) -> None:
        """Something that happened at this instant, without a duration of its own."""
        self._row(time.time_ns() // 1000, component, operation=operation, **fields)

    def sample(self, component: str, operation: str, value: float, **fields: object) -> None:
        """A value at this instant."""
        self.mark(component, operation, value=round(value, 6), **fields)

    def phase(self, name: str) -> None:
        self.mark("phase", name)

    def close(self) -> None:
        """Writes what is left; may be called more than once."""
        if not self._thread:
            return
        self._closing = True
        self._wake.set()
        self._thread.join(timeout=5)
        self._thread = None

    def _row(self, ts: int, component: str, **fields: object) -> None:
        row = {"ts": ts, "component": component}
        row.update((name, value) for name, value in fields.items() if value is not None)
        self._send(row)

    def _send(self, row: dict) -> None:
        if self._socket:
            self._queue.append(row)

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait(FLUSH_INTERVAL_S)
            self._flush()
        self._flush()
        if self._socket:
            self._socket.close()

    def _flush(self) -> None:
        lines = []
        while self._queue:
            lines.append(json.dumps(self._queue.popleft(), separators=(",", ":")))
        if not lines or not self._socket:
            return
        try:
            self._socket.sendall(("\n".join(lines) + "\n").encode())
        except OSError as error:
            # The load goes on without a recorder; its own report will say that rows are missing.
            print(f"events: recorder gone ({error}), recording stopped", file=sys.stderr)
            self._socket = None


def _connect(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(path)
    return connection
