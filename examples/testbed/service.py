"""The question-answering service: caches, then LightRAG, then Perplexity, then a stale answer."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from breaker import Blocked, LightRagBreaker
from caches import Answer, DiskTier, MemoryTier, RedisTier, TieredCache, key_of
from clients import ModelAnswer, ModelClient, ModelError, Question, is_worth_another_try
from corpus import documents, mode_of
from events import EventSink, Stopwatch
from retrieval import Retriever
from settings import (
    HOST,
    LIGHTRAG,
    PERPLEXITY,
    PRESSURE_INTERVAL_S,
    SAMPLE_INTERVAL_S,
    SHUTDOWN_PATIENCE_S,
    STALE_QUALITY_FACTOR,
)

INSTANCE = "cmo-service"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why no level of the chain could answer."""

    category: str
    detail: str


class Service:
    def __init__(
        self, cache: TieredCache, retriever: Retriever, arguments: argparse.Namespace, events: EventSink
    ) -> None:
        self._cache = cache
        self._retriever = retriever
        self._events = events
        self._lightrag = ModelClient(LIGHTRAG, arguments.lightrag_port, events)
        self._perplexity = ModelClient(PERPLEXITY, arguments.perplexity_port, events)
        self._breaker = LightRagBreaker(events)
        self._active = 0

    async def ask(self, request: web.Request) -> web.Response:
        self._active += 1
        try:
            text = (await request.json())["question"]
            result = await self._answer(text, int(request.headers["X-Request-Id"]))
        finally:
            self._active -= 1
        if isinstance(result, Failure):
            return web.json_response({"error": result.category, "detail": result.detail}, status=503)
        answer, answered_by = result
        return web.json_response(
            {"answer": answer.text, "quality": answer.quality, "answered_by": answered_by}
        )

    async def close(self) -> None:
        await self._lightrag.close()
        await self._perplexity.close()

    async def sample(self) -> None:
        """Gauges on the clock's tenths of a second."""
        while True:
            await asyncio.sleep(SAMPLE_INTERVAL_S - time.time() % SAMPLE_INTERVAL_S)
            self._gauge("active_requests", self._active)
            self._gauge("queued_requests", self._lightrag.waiting + self._perplexity.waiting)
            self._gauge("connection_pool_percent", self._lightrag.pool_percent())

    def _gauge(self, name: str, value: float) -> None:
        self._events.sample("process", name, value, instance=INSTANCE)

    async def _answer(self, text: str, request_id: int) -> tuple[Answer, str] | Failure:
        key = key_of(text)
        if found := await self._cache.get(key, request_id):
            return found
        question = Question(text, key, request_id, mode_of(text), self._retrieve(text, request_id))
        failures: list[Failure] = []
        for level in (self._ask_lightrag, self._ask_perplexity, self._ask_stale):
            answer = await level(question, failures)
            if answer:
                return answer, answer.answered_by
        return Failure(failures[-1].category, "; ".join(failure.detail for failure in failures))

    def _retrieve(self, text: str, request_id: int) -> list[str]:
        """Runs on the event loop on purpose: in one Python process it would hold the lock anyway."""
        watch = Stopwatch()
        passages = self._retriever.search(text)
        self._events.call("retrieval", watch, "ok", operation="bm25", request_id=request_id)
        return passages

    async def _ask_lightrag(self, question: Question, failures: list[Failure]) -> Answer | None:
        for attempt in range(1, LIGHTRAG.max_attempts + 1):
            try:
                found = await self._breaker.call(
                    question.request_id,
                    attempt,
                    self._lightrag.estimated_usd(question),
                    lambda: self._lightrag.ask(question, question.mode, attempt),
                )
                return await self._keep(question, found, LIGHTRAG.name)
            except Blocked:
                failures.append(Failure("blocked", "lightrag: blocked"))
                return None
            except ModelError as error:
                failures.append(Failure(error.category, f"lightrag: {error}"))
                if not is_worth_another_try(error):
                    return None
        return None

    async def _ask_perplexity(self, question: Question, failures: list[Failure]) -> Answer | None:
        try:
            found = await self._perplexity.ask(question, "search", attempt=1)
        except ModelError as error:
            failures.append(Failure(error.category, f"perplexity: {error}"))
            return None
        return await self._keep(question, found, PERPLEXITY.name)

    async def _ask_stale(self, question: Question, _: list[Failure]) -> Answer | None:
        """An expired answer from disk. Without one, the failure is the models', not the cache's."""
        watch = Stopwatch()
        old = await self._cache.stale(question.key)
        quality = round(old.quality * STALE_QUALITY_FACTOR, 4) if old else None
        self._events.call(
            "cache_fallback", watch, "ok" if old else "not_found", operation="stale", key=question.key,
            quality=quality, cost_usd=0.0, attempt=1, request_id=question.request_id,
        )
        return Answer(old.text, quality, "cache_fallback", old.born) if old else None

    async def _keep(self, question: Question, found: ModelAnswer, answered_by: str) -> Answer:
        answer = Answer(found.text, found.quality, answered_by, time.time())
        await self._cache.put(question.key, answer, question.request_id)
        return answer


SERVICE = web.AppKey("service", Service)


async def _sample_pressure(cache: TieredCache) -> None:
    while True:
        await cache.sample_pressure()
        await asyncio.sleep(PRESSURE_INTERVAL_S)


def build(arguments: argparse.Namespace) -> web.Application:
    events = EventSink()
    events.declare(INSTANCE, "service")
    retriever = Retriever(documents(arguments.seed))

    async def lifetime(application: web.Application) -> AsyncIterator[None]:
        async with _running(arguments, retriever, events) as application[SERVICE]:
            yield

    application = web.Application()
    application.cleanup_ctx.append(lifetime)
    application.add_routes([web.post("/ask", _ask), web.get("/health", _health)])
    return application


@asynccontextmanager
async def _running(
    arguments: argparse.Namespace, retriever: Retriever, events: EventSink
) -> AsyncIterator[Service]:
    """The service with its caches and background work; all of it closed at the end."""
    shared = RedisTier(arguments.redis_port)
    disk = DiskTier(arguments.directory / "answers.sqlite")
    cache = TieredCache(MemoryTier(), shared, disk, events)
    service = Service(cache, retriever, arguments, events)
    work = (service.sample(), _sample_pressure(cache), cache.watch_evictions())
    tasks = [asyncio.create_task(each) for each in work]
    yield service
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await service.close()
    await shared.close()
    disk.close()
    events.close()


async def _ask(request: web.Request) -> web.Response:
    return await request.app[SERVICE].ask(request)


async def _health(_: web.Request) -> web.Response:
    return web.Response(text="ok")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("port", "redis-port", "lightrag-port", "perplexity-port", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--directory", type=Path, required=True, help="where the SQLite file goes")
    arguments = parser.parse_args()
    web.run_app(
        build(arguments), host=HOST, port=arguments.port, access_log=None, print=None,
        shutdown_timeout=SHUTDOWN_PATIENCE_S,
    )


if __name__ == "__main__":
    main()
