"""Shows what each part of the repair is worth: the error with all of them on, and with one of them off."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import click
import numpy as np
import regex
from rapidfuzz.distance import Levenshtein

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from bench import say, surroundings, table  # noqa: E402
from sets import Outputs, Passage, TextSet, fold, kept, read_texts, shared_option, triples  # noqa: E402

from pipeline.document import Corrector  # noqa: E402
from pipeline.repair import repairer as parts  # noqa: E402
from pipeline.repair import sentence  # noqa: E402
from pipeline.repair.channel import FAR  # noqa: E402
from pipeline.repair.context import LanguageModel  # noqa: E402
from pipeline.repair.lexicon import NO_FORMS, Lexicon  # noqa: E402
from pipeline.repair.repairer import Repairer  # noqa: E402
from pipeline.repair.states import DEFAULT  # noqa: E402

SETS: Final = ("prose_ru_dev", "seed_dev")
RESAMPLES: Final = 1_000
SEED: Final = 1
HEAD: Final = ("variant", "CER %", "WER %", "folded WER %", "in vocabulary %", "out of vocabulary %")
CYRILLIC: Final = regex.compile(r"\p{Cyrillic}+")
BROKEN: Final = regex.compile(r"\p{L}-$")
TEXT: Final = """\
# Ablation

What each part of the repair is worth: the error with everything on, and with one part off.

- *no language model*: one word says nothing of the next (all lifts are 1);
- *no company*: only the word before counts, not those on both sides;
- *no torn words*: two tokens are never one word;
- *no swapped letters*: a letter is never read as what no confusion, loss or stray character explains;
- *no word map*: short words are read by their letters alone;
- *no rare forms*: only the lexicon, none of the forms that OpenCorpora has besides;
- *no adaptation*: the glyph map stays as it was learned, whatever the document shows;
- *no names*: what is certain elsewhere in the document is no candidate.

CER, WER and folded WER as in `docs/benchmark.md`. *In* and *out of vocabulary*: the share of the true words that are
not right, case and all. A word is in the vocabulary if all its runs of Cyrillic letters, lower-cased, are in the
lexicon; so are numbers and marks. Both halves of a word broken at a line end are judged by the whole word.

The second table of each set has the difference to everything on, in points (above 0: the part helps), with its 95 %
interval: 1,000 bootstrap resamples, the same for all variants, of the passages, or of the lines where the set is a
single passage. An interval does not know that the program was tuned on these sets.

