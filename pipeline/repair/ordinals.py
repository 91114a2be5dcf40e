"""Numbers with an ending (`1920-х`, `4-й`): what is behind the hyphen is no word, though it may look like one (в, к).

The digits stay as they were read.
"""

from collections.abc import Mapping
from typing import Final

import regex

from pipeline.repair.channel import Options
from pipeline.repair.match import Forms, forms_of, match_costs
from pipeline.repair.states import Tables, Weights
from pipeline.repair.wholeword import marks_cost

# What stands behind the hyphen, in nats: counted in 2,527 such tokens of scholarly, news and official text.
ENDINGS: Final[Mapping[str, float]] = {
    "х": 1.7,
    "й": 2.1,
    "е": 2.5,
    "м": 3.0,
    "го": 3.1,
    "ти": 4.1,
    "я": 4.5,
    "ю": 4.9,
    "и": 4.9,
    "ми": 5.6,
}
FORMS: Final[Forms] = forms_of(list(ENDINGS.items()))
ORDINAL: Final = regex.compile(r"([(«„“\"]*)(\d+)-(\P{N}{1,4}?)([.,;:!?)»”\"]*)")
# Endings so much dearer than the likeliest are none.
WIDTH: Final = 6.0


def ordinals(text: str, options: Options, weights: Weights, tables: Tables) -> list[tuple[str, float]]:
    """Return (text, cost in nats) of the numbers with an ending that a reading may be; none for other readings."""
    matched = ORDINAL.fullmatch(text)
    if not matched:
        return []
    lead, number, ending, trail = matched.groups()
    costs = match_costs(ending, FORMS, options)
    around = marks_cost(lead, trail, tables) + weights.number + weights.digit * len(number) + weights.hyphen
    likely = costs <= costs.min() + WIDTH
    return [
        (f"{lead}{number}-{form}{trail}", around + float(cost))
        for form, cost, kept in zip(FORMS.texts, costs, likely, strict=True)
        if kept
    ]
