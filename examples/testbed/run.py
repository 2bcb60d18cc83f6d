"""Starts Redis, the stub models, the service and the load; stops them all.

Uses the standard library only, so that it can say what is missing.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.metadata
import os
import platform
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import settings
from events import SOCKET_VARIABLE, EventSink

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
START_PATIENCE_S = 60.0  # Building the index on a busy machine takes some seconds.
POLL_S = 0.2
# Users finish the question they are at, so that no request stays without its row.
USER_PATIENCE_S = int(settings.CLIENT_TIMEOUT_S) + 5
STOP_PATIENCE_S = USER_PATIENCE_S + 5.0  # Locust waits for its users; the others stop at once.
EXIT_FAILED = 1
EXIT_REQUIREMENTS = 2
_PR_SET_PDEATHSIG = 1


class Stopped(Exception):
    """A signal asked us to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


class Failed(Exception):
    """A part did not start, or died."""


class Processes:
    """The children, stopped in the reverse order of their start."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: list[tuple[str, subprocess.Popen]] = []

    def start(self, name: str, command: list[str], env: dict | None = None, quiet: bool = True) -> subprocess.Popen:
        log = self._log(name).open("wb") if quiet else None
        process = subprocess.Popen(
            command, cwd=HERE, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, preexec_fn=_die_with_parent,
            # Ctrl-C reaches us alone; we stop the rest in order.
            start_new_session=True,
        )
        if log:
            log.close()
        self._running.append((name, process))
        return process

    def check(self) -> None:
        for name, process in self._running:
            if process.poll() is not None:
                raise Failed(f"{name} ended with code {process.returncode}\n{self._tail(name)}")

    def wait_for(self, process: subprocess.Popen) -> int:
        """Waits for one process while the others have to stay alive."""
        self._running = [(name, other) for name, other in self._running if other is not process]
        try:
            while process.poll() is None:
                self.check()
                time.sleep(POLL_S)
        finally:
            if process.poll() is None:
                _stop(process)
        return process.returncode

    def stop(self) -> None:
        while self._running:
            _stop(self._running.pop()[1])

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _tail(self, name: str) -> str:
        log = self._log(name)
        return log.read_text(errors="replace")[-2000:] if log.exists() else ""


def _stop(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _die_with_parent() -> None:
    """So that even a killed starter leaves nothing behind (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def main() -> int:
    arguments = _arguments()
    problems = missing_requirements()
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return EXIT_REQUIREMENTS
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _on_signal)
    try:
        return run(arguments)
    except Stopped as stopped:
        print(f"testbed: stopped by {stopped}", file=sys.stderr)
        return stopped.exit_code
    except Failed as failure:
        print(f"testbed: {failure}", file=sys.stderr)
        return EXIT_FAILED


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=50, help="virtual users (default 50)")
    parser.add_argument("--duration", type=int, default=300, help="seconds, ramp-up included (default 300)")
    parser.add_argument("--seed", type=int, default=1, help="of documents, questions, users, models (default 1)")
    for name in ("service", "redis", "lightrag", "perplexity"):
        parser.add_argument(f"--{name}-port", type=int, help="default: a free one")
    return parser.parse_args()


def missing_requirements() -> list[str]:
    """What has to be installed, with the command that does it."""
    problems = []
    if sys.version_info[:2] != (3, 11):
        problems.append(f"Python 3.11 is needed, this is {platform.python_version()}")
    missing = [line for line in _pinned() if _installed(line.split("==")[0]) != line.split("==")[1]]
    if missing:
        problems.append(f"missing, or in another version: {', '.join(missing)}")
        problems.append(f"  python3.11 -m venv {HERE / '.venv'}")
        problems.append(f"  {HERE / '.venv/bin/pip'} install -r {REQUIREMENTS}")
    if not shutil.which("redis-server"):
        problems.append("redis-server is missing:\n  sudo apt-get install redis-server")
    return problems


def _pinned() -> list[str]:
    lines = (line.split("#")[0].strip() for line in REQUIREMENTS.read_text().splitlines())
    return [line for line in lines if line]


