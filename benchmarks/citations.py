"""Makes citations that nobody has seen, prints and reads them, and measures how many brackets come back exactly.

Numbers, archives (listed, and acronyms that no list has), forms and fonts (those held out of learning) are drawn at
random from the seed: `python benchmarks/citations.py --seed 7` is a new test. Readings are kept in the work folder.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import cv2
import numpy as np
import regex

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from bench import say, table  # noqa: E402
from sets import BRACKET, tidy  # noqa: E402

from pipeline.data import data_file  # noqa: E402
from pipeline.document import Corrector  # noqa: E402
from pipeline.learn.degrade import Wear, degrade, random_wear  # noqa: E402
from pipeline.learn.render import Font, draw_lines, load_font, read_fonts  # noqa: E402
from pipeline.model import Reading, ReadLine  # noqa: E402
from pipeline.repair.units import cut_units  # noqa: E402
from pipeline.tables import read_table  # noqa: E402

LINES: Final = 22
WIDTH: Final = 72
SIZES: Final = (24, 30, 36, 42)
LANGUAGES: Final = {"tesseract-eng": "eng", "tesseract-rus+eng": "rus+eng"}
OWN_ARCHIVE: Final = 0.4
VERSO: Final = {"ru": "об.", "uk": "зв."}
# What abbreviations of archives are made of: the kind of archive, its region, the kind of region.
KINDS: Final = (
    "ГА",
    "ЦГА",
    "ОГА",
    "ГИА",
    "НА",
    "МА",
    "ЦДНИ",
    "ЦДОО",
    "ГАСПИ",
    "ЦХД",
    "ГУ",
    "ОСПИ",
    "ЦНТД",
    "РГА",
    "ЦИА",
    "АУ",
    "ЦГАЛИ",
    "РГАС",
)
REGIONS: Final = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧЯ"
RANKS: Final = "ОООКРГ"
PLACES: Final = ("СПб", "РТ", "УР", "РК", "КО", "СО")
SURNAME_STEMS: Final = ("Верещаг", "Трубник", "Колодез", "Ямщик", "Лапш", "Осокор", "Журавл", "Белобород", "Крестин")
SURNAMES: Final = ("Бухарин", "Киров", "Рыков", "Орджоникидзе", "Куйбышев", "Микоян", "Томский", "Чичерин", "Ягода")
SUBJECTS: Final = (
    "the bureau",
    "a later report",
    "every district",
    "the plenum",
    "each inspector",
    "the new staff",
    "no committee",
)
VERBS: Final = (
    "asked for",
    "never received",
    "sent back",
    "complained of",
    "drew up",
    "refused to sign",
    "passed on",
)
OBJECTS: Final = (
    "lists of cadres",
    "the old minutes",
    "grain returns",
    "a second letter",
    "three complaints",
    "the telegram",
)
ADVERBS: Final = (
    "in the spring",
    "without delay",
    "as before",
    "in Perm and Kazan",
    "for a year",
    "at last",
    "under Khlevniuk",
)

# The name of an archive in a bracket.
NAMED: Final = regex.compile(r"(?:^\[|; )([^;\[]+?)[.,] ?[Фф]\.")
PERSON: Final = regex.compile(r"\((\p{Lu}\p{Ll}+)\)")
WORD: Final = regex.compile(r"\p{Lu}\p{Ll}+")
BINS: Final = 5
REPEATED: Final = 10
TEXT_COST: Final = 9.0

Draw = np.random.Generator


@dataclass(frozen=True)
class Style:
    """How a journal prints its citations: the marker of each level, what separates levels, where versos stand."""

    name: str
    fond: str
    opis: str
    delo: str
    leaf: str
    leaves: str
    comma: str
    language: str = "ru"
    glue: str = " "


GOST: Final = Style("GOST", "Ф.", "Оп.", "Д.", "Л.", "Л.", ".")
STYLES: Final = (
    GOST,
    Style("Лл.", "Ф.", "Оп.", "Д.", "Л.", "Лл.", "."),
    Style("small", "ф.", "оп.", "д.", "л.", "лл.", ","),
    Style("Ед. хр.", "Ф.", "Оп.", "Ед. хр.", "Л.", "Л.", "."),
    Style("Ukrainian", "Ф.", "Оп.", "Спр.", "Арк.", "Арк.", ".", "uk"),
    Style("small Ukrainian", "ф.", "оп.", "спр.", "арк.", "арк.", ",", "uk"),
    Style("К.", "Ф.", "Оп.", "К.", "Л.", "Л.", "."),
    Style("without spaces", "Ф.", "Оп.", "Д.", "Л.", "Л.", ".", "ru", ""),
)


@dataclass(frozen=True)
class Sample:
    """A page of citations as printed and as read, with the kind of each bracket."""

    truth: tuple[str, ...]
    garbled: tuple[str, ...]
    citations: tuple[tuple[str, str], ...]


# ---------------------------------------------------------------- what is printed


def one_of(draw: Draw, choices: Sequence[Any]) -> Any:
    """Return one of the choices."""
    return choices[int(draw.integers(len(choices)))]


def archive(draw: Draw, listed: Sequence[str]) -> str:
    """Return a listed archive, or an acronym that no list has."""
    if draw.random() >= OWN_ARCHIVE:
        return str(one_of(draw, listed))
    while True:
        region = "".join(one_of(draw, REGIONS) for _ in range(one_of(draw, (0, 1, 1, 2))))
        name = one_of(draw, KINDS) + region + one_of(draw, RANKS)
        if name not in listed:
            return f"{name} {one_of(draw, PLACES)}" if draw.random() < 0.15 else name


def person(draw: Draw) -> str:
    """Return the surname of a person, known or not."""
    if draw.random() < 0.5:
        return str(one_of(draw, SURNAMES))
    return str(one_of(draw, SURNAME_STEMS)) + str(one_of(draw, ("ов", "ин", "енко", "ский")))


def fond_number(draw: Draw, plain: bool) -> str:
    """Return the number of a fond, now and then with a letter."""
    number = str(draw.integers(1, 6000 if draw.random() < 0.5 else 600))
    chance = draw.random()
    if plain or chance < 0.8:
        return number
    return f"Р-{number}" if chance < 0.9 else f"{number}а" if chance < 0.95 else f"П-{number}"


def leaves(draw: Draw, style: Style, plain: bool) -> str:
    """Return the leaves of a citation with their marker."""
    first = int(draw.integers(1, 250))
    chance = draw.random()
    verso = f" {VERSO[style.language]}" if draw.random() < 0.15 else ""
    if chance < 0.5:
        return f"{style.leaf}{style.glue}{first}{verso}"
    if chance < 0.75:
        return f"{style.leaves}{style.glue}{first}–{first + int(draw.integers(1, 10))}{verso}"
    if chance < 0.95 or plain:
        return f"{style.leaves}{style.glue}{first}, {first + int(draw.integers(2, 40))}"
    return f"{style.leaves}{style.glue}{first}, {first + 3}–{first + 5}{verso}, {first + 9}"


def file(draw: Draw, style: Style, plain: bool) -> str:
    """Return a file with its leaves, and whose paper it is."""
    letter = "а" if not plain and draw.random() < 0.1 else ""
    text = f"{style.delo}{style.glue}{draw.integers(1, 2600)}{letter}{style.comma} {leaves(draw, style, plain)}"
    return f"{text} ({person(draw)})" if draw.random() < 0.12 else text


def fond(draw: Draw, style: Style, plain: bool) -> str:
    """Return a fond, an opis and one or more files."""
    opis = f"{draw.integers(1, 170)}{'а' if not plain and draw.random() < 0.1 else ''}"
    files = "; ".join(file(draw, style, plain) for _ in range(one_of(draw, (1, 1, 1, 2, 2, 3))))
    start = f"{style.fond}{style.glue}{fond_number(draw, plain)}{style.comma} {style.opis}{style.glue}{opis}"
    return f"{start}{style.comma} {files}"


def citation(draw: Draw, style: Style, listed: Sequence[str], plain: bool) -> str:
    """Return a bracket with one or more citations."""
    parts = []
    for number in range(one_of(draw, (1, 1, 1, 1, 2, 2, 3))):
        named = number == 0 or draw.random() < 0.4
        lead = f"{archive(draw, listed)}{style.comma} " if named else ""
        parts.append(lead + fond(draw, style, plain))
    if not plain and draw.random() < 0.12:
        parts.insert(0, f"{person(draw)}, с. {draw.integers(5, 400)}")
    if not plain and draw.random() < 0.1:
        parts = [f"Там же. {file(draw, style, plain)}" if style.comma == "." else parts[0]]
    return f"[{'; '.join(parts)}]"


def sentences(draw: Draw, cite: Callable[[], str]) -> Iterator[str]:
    """Yield words of English sentences with citations among them."""
    while True:
        text = f"{one_of(draw, SUBJECTS)} {one_of(draw, VERBS)} {one_of(draw, OBJECTS)} {one_of(draw, ADVERBS)}"
        yield from f"{text[0].upper()}{text[1:]} {cite()}.".split()


def set_lines(draw: Draw, words: Iterator[str]) -> list[str]:
    """Return the words set in lines; what does not fit is now and then broken with a hyphen."""
    lines, current = [], ""
    for word in words:
        room = WIDTH - len(current) - 1
        if len(word) <= room:
            current = f"{current} {word}".strip()
            continue
        at = room - 1
        breakable = at >= 3 and len(word) - at >= 3 and word.strip("[.,;)]").isalpha() and draw.random() < 0.5
        lines.append(f"{current} {word[:at]}-" if breakable else current)
        current = word[at:] if breakable else word
        if len(lines) == LINES:
            return lines
    return lines


def page(draw: Draw, listed: Sequence[str], plain: bool) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the lines of a page and the brackets that are whole on it, each with its style."""
    style = GOST if plain else one_of(draw, STYLES)
    styles = {}

    def cite() -> str:
        text = citation(draw, style, listed, plain)
        styles[text] = style.name
        return text

    lines = set_lines(draw, sentences(draw, cite))
    text = joined(lines)
    return lines, [(bracket, styles[bracket]) for bracket in BRACKET.findall(text) if bracket in styles]


