"""Every constant of the testbed, each with its reason.

The sizes fit a machine with two cores for everything: comfortable up to 50 users, tight at 100,
saturated at 150 and more.
"""

from __future__ import annotations

from dataclasses import dataclass

HOST = "127.0.0.1"  # Nothing listens on, or talks to, another interface.

# Servers wait this long for their callers to hang up: by then the load has ended.
SHUTDOWN_PATIENCE_S = 2.0

# --- events -----------------------------------------------------------------
# Rows wait in memory this long: long enough to send many at once, short enough that the
# recorder's live display follows.
FLUSH_INTERVAL_S = 0.1
# The contract's sampling interval.
SAMPLE_INTERVAL_S = 0.1
# Fill levels change slowly, and asking Redis is a round trip: once a second is enough.
PRESSURE_INTERVAL_S = 1.0

# --- load -------------------------------------------------------------------
# Mean of the exponential pause between two questions of one user. Half a second lets 10 users ask
# more than 5 000 questions in 7 minutes.
THINK_TIME_MEAN_S = 0.5
# The longest pause: the exponential's tail would let a user sleep through the end of the run.
THINK_TIME_MAX_S = 5.0
# All users are up after this time, whatever their number, so that runs can be compared.
RAMP_UP_S = 20.0
# The user gives up after this: more than the deadlines of the whole chain together (4 s + 6 s),
# so it is reached only when the service itself is overloaded.
CLIENT_TIMEOUT_S = 15.0

# --- questions and documents --------------------------------------------------
# More questions than any cache keeps, so that misses never stop.
QUESTION_COUNT = 12_000
# Popularity of the question of rank r is 1/r**s. A little over 1: a warm cache answers three
# quarters of the questions, and a long tail remains.
ZIPF_EXPONENT = 1.1
# Number and length of the documents (long abstracts) and the candidates that are looked at closely
# set the CPU cost of a search: about 7 ms.
DOCUMENT_COUNT = 6_000
DOCUMENT_WORDS = 160
CANDIDATE_DOCUMENTS = 300
PASSAGE_WORDS = 60
PASSAGES_PER_ANSWER = 4  # Passages that go into a model's prompt.

# --- caches -------------------------------------------------------------------
# An answer is fresh for this long, whichever tier holds it. Well below the length of a run, so
# that hit rates level off after the first minute or two and misses go on.
ANSWER_TTL_S = 75.0
L1_CAPACITY = 250  # Small enough that the least recently used answers are evicted all the time.
L1_TTL_S = 20.0  # In-process memory is for what is hot right now.
L2_TTL_S = 45.0
# Redis itself needs about 1 MB; the rest holds some hundred answers, so from 50 users on Redis
# evicts on its own.
L2_MAX_MEMORY_BYTES = 2_200_000
# Expired answers stay for the fallback until they are evicted: reached after two minutes at 50 users.
L3_CAPACITY = 2_000
STALE_LIMIT_S = 900.0  # A stale answer older than this is worse than none.
STALE_QUALITY_FACTOR = 0.85  # Invented: what staleness costs in answer quality.

# --- circuit breaker of LightRAG ------------------------------------------------
BREAKER_NAME = "lightrag"
BREAKER_OPEN_ABOVE = 0.20  # CMO's target: opens at a failure rate above 20 %.
BREAKER_CLOSE_BELOW = 0.05  # CMO's target: closes below 5 %.
BREAKER_WINDOW_CALLS = 60  # The last 60 calls: two to four seconds of traffic under load.
BREAKER_MIN_CALLS = 20  # With fewer, one failure too many would open it.
BREAKER_COOLDOWN_S = 8.0  # Long enough for LightRAG to work off its queue.
BREAKER_PROBES = 10  # Half-open lets this many calls through; all must succeed.
# Probes that never come back must not keep the breaker half-open for ever.
BREAKER_PROBE_PATIENCE_S = 10.0

