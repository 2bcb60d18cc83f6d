"""The users: closed loop with think time, Zipf-distributed questions, measured at the client."""

from __future__ import annotations

import itertools
import json
import os
import random
import time

import gevent
from locust import FastHttpUser, events, task

from corpus import popularity, questions
from events import EventSink, Stopwatch
from settings import CLIENT_TIMEOUT_S, SAMPLE_INTERVAL_S, THINK_TIME_MAX_S, THINK_TIME_MEAN_S

INSTANCE = "locust"
SEED = int(os.environ["TESTBED_SEED"])
QUESTIONS = questions(SEED)
POPULARITY = popularity()
SINK = EventSink()
SINK.declare(INSTANCE, "load_generator")

_user_ids = itertools.count(1)
_request_ids = itertools.count(1)


class Clinician(FastHttpUser):
    network_timeout = CLIENT_TIMEOUT_S
    connection_timeout = CLIENT_TIMEOUT_S

    def __init__(self, environment) -> None:
        super().__init__(environment)
        self.user_id = next(_user_ids)
        self._rng = random.Random(f"user {SEED} {self.user_id}")

    def wait_time(self) -> float:
        return min(THINK_TIME_MAX_S, self._rng.expovariate(1 / THINK_TIME_MEAN_S))

    @task
    def ask(self) -> None:
        question = self._rng.choices(QUESTIONS, cum_weights=POPULARITY)[0]
        request_id = next(_request_ids)
        headers = {"X-Request-Id": str(request_id), "X-User-Id": str(self.user_id)}
        watch = Stopwatch()
        with self.client.post(
            "/ask", json={"question": question}, headers=headers, name="ask", catch_response=True
        ) as response:
            outcome, fields = _judge(response)
            SINK.call(
                "request", watch, outcome, operation="ask", request_id=request_id,
                user_id=self.user_id, attempt=1, **fields,
            )
            if outcome == "ok":
                response.success()
            else:
                response.failure(outcome)


def _judge(response) -> tuple[str, dict]:
    """Outcome word and columns of a response, or of its absence."""
    if response.status_code == 0:
        reason = repr(response.error)
        return ("timeout" if "time" in reason.lower() else "connection_error"), {"detail": reason[:120]}
    try:
        body = json.loads(response.text)
    except (TypeError, ValueError):
        return "api_error", {"detail": f"HTTP {response.status_code}"}
    if response.status_code != 200:
        return body["error"], {"detail": body["detail"]}
    return "ok", {"answered_by": body["answered_by"], "quality": body["quality"]}


@events.test_start.add_listener
def _on_start(environment, **_) -> None:
    SINK.phase("ramp_up")
    gevent.spawn(_sample_users, environment)


@events.spawning_complete.add_listener
def _on_all_users(user_count, **_) -> None:
    SINK.phase("steady")


@events.test_stopping.add_listener
def _on_stopping(environment, **_) -> None:
    SINK.phase("ramp_down")


@events.quit.add_listener
def _on_quit(exit_code, **_) -> None:
    # Not at `quitting`: after SIGTERM that comes before the last requests end.
    SINK.close()


def _sample_users(environment) -> None:
    """The number of users on the clock's tenths of a second."""
    while True:
        gevent.sleep(SAMPLE_INTERVAL_S - time.time() % SAMPLE_INTERVAL_S)
        SINK.sample("process", "active_users", environment.runner.user_count, instance=INSTANCE)
