"""Shows what the two languages of a page do for each other, on pages printed in fonts held out of learning.

Names of the English half help the Russian half; English words that were read with Cyrillic letters become Latin again.
Readings are kept in the work folder: an interrupted run goes on where it stopped.
"""

import json
import os
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
import numpy as np
import regex
from rapidfuzz.distance import Levenshtein

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from ablation import is_known  # noqa: E402
from bench import say, surroundings, table  # noqa: E402
from sets import kept, shared_option  # noqa: E402

from pipeline import data  # noqa: E402
from pipeline.document import Corrector  # noqa: E402
from pipeline.learn.degrade import degrade, random_wear  # noqa: E402
from pipeline.learn.latin import PLAIN  # noqa: E402
from pipeline.learn.render import Font, draw_lines, load_font, read_fonts  # noqa: E402
from pipeline.model import Reading, ReadLine  # noqa: E402
from pipeline.reading import read_image  # noqa: E402
from pipeline.repair.lexicon import Lexicon  # noqa: E402
from pipeline.repair.repairer import Repairer  # noqa: E402
from pipeline.tables import read_table  # noqa: E402

WIDTH: Final = 75
SIZES: Final = (22, 26, 30, 36, 42)
RESAMPLES: Final = 1_000
SEED: Final = 1
CYRILLIC: Final = regex.compile(r"\p{Cyrillic}")
LATIN: Final = regex.compile(r"\p{Latin}")

# The names of a page, and how many sentences of each language it has.
NAMES: Final = 4
SENTENCES: Final = {"en": 5, "ru": 9}
# What surnames are made of.
STARTS: Final = (*"БВГДЗКЛМНПРСТФХЧШ", "Бр", "Др", "Кр", "Пр", "Тр", "Гл", "Кл", "Ст", "Зв")
VOWELS: Final = "аеоуи"
MIDDLES: Final = (*"бвгджзклмнпрстхчшщ", "рж", "нд", "льм", "рс", "ст")
ENDS: Final = ("ов", "ев", "ин", "ский", "енко", "юк", "цев", "ович", "ер")
SURNAME: Final = regex.compile("[а-я]{4,}(ов|ев|ин|ский|енко)")
# Surnames of the lexicon are drawn from words of these costs, and of these costs of a capital (tenths of a nat).
COSTS: Final = range(91, 140)
CAPITALISED: Final = range(4)
# The endings of surnames by that of the nominative: what is cut off it, and what each case puts there.
CASES: Final = "ngdip"
DECLENSIONS: Final = (
    (regex.compile("ский$"), 2, ("ий", "ого", "ому", "им", "ом")),
    (regex.compile("енко$"), 0, ("", "", "", "", "")),
    (regex.compile("(ов|ев|ин)$"), 0, ("", "а", "у", "ым", "е")),
    (regex.compile("ч$"), 0, ("", "а", "у", "ем", "е")),
    (regex.compile("$"), 0, ("", "а", "у", "ом", "е")),
)
ENGLISH_LETTERS: Final = PLAIN | {"й": "y", "ю": "yu", "я": "ya", "ё": "yo"}

# The lines and paragraphs of a page of running text, and its share of English with Russian in it.
PARAGRAPHS: Final = 4
LONGEST: Final = 900
MIXED: Final = 0.25
BROKEN: Final = 0.6

