"""LightRAG's circuit breaker: fluxgate's, with CMO's thresholds, and every step as an event."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from fluxgate import AsyncCircuitBreaker
from fluxgate.errors import CallNotPermittedError
from fluxgate.permits import Permit
from fluxgate.retries import Cooldown
from fluxgate.signal import Signal
from fluxgate.trackers import TypeOf
from fluxgate.trippers import CallContext, Tripper
from fluxgate.windows import CountWindow

from clients import ModelError
from events import EventSink, Stopwatch
from settings import (
    BREAKER_CLOSE_BELOW,
    BREAKER_COOLDOWN_S,
    BREAKER_MIN_CALLS,
    BREAKER_NAME,
    BREAKER_OPEN_ABOVE,
    BREAKER_PROBE_PATIENCE_S,
    BREAKER_PROBES,
    BREAKER_WINDOW_CALLS,
)

_STATE_VALUES = {"closed": 0, "half_open": 1, "open": 2}
T = TypeVar("T")


class Blocked(Exception):
    """The breaker did not let the call through."""


class _Thresholds(Tripper):
    """Opens above one failure rate, closes below another, and remembers the rate it judged."""

    def __init__(self) -> None:
        self.failure_rate: float | None = None

    def __call__(self, context: CallContext) -> bool:
        rate = context.metric.failure_rate or 0.0
        self.failure_rate = rate
        if context.state == "closed":
            return context.metric.total_count >= BREAKER_MIN_CALLS and rate > BREAKER_OPEN_ABOVE
        # Half open: true keeps it half open after a success and opens it after a failure.
        return context.metric.total_count < BREAKER_PROBES or rate >= BREAKER_CLOSE_BELOW


class _ProbeBudget(Permit):
    """Lets a fixed number of calls through while half open, instead of a random share of them."""

    def __init__(self) -> None:
        self._period = 0.0
        self._granted = 0
        self._since = 0.0

    def __call__(self, changed_at: float) -> bool:
        now = time.monotonic()
        if changed_at != self._period or now - self._since > BREAKER_PROBE_PATIENCE_S:
            self._period, self._since, self._granted = changed_at, now, 0
        if self._granted >= BREAKER_PROBES:
            return False
        self._granted += 1
        return True


class LightRagBreaker:
    def __init__(self, events: EventSink) -> None:
        self._events = events
        self._thresholds = _Thresholds()
        self._breaker = AsyncCircuitBreaker(
            window=CountWindow(BREAKER_WINDOW_CALLS),
            tracker=TypeOf(ModelError),
            tripper=self._thresholds,
            retry=Cooldown(BREAKER_COOLDOWN_S),
            permit=_ProbeBudget(),
            # Callers above this number would wait for a probe to end instead of being turned
            # away; the budget above is the limit that we want.
            max_half_open_calls=1_000_000,
            listeners=[self._on_transition],
        )
        self._state("closed")

    async def call(
        self, request_id: int, attempt: int, estimated_usd: float, function: Callable[[], Awaitable[T]]
    ) -> T:
        """Calls through the breaker; raises `Blocked` or what the function raises."""
        watch = Stopwatch()
        try:
            result = await self._breaker.call(function)
        except CallNotPermittedError as error:
            self._called(watch, "blocked", request_id, attempt, cost_usd=estimated_usd)
            raise Blocked from error
        except ModelError as error:
            self._called(watch, error.category, request_id, attempt, detail=error.detail)
            raise
        self._called(watch, "ok", request_id, attempt)
        return result

    def _called(self, watch: Stopwatch, outcome: str, request_id: int, attempt: int, **fields: object) -> None:
        self._events.call(
            "circuit_breaker", watch, outcome, operation="call", instance=BREAKER_NAME,
            request_id=request_id, attempt=attempt, **fields,
        )

    def _on_transition(self, signal: Signal) -> None:
        # Leaving `open` is a matter of time: no failure rate was looked at.
        by_rate = signal.old_state != "open"
        self._events.mark(
            "circuit_breaker",
            f"{signal.old_state}->{signal.new_state}",
            value=round(self._thresholds.failure_rate, 6) if by_rate else None,
            instance=BREAKER_NAME,
            detail="failure_rate" if by_rate else "cooldown",
        )
        self._state(signal.new_state)

    def _state(self, state: str) -> None:
        self._events.sample("circuit_breaker", "state", _STATE_VALUES[state], instance=BREAKER_NAME)
