"""The service's client of a model server: connection pool, deadline, tries, events."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

import aiohttp

from events import EventSink, Stopwatch
from settings import HOST, ModelSettings

# The models' error categories by the HTTP status that reports them.
_CATEGORY_OF_STATUS = {402: "cost_limit"}


class ModelError(Exception):
    """A model call that gave no answer."""

    def __init__(self, category: str, detail: str) -> None:
        super().__init__(f"{category}: {detail}")
        self.category = category
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    key: int
    request_id: int
    mode: str
    passages: list[str]

    def prompt_tokens(self) -> int:
        return count_tokens(self.text) + sum(map(count_tokens, self.passages))


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    text: str
    quality: float


def count_tokens(text: str) -> int:
    """Tokens of a text by the rule of thumb of four characters each."""
    return max(1, len(text) // 4)


class ModelClient:
    def __init__(self, model: ModelSettings, port: int, events: EventSink) -> None:
        self.model = model
        self._url = f"http://{HOST}:{port}/answer"
        self._events = events
        self._pool = asyncio.Semaphore(model.connections)
        self._in_use = 0
        self._waiting = 0
        # The semaphore is the pool's limit: its waiting line can be measured, aiohttp's cannot.
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def close(self) -> None:
        await self._session.close()

    @property
    def waiting(self) -> int:
        return self._waiting

    def pool_percent(self) -> float:
        return 100.0 * self._in_use / self.model.connections

    def estimated_usd(self, question: Question) -> float:
        """What a call would have cost, with an answer of the usual length."""
        words = self.model.answer_words.get(question.mode, 100)
        # Six letters and a space to a word, four characters to a token.
        tokens_out = words * 7 // 4
        return (
            question.prompt_tokens() * self.model.usd_per_input_token
            + tokens_out * self.model.usd_per_output_token
            + self.model.usd_per_call
        )

    async def ask(self, question: Question, operation: str, attempt: int) -> ModelAnswer:
        """One try within the deadline, waiting for a connection included."""
        watch = Stopwatch()
        usage: dict = {}
        try:
            async with asyncio.timeout(self.model.deadline_s):
                answer = await self._ask(question, operation, attempt, watch, usage)
        except TimeoutError:
            # What is cut off while it waits in the model server reports no waiting time.
            error = ModelError("timeout", f"no answer within {self.model.deadline_s:g} s")
        except aiohttp.ClientError as failure:
            error = ModelError("api_error", type(failure).__name__)
        except ModelError as failure:
            error = failure
        else:
            self._called(watch, "ok", question, operation, attempt, usage, quality=answer.quality)
            return answer
        self._called(watch, error.category, question, operation, attempt, usage, detail=error.detail)
        raise error

    async def _ask(
        self, question: Question, operation: str, attempt: int, watch: Stopwatch, usage: dict
    ) -> ModelAnswer:
        await self._acquire()
        try:
            waited_ms = watch.ms()
            usage["queue_ms"] = waited_ms
            body = {
                "question": question.text, "passages": question.passages, "operation": operation,
                "request_id": question.request_id, "attempt": attempt,
            }
            async with self._session.post(self._url, json=body) as response:
                _read_usage(response.headers, waited_ms, usage)
                return _read_answer(response.status, await response.read())
        finally:
            self._in_use -= 1
            self._pool.release()

    async def _acquire(self) -> None:
        self._waiting += 1
        try:
            await self._pool.acquire()
        finally:
            self._waiting -= 1
        self._in_use += 1

    def _called(
        self, watch: Stopwatch, outcome: str, question: Question, operation: str, attempt: int,
        usage: dict, **fields: object,
    ) -> None:
        self._events.call(
            self.model.name, watch, outcome, operation=operation, attempt=attempt,
            request_id=question.request_id, **usage, **fields,
        )


def _read_usage(headers, waited_ms: float, usage: dict) -> None:
    """What the server reports also for answers that turn out unusable."""
    if "X-Queue-Ms" in headers:
        usage["queue_ms"] = round(waited_ms + float(headers["X-Queue-Ms"]), 3)
    if "X-Ttft-Ms" in headers:
        usage["ttft_ms"] = round(waited_ms + float(headers["X-Ttft-Ms"]), 3)
    if "X-Cost-Usd" in headers:
        usage["cost_usd"] = float(headers["X-Cost-Usd"])
        usage["tokens_in"] = int(headers["X-Tokens-In"])
        usage["tokens_out"] = int(headers["X-Tokens-Out"])


def _read_answer(status: int, body: bytes) -> ModelAnswer:
    if status != 200:
        category = _CATEGORY_OF_STATUS.get(status, "api_error")
        raise ModelError(category, f"HTTP {status}: {body[:80].decode(errors='replace')}")
    try:
        answer = json.loads(body)
        return ModelAnswer(text=answer["text"], quality=answer["quality"])
    except (ValueError, KeyError) as error:
        raise ModelError("parsing_error", "the answer is not the JSON that was asked for") from error


def is_worth_another_try(error: ModelError) -> bool:
    """Only an unreadable answer: asking an overloaded server again would make it worse."""
    return error.category == "parsing_error"