TEXT: Final = """\
# Two languages on a page

What the English and the Russian of a page do for each other. The pages are rendered in the {fonts} fonts of
`glyphmaps/fonts.tsv` that were held out of learning (Liberation Serif and FreeSerif are however near twins of Tinos and
Nimbus Roman, which the glyph maps were learned from), worn as in `pravka learn`, cleaned and read as `pravka` does it;
each is a document of its own. The intervals are of 95 %: 1,000 bootstrap resamples of the pages; they do not know that
the program was tuned on such text. A word is right if it is as printed, case, marks and all."""
COMMAND: Final = "`python benchmarks/bilingual.py --write` makes this page."
NAMES_TEXT: Final = """\
## Names of the English help the Russian

A page has an English paragraph with {names} romanised surnames and a Russian one with the same surnames, inflected
(sentences: `benchmarks/bilingual.tsv`), and was read with `eng`. Half of the surnames are made up from syllables, half
are rather rare ones of the lexicon; a page romanises all of them by ALA-LC, by BGN/PCGN or as newspapers do. *Without*:
no name of the English text is looked for in the Russian. Every surname of the Russian stands in the English as well:
the gain is that of pages where this is so. {pages} pages; words that are right, per cent:"""
SCRIPT_TEXT: Final = """\
## English that was read as Russian

Paragraphs of English, and of English with Russian words in it, with words broken at line ends, were read with
`rus+eng`. A word has Cyrillic letters if one stands where a letter of it was printed. Words of Latin letters count as
English; those of mixed letters, which the sets have too, do not count. The Cyrillic words are of few paragraphs, and
most of those wrong are abbreviations and ordinals alone among English words, or Ukrainian and Belarusian, whose letters
the reader does not know. {pages} pages; words that are wrong, per 10,000:"""
NO_TEXTS: Final = "Not measured: there are no eval/english_dev.txt and eval/mixed_dev.txt in the folder of `--shared`."

Draw = np.random.Generator
Write = Callable[[Draw], tuple[list[str], list[str]]]  # the lines of a page and the names on it


@dataclass(frozen=True)
class Sample:
    """A page as printed and as read, and the names on it (nominative)."""

    truth: tuple[str, ...]
    garbled: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """The words of the page as printed."""
        return " ".join(self.truth).split()


@dataclass(frozen=True)
class Task:
    """A page to print and to read: its kind, font and number, and what Tesseract reads it with."""

    kind: str
    font: Font
    number: int
    languages: str

    @property
    def name(self) -> str:
        """The name of the file that keeps the page."""
        return f"{self.kind}-{self.font.file}-{self.number}.json"


# ---------------------------------------------------------------- names


@dataclass(frozen=True)
class Surname:
    """A surname of a man, which formats to its cases: f"{name:g}" is the genitive."""

    nominative: str

    def __format__(self, case: str) -> str:
        """Return the form of a case, a letter of `CASES`."""
        cut, forms = next((cut, forms) for end, cut, forms in DECLENSIONS if end.search(self.nominative))
        return self.nominative[: len(self.nominative) - cut] + forms[CASES.index(case)]

    def forms(self) -> set[str]:
        """Return all forms."""
        return {format(self, case) for case in CASES}


class System(NamedTuple):
    """A way to romanise: letters, after what a pattern finds was replaced."""

    pattern: str
    by: str
    letters: dict[str, str]

    def romanised(self, name: str) -> str:
        """Return a name in Latin letters."""
        text = regex.sub(self.pattern, self.by, name.lower())
        return "".join(self.letters.get(letter, letter) for letter in text).capitalize()


SYSTEMS: Final = {
    "ALA-LC": System("ё", "е", PLAIN | {"й": "i", "ю": "iu", "я": "ia"}),
    "BGN/PCGN": System("(?<=[аеиоуыэюя])е", "ye", ENGLISH_LETTERS),
    "newspapers": System("ий$", "y", ENGLISH_LETTERS),
}


def one_of(draw: Draw, choices: Sequence[str]) -> str:
    """Return one of the choices."""
    return choices[int(draw.integers(len(choices)))]


def invented(draw: Draw, lexicon: Lexicon) -> str:
    """Return a surname that is not in the lexicon."""
    while True:
        name = one_of(draw, STARTS) + one_of(draw, VOWELS) + one_of(draw, MIDDLES)
        if draw.random() < 0.6:
            name += one_of(draw, VOWELS) + one_of(draw, MIDDLES)
        name += one_of(draw, ENDS)
        if len(name) > 5 and lexicon.find(name.lower()) < 0:
            return name