def _installed(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _on_signal(number: int, _frame: object) -> None:
    # A second signal must not interrupt the stopping.
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise Stopped(number)


def run(arguments: argparse.Namespace) -> int:
    events = EventSink()
    with tempfile.TemporaryDirectory(prefix="cmo-testbed-") as name:
        processes = Processes(Path(name))
        try:
            ports = _ports(arguments)
            _start_redis(processes, ports, Path(name), events)
            _start_models(processes, ports, arguments.seed)
            _start_service(processes, ports, Path(name), arguments.seed)
            events.meta(metadata(arguments))
            _run_load(processes, ports, arguments)
        finally:
            processes.stop()
            events.close()
    return 0


def _ports(arguments: argparse.Namespace) -> dict[str, int]:
    return {
        name: getattr(arguments, f"{name}_port") or _free_port()
        for name in ("service", "redis", "lightrag", "perplexity")
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((settings.HOST, 0))
        return probe.getsockname()[1]


def _start_redis(processes: Processes, ports: dict[str, int], directory: Path, events: EventSink) -> None:
    redis = processes.start("redis", [
        "redis-server", "--bind", settings.HOST, "--port", str(ports["redis"]), "--dir", str(directory),
        # A cache: nothing goes to disk, and the least recently used answers leave when it is full.
        "--save", "", "--appendonly", "no",
        "--maxmemory", str(settings.L2_MAX_MEMORY_BYTES), "--maxmemory-policy", "allkeys-lru",
        # Messages about evicted keys, which become events.
        "--notify-keyspace-events", "Ee",
    ])  # fmt: skip
    # Redis cannot tell the recorder who it is.
    events.declare("redis", "other", redis.pid)
    _wait_until(processes, "redis", lambda: _accepts(ports["redis"]))


def _start_models(processes: Processes, ports: dict[str, int], seed: int) -> None:
    for model in settings.MODELS:
        processes.start(
            model, [sys.executable, "models.py", "--model", model, "--port", str(ports[model]), "--seed", str(seed)]
        )
    for model in settings.MODELS:
        _wait_until(processes, model, lambda port=ports[model]: _healthy(port))


def _start_service(processes: Processes, ports: dict[str, int], directory: Path, seed: int) -> None:
    command = [sys.executable, "service.py", "--port", str(ports["service"]), "--seed", str(seed)]
    for name in ("redis", "lightrag", "perplexity"):
        command += [f"--{name}-port", str(ports[name])]
    processes.start("service", command + ["--directory", str(directory)])
    _wait_until(processes, "service", lambda: _healthy(ports["service"]))


def _run_load(processes: Processes, ports: dict[str, int], arguments: argparse.Namespace) -> None:
    command = [
        sys.executable, "-m", "locust", "-f", "locustfile.py", "--headless", "--only-summary",
        "--host", f"http://{settings.HOST}:{ports['service']}",
        "--users", str(arguments.users),
        "--spawn-rate", str(arguments.users / settings.RAMP_UP_S),
        "--run-time", f"{arguments.duration}s",
        "--stop-timeout", str(USER_PATIENCE_S),
        # Failed requests are what a load test is about, not a failure of the test.
        "--exit-code-on-error", "0",
        "--loglevel", "WARNING",
    ]  # fmt: skip
    locust = processes.start("locust", command, env={"TESTBED_SEED": str(arguments.seed)}, quiet=False)
    code = processes.wait_for(locust)
    if code != 0:
        raise Failed(f"locust ended with code {code}")


def _wait_until(processes: Processes, name: str, ready) -> None:
    deadline = time.monotonic() + START_PATIENCE_S
    while not ready():
        processes.check()
        if time.monotonic() > deadline:
            raise Failed(f"{name} is not ready after {START_PATIENCE_S:g} s")
        time.sleep(POLL_S)


def _accepts(port: int) -> bool:
    try:
        socket.create_connection((settings.HOST, port), timeout=1).close()
        return True
    except OSError:
        return False


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{settings.HOST}:{port}/health", timeout=1) as response:
            return response.status == 200
    except (OSError, urllib.error.URLError):
        return False


def metadata(arguments: argparse.Namespace) -> dict:
    """What the run's metadata should say about this test."""
    return {
        "test_name": "CMO testbed",
        "scenario": "closed-loop questions, Zipf popularity",
        "users": arguments.users,
        "load_model": "closed",
        "think_time_ms": settings.THINK_TIME_MEAN_S * 1000,
        "breakers": settings.breaker_metadata(),
        "environment": {"software": _software()},
        "testbed": {
            "invented": "The language models are stubs: service times, answers, quality, prices and "
            "injected errors come from a seeded generator. Everything else ran for real.",
            "seed": arguments.seed,
            "duration_s": arguments.duration,
            "ramp_up_s": settings.RAMP_UP_S,
            "client_timeout_s": settings.CLIENT_TIMEOUT_S,
            "questions": settings.QUESTION_COUNT,
            "zipf_exponent": settings.ZIPF_EXPONENT,
            "documents": settings.DOCUMENT_COUNT,
            "answer_ttl_s": settings.ANSWER_TTL_S,
            "models": settings.model_metadata(),
        },
    }


def _software() -> dict[str, str]:
    versions = {name: _installed(name) or "" for name in ("aiohttp", "locust", "redis", "fluxgate")}
    versions["redis-client"] = versions.pop("redis")
    found = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=False).stdout
    versions["redis-server"] = next(
        (word.removeprefix("v=") for word in found.split() if word.startswith("v=")), ""
    )
    return {**versions, "python": platform.python_version(), "sqlite": sqlite3.sqlite_version}


if __name__ == "__main__":
    if not os.environ.get(SOCKET_VARIABLE):
        print(f"testbed: {SOCKET_VARIABLE} is not set, nothing is recorded", file=sys.stderr)
    sys.exit(main())
