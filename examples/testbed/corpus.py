"""Seeded documents and questions of an invented metabolomics library."""

from __future__ import annotations

import random
from itertools import accumulate

from settings import DOCUMENT_COUNT, DOCUMENT_WORDS, QUESTION_COUNT, ZIPF_EXPONENT

_PREFIXES = "acetyl amino benzo carnitino deoxy fumaro gluco hydroxy indolo keto".split()
_STEMS = "butyrate creatine dopamine glycine histidine lactate oleate proline serine taurine".split()
_ORGANS = "hepatic renal cardiac pulmonary cerebral intestinal pancreatic thyroid".split()
_CONDITIONS = "fibrosis steatosis ischemia inflammation insufficiency carcinoma".split()
_PATHWAYS = "glycolysis ketogenesis lipolysis transamination methylation autophagy".split()
_COMMON = (
    "patients plasma serum urine level levels study cohort increase decrease associated pathway "
    "biomarker metabolite metabolism clinical risk disease change group analysis sample response"
).split()

# Each kind of question suits one LightRAG mode; the templates' numbers make most of them hybrid.
_TEMPLATES = {
    "hybrid": (
        "How does {metabolite} metabolism change in patients with {condition} and which pathway explains it?",
        "Why is the serum level of {metabolite} associated with the risk of {condition}?",
        "How is {metabolite} linked to {pathway} in {condition}, in plasma and in urine?",
        "Why do clinical study groups with {condition} show changed {metabolite} levels after {pathway}?",
        "How would a decrease of {metabolite} in plasma change the response of {condition} patients?",
        "Why is {pathway} associated with {metabolite} in the metabolism of {condition}?",
        "How strong is the evidence for {metabolite} as a biomarker of {condition}?",
    ),
    "local": ("Which metabolite changes together with {metabolite} in {condition} plasma samples?",),
    "global": ("Summarise what is known about {pathway}, {metabolite} and the risk of {condition}.",),
    "naive": ("What is {metabolite} and in which {condition} samples is it found?",),
}
_MODE_OF_FIRST_WORD = {"Which": "local", "Summarise": "global", "What": "naive"}


def mode_of(question: str) -> str:
    """LightRAG's mode for a question: by the question word, hybrid for all that explains."""
    return _MODE_OF_FIRST_WORD.get(question.split(" ", 1)[0], "hybrid")


def questions(seed: int) -> list[str]:
    """All questions, the most popular first."""
    everything = [
        template.format(metabolite=metabolite, condition=condition, pathway=pathway)
        for templates in _TEMPLATES.values()
        for template in templates
        for metabolite in _metabolites()
        for condition in _conditions()
        for pathway in (_PATHWAYS if "{pathway}" in template else _PATHWAYS[:1])
    ]
    return random.Random(f"questions {seed}").sample(everything, QUESTION_COUNT)


def popularity() -> list[float]:
    """Cumulative Zipf weights, for `random.choices`."""
    return list(accumulate(1 / rank**ZIPF_EXPONENT for rank in range(1, QUESTION_COUNT + 1)))


def documents(seed: int) -> list[list[str]]:
    """Documents as word lists: each about one metabolite, one condition, one pathway."""
    rng = random.Random(f"documents {seed}")
    vocabulary = _COMMON + [f"term{number}" for number in range(600)]
    weights = list(accumulate(1 / rank**0.8 for rank in range(1, len(vocabulary) + 1)))
    return [_document(rng, vocabulary, weights) for _ in range(DOCUMENT_COUNT)]


def _document(rng: random.Random, vocabulary: list[str], weights: list[float]) -> list[str]:
    words = rng.choices(vocabulary, cum_weights=weights, k=DOCUMENT_WORDS - 15)
    topic = [rng.choice(_metabolites()), *rng.choice(_conditions()).split(), rng.choice(_PATHWAYS)]
    words += rng.choices(topic, k=15)
    rng.shuffle(words)
    return words


def _metabolites() -> list[str]:
    return [prefix + stem for prefix in _PREFIXES for stem in _STEMS]


def _conditions() -> list[str]:
    return [f"{organ} {condition}" for organ in _ORGANS for condition in _CONDITIONS]
