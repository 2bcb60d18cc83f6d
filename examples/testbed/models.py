"""A stub model server: the one invented part. Run once as LightRAG and once as Perplexity.

It has a limited number of slots with a waiting line, log-normal service times, tokens counted from
the real prompt and answer, prices, and injected errors. What a request gets is decided by the seed
and the request's number, not by the order of arrival.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from clients import count_tokens
from events import EventSink
from settings import HOST, MODELS, QUALITY_SPREAD, SHUTDOWN_PATIENCE_S, ModelSettings


@dataclass(frozen=True, slots=True)
class Fate:
    """What the seed has in store for a call."""

    service_s: float
    error: str | None
    quality: float
    answer: str


class ModelServer:
    def __init__(self, model: ModelSettings, seed: int) -> None:
        self._model = model
        self._seed = seed
        self._slots = asyncio.Semaphore(model.slots)
        self._waiting = 0

    async def answer(self, request: web.Request) -> web.Response:
        arrived = time.perf_counter()
        body = await request.json()
        if self._waiting >= self._model.max_queue:
            return web.Response(status=429, text="too many calls are waiting")
        async with self._slot():
            return await self._serve(body, arrived)

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._slots.release()

    async def _serve(self, body: dict, arrived: float) -> web.Response:
        queue_ms = _ms_since(arrived)
        fate = decide(self._model, self._seed, body)
        if fate.error == "api_error":
            return web.Response(status=500, text="internal error", headers=_waited(queue_ms))
        if fate.error == "cost_limit":
            return web.Response(status=402, text="budget exhausted", headers=_waited(queue_ms))
        if fate.error == "timeout":
            # A generation that hangs, slot and all, until the caller gives up.
            await asyncio.sleep(self._model.deadline_s * 2)
        await asyncio.sleep(fate.service_s * self._model.prefill_share)
        ttft_ms = _ms_since(arrived)
        await asyncio.sleep(fate.service_s * (1 - self._model.prefill_share))
        return self._respond(body, fate, queue_ms, ttft_ms)

    def _respond(self, body: dict, fate: Fate, queue_ms: float, ttft_ms: float) -> web.Response:
        tokens_in = count_tokens(body["question"]) + sum(map(count_tokens, body["passages"]))
        tokens_out = count_tokens(fate.answer)
        text = json.dumps({"text": fate.answer, "quality": fate.quality})
        if fate.error == "parsing_error":
            text = text[: len(text) // 2]
        headers = _waited(queue_ms) | {
            "X-Ttft-Ms": f"{ttft_ms:.3f}",
            "X-Tokens-In": str(tokens_in),
            "X-Tokens-Out": str(tokens_out),
            "X-Cost-Usd": f"{self._cost(tokens_in, tokens_out):.8f}",
        }
        return web.Response(text=text, content_type="application/json", headers=headers)

    def _cost(self, tokens_in: int, tokens_out: int) -> float:
        model = self._model
        return (
            tokens_in * model.usd_per_input_token
            + tokens_out * model.usd_per_output_token
            + model.usd_per_call
        )


def decide(model: ModelSettings, seed: int, body: dict) -> Fate:
    rng = random.Random(f"{seed} {model.name} {body['request_id']} {body['attempt']}")
    operation = body["operation"]
    service_s = rng.lognormvariate(math.log(model.median_s[operation]), model.sigma)
    quality = rng.gauss(model.quality[operation], QUALITY_SPREAD)
    return Fate(
        service_s=service_s,
        error=_injected_error(model, rng),
        quality=round(min(1.0, max(0.0, quality)), 4),
        answer=_answer_text(model, operation, body, rng),
    )


def _injected_error(model: ModelSettings, rng: random.Random) -> str | None:
    draw = rng.random()
    for category, share in model.errors.items():
        if draw < share:
            return category
        draw -= share
    return None


def _answer_text(model: ModelSettings, operation: str, body: dict, rng: random.Random) -> str:
    """Words of the passages that were retrieved, so that answers differ in text and length."""
    words = " ".join(body["passages"]).split()
    length = max(20, round(rng.gauss(model.answer_words[operation], model.answer_words[operation] * 0.2)))
    return " ".join(words[:length])


def _waited(queue_ms: float) -> dict[str, str]:
    return {"X-Queue-Ms": f"{queue_ms:.3f}"}


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


async def _health(_: web.Request) -> web.Response:
    return web.Response(text="ok")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=sorted(MODELS), required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    arguments = parser.parse_args()

    EventSink().declare(f"{arguments.model}-server", "model")
    server = ModelServer(MODELS[arguments.model], arguments.seed)
    application = web.Application()
    application.add_routes([web.post("/answer", server.answer), web.get("/health", _health)])
    # A caller that gave up frees its place in the line, and its slot.
    web.run_app(
        application, host=HOST, port=arguments.port, handler_cancellation=True, access_log=None, print=None,
        shutdown_timeout=SHUTDOWN_PATIENCE_S,
    )


if __name__ == "__main__":
    main()