def joined(lines: Sequence[str]) -> str:
    """Return lines as one, the words that line ends broke made whole."""
    return str(regex.sub(r"(?<=\p{L})- (?=\p{L})", "", " ".join(" ".join(lines).split())))


# ---------------------------------------------------------------- what is read


def read(lines: Sequence[str], font: Font, draw: Draw, languages: str, place: Path) -> list[str]:
    """Return what Tesseract reads of the lines, printed in a font and worn a little."""
    import pytesseract

    picture, _ = draw_lines(lines, load_font(font, int(one_of(draw, SIZES))))
    wear = random_wear(draw) if draw.random() < 0.5 else Wear(blur=0.3)
    cv2.imwrite(str(place), degrade(picture, wear, draw))
    text = pytesseract.image_to_string(str(place), lang=languages, config="--psm 6")
    place.unlink()
    return [line for line in text.splitlines() if line.strip()]


def sample(number: int, seed: int, model: str, plain: bool, work: Path) -> Sample:
    """Return a page of the seed, from the work folder if it is there."""
    kept = work / f"{model}-{'plain' if plain else 'forms'}-{seed}-{number}.json"
    if not kept.exists():
        draw = np.random.default_rng([seed, number, plain])
        listed = [row["abbreviation"] for row in read_table(data_file("lexicons", "archives.tsv"), ("abbreviation",))]
        fonts = [font for font in read_fonts(data_file("glyphmaps", "fonts.tsv")) if font.use == "hold"]
        truth, brackets = page(draw, listed, plain)
        garbled = read(truth, fonts[number % len(fonts)], draw, LANGUAGES[model], kept.with_suffix(".png"))
        unfinished = kept.with_suffix(".part")
        unfinished.write_text(json.dumps([truth, garbled, brackets], ensure_ascii=False), encoding="utf-8")
        unfinished.rename(kept)
    truth, garbled, brackets = json.loads(kept.read_text(encoding="utf-8"))
    return Sample(tuple(truth), tuple(garbled), tuple((text, style) for text, style in brackets))