The text of prose_ru_dev was printed in font files that the glyph maps were not learned from (Liberation Serif and
FreeSerif, 27 of its 70 passages, are however near twins of Tinos and Nimbus Roman, which they were learned from);
seed_dev is eleven lines of a real article, in an unknown font."""
COMMAND: Final = "`python benchmarks/ablation.py --write` makes this page."


@dataclass(frozen=True)
class Variant:
    """The program with a part off: how to make the repairer, and what must hold while it runs."""

    name: str
    make: Callable[[Repairer], Repairer]
    hold: Callable[[], AbstractContextManager[Any]] = nullcontext


# ---------------------------------------------------------------- the variants


def rebuilt(
    whole: Repairer,
    model: LanguageModel | None = None,
    with_words: bool = True,
    with_forms: bool = True,
    with_company: bool = True,
) -> Repairer:
    """Return a new repairer of the same parts, with another language model, or without some of them."""
    made = Repairer(
        whole.searcher.lexicon,
        whole.keeper.latin,
        model or whole.model,
        whole.maps,
        whole.word_maps if with_words else {},
        whole.terms,
        whole.archives,
        forms=whole.searcher.forms if with_forms else NO_FORMS,
        romanised=whole.romanised,
        company=whole.company if with_company else None,
    )
    made.latin_prints = whole.latin_prints
    return made


def mute(model: LanguageModel) -> LanguageModel:
    """Return a language model to which one word says nothing of the next: no pairs, and all lifts 1."""
    lifts = model.lifts
    ones = np.ones_like(lifts.class_lift)
    return replace(model, lifts=lifts._replace(class_lift=ones, backing=ones, bucket=np.zeros_like(lifts.bucket)))


def no_lessons() -> AbstractContextManager[Any]:
    """While it lasts, no document has enough sure words to adapt the glyph map."""
    return patch.object(parts, "LESSON", sys.maxsize)


def no_names() -> AbstractContextManager[Any]:
    """While it lasts, no document has names."""
    return patch.object(parts, "known_names", lambda units, verdicts: [])


def no_torn_words() -> AbstractContextManager[Any]:
    """While it lasts, no two tokens may be halves of a word."""
    return patch.object(sentence, "pairs", lambda units: [])


def no_swaps() -> AbstractContextManager[Any]:
    """While it lasts, no letter is swapped."""
    return patch.object(sentence, "DEFAULT", DEFAULT._replace(swapped=float(FAR)))


VARIANTS: Final = (
    Variant("everything on", rebuilt),
    Variant("no language model", lambda whole: rebuilt(whole, model=mute(whole.model))),
    Variant("no company", lambda whole: rebuilt(whole, with_company=False)),
    Variant("no torn words", rebuilt, no_torn_words),
    Variant("no swapped letters", rebuilt, no_swaps),
    Variant("no word map", lambda whole: rebuilt(whole, with_words=False)),
    Variant("no rare forms", lambda whole: rebuilt(whole, with_forms=False)),
    Variant("no adaptation", rebuilt, no_lessons),
    Variant("no names", rebuilt, no_names),
)


def outputs(variant: Variant, corrector: Corrector, texts: TextSet) -> Outputs:
    """Return what a variant makes of a set."""
    own = Corrector(variant.make(corrector.repairer), corrector.options)
    with variant.hold():
        return [list(own.fix_lines(passage.garbled).lines) for passage in texts.passages]


# ---------------------------------------------------------------- counting


def known_words(lexicon: Lexicon, passage: Passage) -> list[bool]:
    """Return whether each word of the truth is in the lexicon; halves of a broken word are judged by the whole."""
    lines = [line.split() for line in passage.truth]
    whole = [list(words) for words in lines]
    for number in range(len(lines) - 1):
        first, second = lines[number], lines[number + 1]
        if first and second and BROKEN.search(first[-1]):
            ways = (first[-1] + second[0], first[-1].removesuffix("-") + second[0])
            whole[number][-1] = whole[number + 1][0] = next((way for way in ways if is_known(lexicon, way)), ways[1])
    return [is_known(lexicon, word) for words in whole for word in words]


def is_known(lexicon: Lexicon, word: str) -> bool:
    """Return whether all Cyrillic parts of a word are in the lexicon."""
    return all(lexicon.find(part) >= 0 for part in CYRILLIC.findall(word.lower()))


def tally(truth: str, output: str, known: Sequence[bool]) -> list[list[int]]:
    """Return (errors, out of) for each rate of `HEAD`; `known` is of the words of the truth."""
    true, made = truth.split(), output.split()
    right = kept(true, made)
    line = " ".join(true)
    inside = [place in right for place, one in enumerate(known) if one]
    outside = [place in right for place, one in enumerate(known) if not one]
    return [
        [Levenshtein.distance(line, " ".join(made)), len(line)],
        [Levenshtein.distance(true, made), len(true)],
        [Levenshtein.distance(fold(truth).split(), fold(output).split()), len(true)],
        [inside.count(False), len(inside)],
        [outside.count(False), len(outside)],
    ]


def counts(lexicon: Lexicon, texts: TextSet, made: Outputs) -> Any:
    """Return an array of errors and what they are out of: a row for each passage, or line of the only passage."""
    rows = []
    for passage, output in zip(texts.passages, made, strict=True):
        known = iter(known_words(lexicon, passage))
        found = [
            tally(truth, own, [next(known) for _ in truth.split()]) for truth, _, own in triples([passage], [output])
        ]
        rows.append(np.array(found))
    return np.array([row.sum(axis=0) for row in rows]) if len(rows) > 1 else rows[0]


def shares(found: Any) -> Any:
    """Return the rates in per cent of summed counts; those out of nothing are 0."""
    return 100.0 * found[..., 0] / np.maximum(found[..., 1], 1)


def intervals(base: Any, other: Any) -> Any:
    """Return (low, high) of the difference of each rate: a paired bootstrap over the rows."""
    random = np.random.default_rng(SEED)
    drawn = random.integers(0, len(base), (RESAMPLES, len(base)))
    differences = shares(other[drawn].sum(axis=1)) - shares(base[drawn].sum(axis=1))
    return np.percentile(differences, (2.5, 97.5), axis=0).T


# ---------------------------------------------------------------- tables


def rate_table(found: Sequence[Any]) -> str:
    """Return the table of the rates."""
    rows = []
    for variant, one in zip(VARIANTS, found, strict=True):
        total = one.sum(axis=0)
        cells = [f"{share:.2f}" if of else "-" for share, of in zip(shares(total), total[:, 1], strict=True)]
        rows.append([variant.name, *cells])
    return table(HEAD, rows)


def difference_table(found: Sequence[Any]) -> str:
    """Return the table of the differences to everything on, with their intervals."""
    base, rows = found[0], []
    for variant, other in zip(VARIANTS[1:], found[1:], strict=True):
        points = shares(other.sum(axis=0)) - shares(base.sum(axis=0))
        facts = zip(points, intervals(base, other), base[..., 1].sum(axis=0), strict=True)
        cells = [f"{point:+.2f} ({low:+.2f} to {high:+.2f})" if of else "-" for point, (low, high), of in facts]
        rows.append([variant.name, *cells])
    return table([HEAD[0], *(name.replace(" %", ", points") for name in HEAD[1:])], rows)


def report(corrector: Corrector, sets: Sequence[TextSet]) -> Iterator[str]:
    """Yield the parts of the report."""
    lexicon = corrector.repairer.searcher.lexicon
    for texts in sets:
        found = []
        for variant in VARIANTS:
            say(f"{texts.name}: {variant.name} ...")
            found.append(counts(lexicon, texts, outputs(variant, corrector, texts)))
        words = found[0].sum(axis=0)[3:, 1]
        kind = "passages" if len(texts.passages) > 1 else "lines of one passage"
        yield f"## {texts.name}"
        yield f"{len(found[0])} {kind}; {words[0]:,} words in the vocabulary, {words[1]:,} out of it."
        yield rate_table(found)
        yield difference_table(found)


@click.command()
@shared_option
@click.option("--write", is_flag=True, help="Write docs/ablation.md too.")
def main(shared: Path, write: bool) -> None:
    """Print the error with each part of the repair off, beside that with everything on."""
    sets = [texts for texts in read_texts(shared / "eval") if texts.name in SETS]
    if not sets:
        raise click.UsageError("There are no eval/prose_ru_dev.jsonl and eval/seed_dev.tsv in the folder of --shared.")
    text = "\n\n".join([*report(Corrector.load("rus"), sets), surroundings()])
    click.echo(text)
    if write:
        (ROOT / "docs" / "ablation.md").write_text(f"{TEXT}\n\n{text}\n\n{COMMAND}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