def listed_surnames(lexicon: Lexicon) -> list[str]:
    """Return surnames of the lexicon that are neither frequent nor among the rarest."""
    words = zip(lexicon.all_words(), lexicon.cost.tolist(), lexicon.title.tolist(), strict=True)
    return [
        word.capitalize()
        for word, cost, title in words
        if cost in COSTS and title in CAPITALISED and SURNAME.fullmatch(word)
    ]


def with_names(sentences: Sequence[str], names: Sequence[str | Surname]) -> str:
    """Return sentences with the names in their places, in turn."""
    turn = cycle(names)
    return " ".join(sentence.format(*islice(turn, sentence.count("{"))) for sentence in sentences)


def names_writer(lexicon: Lexicon) -> Write:
    """Return what writes pages of an English and a Russian paragraph with the same names."""
    rows = list(read_table(ROOT / "benchmarks" / "bilingual.tsv", ("language", "sentence")))
    sentences = {language: [row["sentence"] for row in rows if row["language"] == language] for language in SENTENCES}
    listed = listed_surnames(lexicon)

    def write(draw: Draw) -> tuple[list[str], list[str]]:
        """Return the lines of a page and its names."""
        names = [one_of(draw, listed) if place % 2 else invented(draw, lexicon) for place in range(NAMES)]
        system = SYSTEMS[one_of(draw, list(SYSTEMS))]
        spelled: dict[str, list[str | Surname]] = {
            "en": [system.romanised(name) for name in names],
            "ru": [Surname(name) for name in names],
        }
        lines: list[str] = []
        for language, count in SENTENCES.items():
            taken = draw.choice(sentences[language], count, replace=False).tolist()
            paragraph = with_names(taken, spelled[language])
            lines += [*textwrap.wrap(paragraph, WIDTH, break_on_hyphens=False), ""]
        return lines, names

    return write


# ---------------------------------------------------------------- running text


def running_writer(folder: Path) -> Write:
    """Return what writes pages of English paragraphs, some with Russian in them, from the sets in a folder."""
    english = paragraphs(folder / "english_dev.txt", 200)
    mixed = paragraphs(folder / "mixed_dev.txt", 60)

    def write(draw: Draw) -> tuple[list[str], list[str]]:
        """Return the lines of a page, which has no names."""
        lines: list[str] = []
        for _ in range(PARAGRAPHS):
            paragraph = one_of(draw, mixed if draw.random() < MIXED else english)[:LONGEST]
            lines += [*set_lines(draw, paragraph.split()), ""]
        return lines, []

    return write