def samples(pages: int, seed: int, model: str, plain: bool, work: Path) -> list[Sample]:
    """Return the pages of a seed."""
    os.environ["OMP_THREAD_LIMIT"] = "1"
    work.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda number: sample(number, seed, model, plain, work), range(pages)))


# ---------------------------------------------------------------- what comes back


def misses(corrector: Corrector, one: Sample, model: str) -> Iterator[tuple[str, str]]:
    """Yield the brackets of a page that did not come back exactly, with their styles."""
    lines = tuple(ReadLine(line) for line in one.garbled)
    repaired = corrector.repair(Reading(lines, model))
    found = Counter(map(tidy, BRACKET.findall(joined([line.text for line in repaired.lines]))))
    for bracket, style in one.citations:
        if not found[tidy(bracket)]:
            yield bracket, style
        found[tidy(bracket)] -= 1


def measured(corrector: Corrector, found: Sequence[Sample], model: str) -> list[list[str]]:
    """Return a row for each form, and for brackets with and without archives that no list has."""
    flags = corrector.repairer.archives.flags
    total: Counter[str] = Counter()
    missed: Counter[str] = Counter()

    def kinds(bracket: str, style: str) -> tuple[str, ...]:
        own = any("unknown-archive" in flags(name) for name in NAMED.findall(bracket))
        return style, "all of " + ("archives in no list" if own else "listed archives"), "all"

    for one in found:
        total.update(kind for citation in one.citations for kind in kinds(*citation))
        missed.update(kind for citation in misses(corrector, one, model) for kind in kinds(*citation))
    return [
        [kind, str(total[kind]), str(total[kind] - missed[kind]), f"{100 - 100 * missed[kind] / total[kind]:.1f}"]
        for kind in sorted(total, key=lambda kind: (kind.startswith("all"), kind))
    ]


