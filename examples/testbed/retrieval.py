"""BM25 over the seeded documents, in plain Python: a search costs real CPU time."""

from __future__ import annotations

import heapq
import math
import re
from collections import Counter, defaultdict

from settings import CANDIDATE_DOCUMENTS, PASSAGE_WORDS, PASSAGES_PER_ANSWER

_WORD = re.compile(r"[a-z0-9]+")
# The usual defaults of Okapi BM25.
_K1 = 1.5
_B = 0.75


class Retriever:
    """An inverted index with the term weights worked out in advance."""

    def __init__(self, documents: list[list[str]]) -> None:
        self._documents = documents
        self._postings = _index(documents)
        self._rarity = {
            term: _rarity(len(found), len(documents)) for term, found in self._postings.items()
        }

    def search(self, question: str) -> list[str]:
        """The best passages for a question: documents first, then the best window of each."""
        terms = _WORD.findall(question.lower())
        wanted = {term: self._rarity[term] for term in terms if term in self._rarity}
        passages = [_best_window(self._documents[number], wanted) for number in self._candidates(terms)]
        best = heapq.nlargest(PASSAGES_PER_ANSWER, passages)
        return [" ".join(words) for _, words in best]

    def _candidates(self, terms: list[str]) -> list[int]:
        scores: dict[int, float] = defaultdict(float)
        for term in terms:
            for number, weight in self._postings.get(term, ()):
                scores[number] += weight
        return heapq.nlargest(CANDIDATE_DOCUMENTS, scores, key=scores.__getitem__)


def _best_window(words: list[str], wanted: dict[str, float]) -> tuple[float, list[str]]:
    """The stretch of a document that holds most of the question, and its score."""
    weights = [wanted.get(word, 0.0) for word in words]
    score = best_score = sum(weights[:PASSAGE_WORDS])
    best_start = 0
    for start in range(1, len(words) - PASSAGE_WORDS + 1):
        score += weights[start + PASSAGE_WORDS - 1] - weights[start - 1]
        if score > best_score:
            best_score, best_start = score, start
    return best_score, words[best_start : best_start + PASSAGE_WORDS]


def _index(documents: list[list[str]]) -> dict[str, list[tuple[int, float]]]:
    mean_length = sum(map(len, documents)) / len(documents)
    counts: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, words in enumerate(documents):
        for term, count in Counter(words).items():
            counts[term].append((number, count))
    return {
        term: [
            (number, _weight(count, len(documents[number]) / mean_length, len(found), len(documents)))
            for number, count in found
        ]
        for term, found in counts.items()
    }


def _weight(count: int, relative_length: float, found_in: int, total: int) -> float:
    saturation = count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * relative_length))
    return _rarity(found_in, total) * saturation


def _rarity(found_in: int, total: int) -> float:
    return math.log(1 + (total - found_in + 0.5) / (found_in + 0.5))
