"""How the decoder sees a word: what it costs as it stands, what else it may be, and why it was changed or was not.

What is shown is the first pass: nothing that a whole document teaches. Costs are in nats.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, cast

import numpy as np
import numpy.typing as npt

from pipeline.arrays import STEP
from pipeline.document import Corrector
from pipeline.errors import UsageError
from pipeline.repair.adapt import segments
from pipeline.repair.chain import Lattice, context_of, lifted, silence_of
from pipeline.repair.channel import FAR
from pipeline.repair.cited import cited_units
from pipeline.repair.letters import CODE
from pipeline.repair.prices import case_cost
from pipeline.repair.search import phase_of
from pipeline.repair.sentence import WORDS, Decoded, Decoder
from pipeline.repair.slots import Hypothesis, hypothesis_of
from pipeline.repair.units import TOKEN, Unit, cut_units
from pipeline.repair.verdicts import SHOWN
from pipeline.source import shown

Why = Literal[
    "lexicon",
    "spelled",
    "name",
    "latin",
    "citation",
    "good-russian",
    "plain",
    "no-candidate",
    "latin-likelier",
    "unsure",
    "as-it-stands",
]
WHY: Final[Mapping[Why, str]] = {
    "lexicon": "words of the lexicon, and Russian is sure enough",
    "spelled": "a new word by its letters, and Russian is sure enough",
    "name": "a name that was given, and Russian is sure enough",
    "latin": "Latin print that was taken for Cyrillic",
    "citation": "part of an archival citation, decoded by its grammar",
    "good-russian": "already good Russian",
    "plain": "not searched: by itself no reason to look for Russian, and nothing Russian near it",
    "no-candidate": "no candidate",
    "latin-likelier": "the Latin reading is likelier",
    "unsure": "Russian, or the candidate, is less sure than the certainty asked",
    "as-it-stands": "likelier in Russian text as it stands than as any candidate",
}
# Below this Russian is the less likely language.
HALF: Final = 0.5
# Hypotheses of a unit before its candidates: as it stands in Latin text, and in Russian text.
STANDING: Final = 2


@dataclass(frozen=True)
class Candidate:
    """A Russian text that a word may be. Costs in nats; `prior`, `case` and `channel` sum to `cost`.

    `prior` is what its words cost in the lexicon (new ones: by their letters), `case` what their capitals cost,
    `channel` what it costs that they were read so, with marks and lost spaces; a name pays all of it in the channel.
    `lift` is how many nats likelier the context before makes it, `company` the words on both sides (0 where the unit is
    sure without them), `posterior` its probability after all; `path` has (read, printed) for each stretch.
    """

    text: str
    reason: str
    cost: float
    prior: float
    case: float
    channel: float
    lift: float
    company: float
    posterior: float
    path: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Explanation:
    """What became of a word, `text`, and why; `latin_cost` and `russian_cost` are its own, as it stands, in nats.

    `russian` is the posterior of Russian, `posterior` that of the decoder's choice; `before` is the word before, as
    decoded, that lifts the candidates ("" at the start of a sentence); `candidates` are up to SHOWN, the likeliest
    first.
    """

    word: str
    text: str
    why: Why
    latin_cost: float
    russian_cost: float
    russian: float
    posterior: float
    before: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class View:
    """A line as the decoder left it."""

    decoder: Decoder
    decoded: Decoded

    @property
    def lattice(self) -> Lattice:
        """The hypotheses of all units."""
        return self.decoded.lattice

    @property
    def shares(self) -> npt.NDArray[np.float64]:
        """Their posteriors."""
        return self.decoded.shares

    @cached_property
    def company(self) -> npt.NDArray[np.float64]:
        """By how many nats its company lifts each hypothesis."""
        company = self.decoder.company
        return company.lifts(self.lattice, self.shares) if company else np.zeros(len(self.shares))

    def hypotheses(self, place: int) -> range:
        """Return the numbers of the hypotheses of a unit."""
        return range(int(self.lattice.start[place]), int(self.lattice.start[place + 1]))

    def text(self, place: int, own: int) -> str:
        """Return what a unit says by one of its hypotheses."""
        slot, number = self.decoded.slots[place], own - self.hypotheses(place).start
        return slot.unit.text if number < STANDING else hypothesis_of(slot, number - STANDING).text


def explain(
    corrector: Corrector, words: Sequence[str], context: str = "", glyph_map: str = "tesseract-eng"
) -> tuple[Explanation, ...]:
    """Explain words, in the order given: each where it first stands in the line `context`, else on a line of its own.

    `glyph_map` names the OCR model that read them. Raises UsageError if a word is no token of the line, or no token.
    """
    decoder, certainty = corrector.repairer.shared_decoder(glyph_map), corrector.options.min_confidence
    if not context:
        return tuple(
            explained(View(decoder, decoder.decode(cut_units([alone(word)]), {})), 0, certainty) for word in words
        )
    units = cut_units([context])
    places = [place_of(word, units) for word in words]
    view = View(decoder, decoder.decode(units, {}))
    return tuple(explained(view, place, certainty) for place in places)


def alone(word: str) -> str:
    """Return a word that is one token. Raises UsageError if it is not."""
    if not TOKEN.fullmatch(word):
        raise UsageError(
            f"{shown(word) or 'An empty word'} is not one word",
            "Give words without spaces, and their line as --context",
        )
    return word


def place_of(word: str, units: Sequence[Unit]) -> int:
    """Return where a word first stands among the units of a line. Raises UsageError if it does not."""
    for place, unit in enumerate(units):
        if unit.text == word:
            return place
    raise UsageError(
        f"{shown(word) or 'An empty word'} is no word of the context",
        "Give it as it stands there between spaces, with its marks",
    )


def explained(view: View, place: int, certainty: float) -> Explanation:
    """Explain one unit of a line; what is less sure than `certainty` stays as it is."""
    slot, verdict = view.decoded.slots[place], view.decoded.verdicts[place]
    unsure = verdict.best.reason != "kept" and verdict.posterior < certainty
    return Explanation(
        slot.unit.text,
        slot.unit.text if unsure else verdict.best.text,
        "unsure" if unsure else why(view, place),
        float(slot.kept),
        float(slot.own),
        verdict.russian,
        verdict.posterior,
        before(view, place)[1],
        candidates(view, place),
    )


def why(view: View, place: int) -> Why:
    """Return why the decoder changed a unit or did not."""
    slot, verdict = view.decoded.slots[place], view.decoded.verdicts[place]
    if place in cited_units(view.decoded.citations):
        return "citation"
    if verdict.best.reason != "kept":
        return cast(Why, verdict.best.reason)
    if view.decoder.is_russian(slot.unit):
        return "good-russian"
    if not candidates(view, place):
        return "plain" if not slot.found and view.decoder.is_open(slot.unit.text) else "no-candidate"
    if verdict.russian < HALF:
        return "latin-likelier"
    return "unsure" if verdict.russian < view.decoder.beliefs.certainty else "as-it-stands"


def before(view: View, place: int) -> tuple[tuple[int, int], str]:
    """Return what a unit follows, by the likeliest hypotheses: symbol and class, and the text of the word.

    Tokens without a word (numbers are words) are passed over; at the start of a sentence the text is empty.
    """
    lattice, lifts = view.lattice, view.decoder.model.lifts
    silence = silence_of(lifts)
    while place > 0 and not lattice.fresh[place]:
        place -= 1
        own = max(view.hypotheses(place), key=view.shares.__getitem__)
        if not lattice.russian[own] or lattice.last[own] >= 0:
            return context_of(lattice, lifts, own, silence), view.text(place, own)
    return silence, ""


def candidates(view: View, place: int) -> tuple[Candidate, ...]:
    """Return the likeliest candidates of a unit, by their posteriors, then by their costs."""
    first = view.hypotheses(place).start + STANDING
    context, _ = before(view, place)
    found = [
        candidate(view, place, own, context)
        for own in range(first, view.hypotheses(place).stop)
        if view.lattice.cost[own] < FAR
    ]
    return tuple(sorted(found, key=lambda one: (-one.posterior, one.cost))[:SHOWN])


def candidate(view: View, place: int, own: int, context: tuple[int, int]) -> Candidate:
    """Return a candidate of a unit by the number of its hypothesis; `context` is what it follows."""
    slot = view.decoded.slots[place]
    hypothesis = hypothesis_of(slot, own - view.hypotheses(place).start - STANDING)
    prior, case = prices(view.decoder, hypothesis, slot.unit.initial)
    return Candidate(
        hypothesis.text,
        hypothesis.reason,
        hypothesis.cost,
        prior,
        case,
        hypothesis.cost - prior - case,
        math.log(lifted(view.lattice, view.decoder.model.lifts, context, own)),
        float(view.company[own]),
        float(view.shares[own]),
        tuple((read, printed) for printed, read in segments(hypothesis.text, hypothesis.places, hypothesis.reading)),
    )


def prices(decoder: Decoder, hypothesis: Hypothesis, initial: int) -> tuple[float, float]:
    """Return what the words of a hypothesis cost, and their case; `initial` says whether a sentence starts there."""
    if hypothesis.reason == "name":
        return 0.0, 0.0
    words = WORDS.findall(hypothesis.text)
    priced = [price(decoder, word, hypothesis.reason == "lexicon", initial) for word in words]
    return sum(prior for prior, _ in priced), sum(case for _, case in priced)


def price(decoder: Decoder, word: str, known: bool, initial: int) -> tuple[float, float]:
    """Return what a word costs (of the lexicon where it is known, else by its letters), and its case."""
    tables, weights = decoder.searcher.tables, decoder.weights
    if known:
        number = decoder.searcher.lexicon.find(word.lower())
        prior, title, capitals = (STEP * float(costs[number]) for costs in (tables.cost, tables.title, tables.capitals))
    else:
        codes = np.array([0, 0, 0, *(CODE[letter] for letter in word.lower()), 0])
        spelled = tables.ngrams[tuple(np.lib.stride_tricks.sliding_window_view(codes, 4).T)]
        prior = weights.unknown_word + STEP * float(spelled.sum())
        title, capitals = weights.unknown_title, weights.unknown_capitals
    return prior, float(case_cost(title, capitals, phase_of(word), weights, initial))