# --- models ---------------------------------------------------------------------


@dataclass(frozen=True)
class ModelSettings:
    """One stub model server and how the service calls it."""

    name: str
    slots: int  # Answers generated at the same time; the rest waits.
    max_queue: int  # Above this many waiting calls the server refuses (HTTP 429).
    median_s: dict[str, float]  # Median service time per operation.
    sigma: float  # Spread of the log-normal service time.
    prefill_share: float  # Share of the service time before the first token.
    errors: dict[str, float]  # Injected errors: share of calls per category.
    usd_per_input_token: float
    usd_per_output_token: float
    usd_per_call: float
    quality: dict[str, float]  # Invented: mean answer quality per operation.
    answer_words: dict[str, int]  # Length of an answer, which gives its tokens.
    deadline_s: float  # The service waits this long, its own queue included.
    connections: int  # Size of the service's connection pool to this server.
    max_attempts: int  # Tries per request; only unreadable answers are tried again.


LIGHTRAG = ModelSettings(
    name="lightrag",
    # 16 slots of about 0.7 s serve 23 answers/s: 50 users need about 16, 100 users more than 23.
    slots=16,
    # It never refuses, it only gets slow; that is what the breaker is for.
    max_queue=10_000,
    median_s={"hybrid": 0.62, "naive": 0.38, "local": 0.52, "global": 0.80},
    sigma=0.45,
    prefill_share=0.35,
    errors={"timeout": 0.004, "api_error": 0.006, "parsing_error": 0.003, "cost_limit": 0.002},
    usd_per_input_token=0.5e-6,
    usd_per_output_token=1.5e-6,
    usd_per_call=0.0,
    quality={"hybrid": 0.92, "naive": 0.78, "local": 0.86, "global": 0.88},
    answer_words={"hybrid": 150, "naive": 90, "local": 120, "global": 180},
    deadline_s=4.0,
    # Fewer than 200 users can ask for: at saturation requests wait in the service too.
    connections=80,
    max_attempts=2,
)

PERPLEXITY = ModelSettings(
    name="perplexity",
    # A fallback is sized for the odd failure, not for all the traffic.
    slots=10,
    # A hosted service limits its callers instead of letting them wait.
    max_queue=40,
    median_s={"search": 0.95},
    sigma=0.50,
    prefill_share=0.45,
    errors={"timeout": 0.003, "api_error": 0.005, "parsing_error": 0.002},
    usd_per_input_token=1.0e-6,
    usd_per_output_token=1.0e-6,
    usd_per_call=0.005,
    quality={"search": 0.80},
    answer_words={"search": 130},
    deadline_s=6.0,
    connections=60,
    max_attempts=1,
)

MODELS = {model.name: model for model in (LIGHTRAG, PERPLEXITY)}
QUALITY_SPREAD = 0.04  # Invented: standard deviation of the answer quality.


def breaker_metadata() -> dict:
    """The breaker's thresholds as the run's metadata states them."""
    return {
        BREAKER_NAME: {
            "open_above": BREAKER_OPEN_ABOVE,
            "close_below": BREAKER_CLOSE_BELOW,
            "window": BREAKER_WINDOW_CALLS,
            "min_calls": BREAKER_MIN_CALLS,
            "window_unit": "calls",
            "cooldown_s": BREAKER_COOLDOWN_S,
            "half_open_probes": BREAKER_PROBES,
        }
    }


def model_metadata() -> dict:
    """What a reader of the run should know about the stub models."""
    return {
        model.name: {
            "slots": model.slots,
            "deadline_s": model.deadline_s,
            "median_s": model.median_s,
            "sigma": model.sigma,
            "injected_errors": model.errors,
            "usd_per_input_token": model.usd_per_input_token,
            "usd_per_output_token": model.usd_per_output_token,
            "usd_per_call": model.usd_per_call,
        }
        for model in MODELS.values()
    }