def paragraphs(path: Path, least: int) -> list[str]:
    """Return the lines of a file that have more than `least` characters."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if len(line) > least]


def set_lines(draw: Draw, words: Sequence[str]) -> Iterator[str]:
    """Yield the words set in lines; what does not fit is often broken with a hyphen."""
    current = ""
    for word in words:
        if len(current) + 1 + len(word) <= WIDTH:
            current = f"{current} {word}".strip()
            continue
        room = min(WIDTH - len(current) - 2, len(word) - 3)
        breaks = word.isalpha() and room >= 2 and draw.random() < BROKEN
        at = int(draw.integers(2, room + 1)) if breaks else 0
        yield f"{current} {word[:at]}-" if breaks else current
        current = word[at : at + WIDTH]
    if current:
        yield current


# ---------------------------------------------------------------- printing and reading


def read(task: Task, lines: Sequence[str], draw: Draw) -> list[str]:
    """Return what is read of lines that were printed in a font and worn."""
    size = int(draw.choice(SIZES))
    page, _ = draw_lines(lines, load_font(task.font, size))
    reading = read_image(degrade(page, random_wear(draw), draw), task.languages)
    return [line.text for line in reading.lines]


def sample(task: Task, write: Write, work: Path) -> Sample:
    """Return a page, from the work folder if it is there."""
    place = work / task.name
    if not place.exists():
        draw = np.random.default_rng([SEED, task.number, *task.name.encode()])
        truth, names = write(draw)
        facts = json.dumps([truth, read(task, truth, draw), names], ensure_ascii=False)
        unfinished = place.with_suffix(".part")
        unfinished.write_text(facts, encoding="utf-8")
        unfinished.rename(place)
    truth, garbled, names = json.loads(place.read_text(encoding="utf-8"))
    return Sample(tuple(truth), tuple(garbled), tuple(names))


def samples(kind: str, languages: str, pages: int, write: Write, work: Path) -> list[Sample]:
    """Return some pages in each font that was held out."""
    os.environ["OMP_THREAD_LIMIT"] = "1"
    work.mkdir(parents=True, exist_ok=True)
    tasks = [Task(kind, font, number, languages) for font in held_fonts() for number in range(pages)]
    say(f"{kind}: {len(tasks)} pages are printed and read ...")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda task: sample(task, write, work), tasks))


def held_fonts() -> list[Font]:
    """Return the fonts that were held out of learning."""
    return [font for font in read_fonts(data.data_file("glyphmaps", "fonts.tsv")) if font.use == "hold"]


def repaired(corrector: Corrector, one: Sample, model: str) -> list[str]:
    """Return the words of a page as it is repaired."""
    page = corrector.repair(Reading(tuple(map(ReadLine, one.garbled)), model))
    return " ".join(line.text for line in page.lines).split()


# ---------------------------------------------------------------- counting


def name_counts(lexicon: Lexicon, one: Sample, without: Sequence[str], output: Sequence[str]) -> list[list[int]]:
    """Return (words, right without, right with) of the names out of and in the lexicon, other Russian, English."""
    forms = set().union(*(Surname(name).forms() for name in one.names))

    def kind(word: str) -> int:
        """Return the place of the kind of a word among the counts."""
        if word.strip(".,") in forms:
            return int(is_known(lexicon, word))
        return 2 if CYRILLIC.search(word) else 3

    return tallied([kind(word) for word in one.words], kept(one.words, without), kept(one.words, output), 4)


def tallied(kinds: Sequence[int], before: set[int], after: set[int], count: int) -> list[list[int]]:
    """Return (words, those in `before`, those in `after`) of each kind of the words; -1 is of no kind."""
    places = [[place for place, one in enumerate(kinds) if one == kind] for kind in range(count)]
    return [[len(own), len(before.intersection(own)), len(after.intersection(own))] for own in places]


def script_counts(one: Sample, output: Sequence[str]) -> list[list[int]]:
    """Return (words, wrong as read, wrong as repaired) of English by its script alone, of English, of Cyrillic."""
    words, raw = one.words, " ".join(one.garbled).split()
    every = set(range(len(words)))
    scripts = [script(word) for word in words]
    stray = tallied(scripts, strayed(words, raw), strayed(words, output), 1)
    return stray + tallied(scripts, every - kept(words, raw), every - kept(words, output), 2)


def script(word: str) -> int:
    """Return 0 for a word whose letters are Latin, 1 for one in Cyrillic, -1 for neither or a mixture."""
    latin, cyrillic = LATIN.search(word), CYRILLIC.search(word)
    return -1 if bool(latin) == bool(cyrillic) else int(bool(cyrillic))


def strayed(truth: Sequence[str], output: Sequence[str], letter: regex.Pattern[str] = CYRILLIC) -> set[int]:
    """Return the places of the words of the truth where the output has letters of a script.

    What the output has between words, or beside one, belongs to none.
    """
    printed, made = " ".join(truth), " ".join(output)
    owner = [place for place, word in enumerate(truth) for _ in range(len(word) + 1)]
    found = set()
    for step in Levenshtein.opcodes(printed, made):
        size = step.src_end - step.src_start
        is_beside = not size and " " in f" {printed} "[step.src_start : step.src_start + 2]
        for place in range(step.dest_start, step.dest_end):
            at = step.src_start + min(place - step.dest_start, size - 1)
            if letter.match(made[place]) and not is_beside:
                found.add(owner[min(at, len(owner) - 1)])
    return found


# ---------------------------------------------------------------- tables


def rates(counts: Any, scale: float) -> Any:
    """Return the rates (before, after) of summed counts, in `scale` parts."""
    return scale * counts[..., 1:] / np.maximum(counts[..., :1], 1)


def rows(kinds: Sequence[str], pages: Sequence[list[list[int]]], scale: float) -> Iterator[list[str]]:
    """Yield a row a kind: words, the rate before and after, and their difference with its interval."""
    counts = np.array(pages)
    drawn = np.random.default_rng(SEED).integers(0, len(counts), (RESAMPLES, len(counts)))
    spread = np.diff(rates(counts[drawn].sum(axis=1), scale))[..., 0]
    low, high = np.percentile(spread, (2.5, 97.5), axis=0)
    total = counts.sum(axis=0)
    for place, kind in enumerate(kinds):
        before, after = rates(total[place], scale)
        difference = f"{after - before:+.1f} ({low[place]:+.1f} to {high[place]:+.1f})"
        yield [kind, f"{total[place][0]:,}", f"{before:.1f}", f"{after:.1f}", difference]


def without_names(whole: Repairer) -> Repairer:
    """Return a repairer that looks for no romanised name."""
    own = copy(whole)
    own.romanised = None
    return own


def names_part(corrector: Corrector, pages: int, work: Path) -> Iterator[str]:
    """Yield the part on the names of the English half."""
    lexicon = corrector.repairer.searcher.lexicon
    found = samples("names", "eng", pages, names_writer(lexicon), work)
    off = Corrector(without_names(corrector.repairer), corrector.options)
    model = "tesseract-eng"
    counted = [name_counts(lexicon, one, repaired(off, one, model), repaired(corrector, one, model)) for one in found]
    kinds = ("names out of the lexicon", "names in the lexicon", "other Russian words", "English words")
    yield NAMES_TEXT.format(names=NAMES, pages=len(found))
    yield table(("words", "count", "without %", "with %", "gain, points"), list(rows(kinds, counted, 100)))


def script_part(corrector: Corrector, pages: int, shared: Path, work: Path) -> Iterator[str]:
    """Yield the part on English words that were read as Russian."""
    folder = shared / "eval"
    if not all((folder / name).exists() for name in ("english_dev.txt", "mixed_dev.txt")):
        yield SCRIPT_TEXT.partition("\n")[0]
        yield NO_TEXTS
        return
    found = samples("script", "rus+eng", pages, running_writer(folder), work)
    counted = [script_counts(one, repaired(corrector, one, "tesseract-rus+eng")) for one in found]
    kinds = ("English words with Cyrillic letters", "English words not right", "Cyrillic words not right")
    yield SCRIPT_TEXT.format(pages=len(found))
    yield table(("words", "count", "as read", "repaired", "difference"), list(rows(kinds, counted, 10_000)))


@click.command()
@shared_option
@click.option("--pages", type=(int, int), default=(6, 10), help="Pages in each font, of the first and second table.")
@click.option("--work", type=click.Path(path_type=Path), default=ROOT / "out" / "bilingual", help="Keeps the readings.")
@click.option("--write", is_flag=True, help="Write docs/bilingual.md too.")
def main(shared: Path, pages: tuple[int, int], work: Path, write: bool) -> None:
    """Print how names of the English help the Russian, and how much English that was read as Russian comes back."""
    corrector = Corrector.load("rus")
    parts = [*names_part(corrector, pages[0], work), *script_part(corrector, pages[1], shared, work), surroundings()]
    text = "\n\n".join([TEXT.format(fonts=len(held_fonts())), *parts])
    click.echo(text)
    if write:
        (ROOT / "docs" / "bilingual.md").write_text(f"{text}\n\n{COMMAND}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
