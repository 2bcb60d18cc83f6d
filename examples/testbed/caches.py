"""Three cache tiers: a dictionary in the process, Redis, SQLite on disk.

A hit in a lower tier copies the answer one tier up (L3 to L2, L2 to L1), so only what is asked
again and again reaches memory. Every tier evicts on its own; expired answers stay on disk for the
fallback.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import redis.asyncio as redis
from redis.exceptions import RedisError

from events import EventSink, Stopwatch
from settings import (
    ANSWER_TTL_S,
    HOST,
    L1_CAPACITY,
    L1_TTL_S,
    L2_MAX_MEMORY_BYTES,
    L2_TTL_S,
    L3_CAPACITY,
    STALE_LIMIT_S,
)


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    quality: float
    answered_by: str
    born: float  # Wall clock, so that it means the same in every tier.

    def remaining_s(self) -> float:
        return self.born + ANSWER_TTL_S - time.time()

    def to_json(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> Answer:
        return cls(**json.loads(text))


def key_of(question: str) -> int:
    """A number below 2**53, so that every JSON reader keeps it exactly."""
    digest = hashlib.blake2b(question.lower().encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 11


class MemoryTier:
    """L1: least recently used, with a time to live."""

    def __init__(self) -> None:
        self._entries: OrderedDict[int, tuple[float, Answer]] = OrderedDict()

    def get(self, key: int) -> Answer | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        expires, answer = entry
        if expires <= time.monotonic():
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return answer

    def put(self, key: int, answer: Answer) -> int | None:
        """Stores an answer; returns the key that had to go for it."""
        lifetime = min(L1_TTL_S, answer.remaining_s())
        self._entries[key] = (time.monotonic() + lifetime, answer)
        self._entries.move_to_end(key)
        if len(self._entries) <= L1_CAPACITY:
            return None
        return self._entries.popitem(last=False)[0]

    def fill(self) -> float:
        return len(self._entries) / L1_CAPACITY


class RedisTier:
    """L2: Redis, which evicts by its own memory limit and tells us so."""

    def __init__(self, port: int) -> None:
        self._client = redis.Redis(host=HOST, port=port)

    async def get(self, key: int) -> Answer | None:
        found = await self._client.get(str(key))
        return Answer.from_json(found) if found else None

    async def put(self, key: int, answer: Answer) -> None:
        lifetime_ms = int(min(L2_TTL_S, answer.remaining_s()) * 1000)
        if lifetime_ms > 0:
            await self._client.set(str(key), answer.to_json(), px=lifetime_ms)

    async def fill(self) -> float:
        memory = await self._client.info("memory")
        return min(1.0, memory["used_memory"] / L2_MAX_MEMORY_BYTES)

    async def watch_evictions(self, on_evicted: Callable[[int], None]) -> None:
        """Calls back for each key that Redis evicts (not for those that expire)."""
        subscription = self._client.pubsub(ignore_subscribe_messages=True)
        await subscription.psubscribe("__keyevent@*__:evicted")
        async for message in subscription.listen():
            on_evicted(int(message["data"]))

    async def close(self) -> None:
        await self._client.aclose()


class DiskTier:
    """L3: SQLite. One thread owns the connection, so that the disk never blocks the event loop."""

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="l3")
        self._database = self._thread.submit(_open_database, path).result()
        self._count = 0

    async def get(self, key: int) -> Answer | None:
        answer = await self._run(self._read, key)
        return answer if answer and answer.remaining_s() > 0 else None

    async def get_stale(self, key: int) -> Answer | None:
        answer = await self._run(self._read, key)
        return answer if answer and answer.remaining_s() > ANSWER_TTL_S - STALE_LIMIT_S else None

    async def put(self, key: int, answer: Answer) -> None:
        await self._run(self._write, key, answer)

    async def evict(self) -> list[int]:
        """Removes what was not used for longest, above the capacity."""
        return await self._run(self._evict) if self._count > L3_CAPACITY else []

    def fill(self) -> float:
        return min(1.0, self._count / L3_CAPACITY)

    def close(self) -> None:
        self._thread.submit(self._database.close).result()
        self._thread.shutdown()

    async def _run(self, function: Callable, *arguments: object):
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    def _read(self, key: int) -> Answer | None:
        row = self._database.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        self._database.execute("UPDATE answers SET used = ? WHERE key = ?", (time.time(), key))
        return Answer.from_json(row[0])

    def _write(self, key: int, answer: Answer) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (key, answer.to_json(), time.time())
        )
        self._count = self._database.execute("SELECT count(*) FROM answers").fetchone()[0]

    def _evict(self) -> list[int]:
        surplus = self._count - L3_CAPACITY
        rows = self._database.execute(
            "DELETE FROM answers WHERE key IN (SELECT key FROM answers ORDER BY used LIMIT ?)"
            " RETURNING key",
            (max(surplus, 0),),
        ).fetchall()
        self._count -= len(rows)
        return [key for (key,) in rows]


def _open_database(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    # A cache may lose its last writes in a power cut, so it need not wait for the disk each time.
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("CREATE TABLE answers (key INTEGER PRIMARY KEY, answer TEXT, used REAL)")
    database.execute("CREATE INDEX by_use ON answers (used)")
    return database


class TieredCache:
    """The tiers in their order; every look-up, promotion and eviction becomes an event."""

    def __init__(self, memory: MemoryTier, shared: RedisTier, disk: DiskTier, events: EventSink) -> None:
        self._memory = memory
        self._shared = shared
        self._disk = disk
        self._events = events

    async def get(self, key: int, request_id: int) -> tuple[Answer, str] | None:
        """The freshest way to an answer, and the tier that had it."""
        if answer := self._get_memory(key, request_id):
            return answer, "cache_l1"
        if answer := await self._get_shared(key, request_id):
            self._put_memory(key, answer, request_id, "promote_from_l2")
            return answer, "cache_l2"
        if answer := await self._get_disk(key, request_id):
            await self._put_shared(key, answer, request_id, "promote_from_l3")
            return answer, "cache_l3"
        return None

    async def put(self, key: int, answer: Answer, request_id: int) -> None:
        self._put_memory(key, answer, request_id, "put")
        await self._put_shared(key, answer, request_id, "put")
        await self._put_disk(key, answer, request_id)

    async def stale(self, key: int) -> Answer | None:
        return await self._disk.get_stale(key)

    async def watch_evictions(self) -> None:
        await self._shared.watch_evictions(
            lambda key: self._events.mark("cache_l2", "evict", outcome="ok", key=key)
        )

    async def sample_pressure(self) -> None:
        fills = {"cache_l1": self._memory.fill(), "cache_l3": self._disk.fill()}
        try:
            fills["cache_l2"] = await self._shared.fill()
        except RedisError:
            pass  # Redis is gone or busy: no sample is better than an invented one.
        for tier, fill in fills.items():
            self._events.sample(tier, "pressure", fill)

    def _get_memory(self, key: int, request_id: int) -> Answer | None:
        watch = Stopwatch()
        answer = self._memory.get(key)
        self._looked_up("cache_l1", watch, answer, key, request_id)
        return answer

    async def _get_shared(self, key: int, request_id: int) -> Answer | None:
        watch = Stopwatch()
        try:
            answer = await self._shared.get(key)
        except RedisError as error:
            self._failed("get", watch, key, request_id, error)
            return None
        self._looked_up("cache_l2", watch, answer, key, request_id)
        return answer

    async def _get_disk(self, key: int, request_id: int) -> Answer | None:
        watch = Stopwatch()
        answer = await self._disk.get(key)
        self._looked_up("cache_l3", watch, answer, key, request_id)
        return answer

    def _put_memory(self, key: int, answer: Answer, request_id: int, operation: str) -> None:
        watch = Stopwatch()
        evicted = self._memory.put(key, answer)
        self._events.call("cache_l1", watch, "ok", operation=operation, key=key, request_id=request_id)
        if evicted is not None:
            # Part of the put, so it has no duration of its own.
            self._events.mark("cache_l1", "evict", outcome="ok", key=evicted, request_id=request_id)

    async def _put_shared(self, key: int, answer: Answer, request_id: int, operation: str) -> None:
        watch = Stopwatch()
        try:
            await self._shared.put(key, answer)
        except RedisError as error:
            self._failed(operation, watch, key, request_id, error)
            return
        self._events.call("cache_l2", watch, "ok", operation=operation, key=key, request_id=request_id)

    async def _put_disk(self, key: int, answer: Answer, request_id: int) -> None:
        watch = Stopwatch()
        await self._disk.put(key, answer)
        self._events.call("cache_l3", watch, "ok", operation="put", key=key, request_id=request_id)
        for evicted in await self._disk.evict():
            self._events.mark("cache_l3", "evict", outcome="ok", key=evicted, request_id=request_id)

    def _looked_up(self, tier: str, watch: Stopwatch, answer: Answer | None, key: int, request_id: int) -> None:
        outcome = "hit" if answer else "miss"
        self._events.call(tier, watch, outcome, operation="get", key=key, request_id=request_id)

    def _failed(self, operation: str, watch: Stopwatch, key: int, request_id: int, error: Exception) -> None:
        self._events.call(
            "cache_l2", watch, "api_error", operation=operation, key=key, request_id=request_id,
            detail=type(error).__name__,
        )