def persons(corrector: Corrector, found: Sequence[Sample], model: str) -> list[list[str]]:
    """Return a row for each range of confidence: how many persons, what was said on average, how many are right.

    One is right if it is named anywhere on its page.
    """
    said: dict[int, list[tuple[float, bool]]] = {}
    for one in found:
        truth = set(PERSON.findall(" ".join(text for text, _ in one.citations)))
        repaired = corrector.repair(Reading(tuple(map(ReadLine, one.garbled)), model))
        for made in repaired.corrections:
            if made.reason == "person":
                right = not truth.isdisjoint(WORD.findall(made.is_))
                said.setdefault(min(int(made.confidence * BINS), BINS - 1), []).append((made.confidence, right))
    return [
        [
            f"{own / BINS:.1f} to {(own + 1) / BINS:.1f}",
            str(len(inside)),
            *(f"{sum(one) / len(inside):.2f}" for one in zip(*inside, strict=True)),
        ]
        for own, inside in sorted(said.items())
    ]


def parsed_a_second(corrector: Corrector, found: Sequence[Sample], model: str) -> float:
    """Return how many files (a delo with its leaves) the finder parses in a second of processor time, alone."""
    finder = corrector.repairer.shared_decoder(model).finder
    units = [unit for one in found for unit in cut_units([f"{text}." for text, _ in one.citations])] * REPEATED
    costs = [TEXT_COST] * len(units)
    finder.find(units, costs)
    start = time.process_time()
    count = sum(part.role == "delo-number" for one in finder.find(units, costs) for part in one.parts)
    return count / (time.process_time() - start)


@click.command()
@click.option("--pages", default=14, help="Pages of each kind.")
@click.option("--seed", default=1, help="Another seed makes another test.")
@click.option("--work", type=click.Path(path_type=Path), default=ROOT / "out" / "citations", help="Keeps the readings.")
def main(pages: int, seed: int, work: Path) -> None:
    """Print how many brackets of random citations come back exactly, by OCR model and form."""
    corrector = Corrector.load("rus")
    for model in LANGUAGES:
        for plain in (True, False):
            found = samples(pages, seed, model, plain, work)
            say(f"{model}: {sum(len(one.garbled) for one in found)} lines read")
            click.echo(f"\n{model}, {'as GOST has it' if plain else 'all forms'}\n")
            click.echo(table(("form", "brackets", "exact", "%"), measured(corrector, found, model)))
            click.echo("\npersons that were misread\n")
            click.echo(table(("confidence", "persons", "said", "right"), persons(corrector, found, model)))
            click.echo(f"\nparsed a second: {parsed_a_second(corrector, found, model):,.0f}")


if __name__ == "__main__":
    main()
