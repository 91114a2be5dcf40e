"""Measures how well citations are told into their fields: on clean strings of every form, and on garbled ones."""

import random
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

import click
import regex

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from bench import say, surroundings, table  # noqa: E402
from sets import DASHES, Passage, read_pairs, shared_option  # noqa: E402

from pipeline.data import data_file  # noqa: E402
from pipeline.document import Corrector  # noqa: E402
from pipeline.repair.archives import read_archives  # noqa: E402

FIELDS: Final = ("archive", "fond", "opis", "delo", "leaves")
HEAD: Final = ("form", "strings", "records", *FIELDS, "all fields", "records right %")
SEED: Final = 4
WIDTH: Final = 66
UNLISTED: Final = 0.4  # of the archives
CAPITALS: Final = "АБВГДЖКЛМНОПРСТУФХЦЧШ"
SENTENCES: Final = (
    "The committee had asked for it twice {}, and nobody answered.",
    "Few of these letters are known {}. The others were lost.",
    "It was decided in the spring {} and forgotten by the autumn.",
)
TEXT: Final = """\
# Fields of citations

F1 of the fields that `pravka cite` tells: over all passages, the values found and the true ones of a field are compared
as bags (a value must be there as often as it is cited, inherited ones too; any dash, any white space). A record is
right if all five fields are. *Clean* strings are drawn with a fixed seed from the forms that archives are cited in,
with random numbers and, two of five times, with an archive that is in no list (random capitals). *Garbled* strings are
those of citations_dev, read by Tesseract with its English model; their true fields are cut out of the true strings."""
COMMAND: Final = "`python benchmarks/fields.py --write` makes this page."

Record = Mapping[str, str]
Bag = Counter[tuple[str, str]]


class Sample(NamedTuple):
    """Lines with citations, and the true records in them."""

    form: str
    lines: tuple[str, ...]
    records: tuple[Record, ...]


# ---------------------------------------------------------------- clean strings


class Writer:
    """Writes citations with random numbers in every form."""

    def __init__(self, archives: Sequence[str], latin: Sequence[str]) -> None:
        self.random = random.Random(SEED)
        self.archives = archives
        self.latin = latin

    def number(self, digits: int = 4) -> str:
        """Return a number of up to so many digits, short ones as often as long ones."""
        return str(self.random.randint(1, 10 ** self.random.randint(1, digits) - 1))

    def archive(self) -> str:
        """Return an archive of the list, or one that is in none."""
        if self.random.random() < UNLISTED:
            return "".join(self.random.choices(CAPITALS, k=self.random.randint(3, 6)))
        return self.random.choice(self.archives)

    def leaves(self, verso: str = " об.") -> str:
        """Return one to three leaves or ranges, some with a back."""
        parts = []
        for _ in range(self.random.choice((1, 1, 2, 3))):
            first = int(self.number(3))
            last = f"–{first + self.random.randint(1, 9)}" if self.random.random() < 0.4 else ""
            parts.append(f"{first}{last}{verso if self.random.random() < 0.3 else ''}")
        return ", ".join(parts)

    def record(self, **given: str) -> dict[str, str]:
        """Return the fields of a citation: those given, else random ones."""
        drawn = {
            "archive": self.archive(),
            "fond": self.number(),
            "opis": self.number(3),
            "delo": self.number(),
            "leaves": self.leaves(),
        }
        return drawn | given


def told(one: Record, end: str = ".", marks: Sequence[str] = ("Ф.", "Оп.", "Д.", "Л."), skip: int = 0) -> str:
    """Return a record as print has it, without its first `skip` fields."""
    marked = [one["archive"], *(f"{mark} {one[name]}" for mark, name in zip(marks, FIELDS[1:], strict=True))]
    return f"{end} ".join(marked[skip:])


def plain(writer: Writer) -> tuple[str, list[Record]]:
    """Write `[ГАРФ. Ф. 1. Оп. 2. Д. 3. Л. 4]`."""
    one = writer.record()
    return f"[{told(one)}]", [one]


def several(writer: Writer) -> tuple[str, list[Record]]:
    """Write citations that inherit from the left: a delo, a fond, and another archive."""
    one = writer.record()
    two = one | {"delo": writer.number(), "leaves": writer.leaves()}
    three = two | {"fond": writer.number(), "opis": writer.number(3), "delo": writer.number()}
    four = writer.record()
    return f"[{told(one)}; {told(two, skip=3)}; {told(three, skip=1)}; {told(four)}]", [one, two, three, four]


def listed(writer: Writer) -> tuple[str, list[Record]]:
    """Write a list of dela, of which only the last has leaves."""
    two = writer.record()
    one = {name: text for name, text in two.items() if name != "leaves"} | {"delo": writer.number()}
    return f"[{told(two).replace(' Д. ', ' Д. ' + one['delo'] + ', ')}]", [one, two]


def without_leaves(writer: Writer) -> tuple[str, list[Record]]:
    """Write dela without leaves."""
    one = {name: text for name, text in writer.record().items() if name != "leaves"}
    two = one | {"delo": writer.number()}
    return f"[{told(one | {'leaves': ''}).partition('. Л.')[0]}; Д. {two['delo']}]", [one, two]


def lettered(writer: Writer) -> tuple[str, list[Record]]:
    """Write letters in numbers: `Р-5446`, `1а`, `12б`."""
    number = writer.random.choice(("Р-{}", "Р{}", "П-{}", "{}а")).format(writer.number())
    one = writer.record(fond=number, opis=f"{writer.number(3)}{writer.random.choice('абв')}")
    one["delo"] = f"{writer.number()}{writer.random.choice('абв')}"
    return f"[{told(one)}]", [one]


def parts_of_opisi(writer: Writer) -> tuple[str, list[Record]]:
    """Write supplements and volumes of opisi: `2 доп.`, `69, т. 2`."""
    number = writer.number(3)
    one = writer.record(opis=writer.random.choice((f"{number} доп.", f"{number}, т. {writer.number(2)}")))
    return f"[{told(one).replace('доп..', 'доп.')}]", [one]


def persons(writer: Writer) -> tuple[str, list[Record]]:
    """Write whose paper it is after the leaves."""
    one, two = writer.record(), writer.record()
    names = [writer.random.choice(("Лидин", "Шверник", "Енукидзе", "Ягодин")) for _ in range(2)]
    return f"[{told(one)} ({names[0]}); {told(two)} ({names[1]})]", [one, two]


def units(writer: Writer) -> tuple[str, list[Record]]:
    """Write other markers of files: `Ед. хр.`, `К.`, `Лл.`, `Фонд`."""
    one = writer.record()
    marks = (writer.random.choice(("Ф.", "Фонд")), "Оп.", writer.random.choice(("Ед. хр.", "К.", "Папка")), "Лл.")
    return f"[{told(one, marks=marks)}]", [one]


def small(writer: Writer) -> tuple[str, list[Record]]:
    """Write small markers with commas between."""
    one = writer.record()
    return f"({told(one, ',', ('ф.', 'оп.', 'д.', 'л.'))})", [one]


def ukrainian(writer: Writer) -> tuple[str, list[Record]]:
    """Write Ukrainian citations."""
    one = writer.record(leaves=writer.leaves(" зв."))
    marks = writer.random.choice((("Ф.", "Оп.", "Спр.", "Арк."), ("ф.", "оп.", "спр.", "арк.")))
    return f"[{told(one, '.' if marks[0] == 'Ф.' else ',', marks)}]", [one]


def mixed(writer: Writer) -> tuple[str, list[Record]]:
    """Write a citation after a reference to a book."""
    one = writer.record()
    page = writer.number(3)
    return f"[Лидин, с. {page}–{int(page) + 1}; {told(one)}; Carr, 1952, p. {writer.number(3)}]", [one]


def again(writer: Writer) -> tuple[str, list[Record]]:
    """Write a second citation with `Там же`."""
    one = writer.record()
    two = one | {"leaves": writer.leaves()}
    three = one | {"delo": writer.number(), "leaves": writer.leaves()}
    words = f"[{told(one)}], twice [Там же. Л. {two['leaves']}] and again [Там же. {told(three, skip=3)}]"
    return words, [one, two, three]


def broken(writer: Writer) -> tuple[str, list[Record]]:
    """Write a citation that line ends break, the archive's name with a hyphen."""
    one = writer.record(archive="".join(writer.random.choices(CAPITALS, k=6)))
    mark = writer.random.choice(("Оп.", "Д.", "Л."))
    text = told(one).replace(f" {mark} ", writer.random.choice((f"\n{mark} ", f" {mark}\n")))
    return f"[{text[:3]}-\n{text[3:]}]", [one]


def romanised(writer: Writer) -> tuple[str, list[Record]]:
    """Write citations in Latin letters."""
    one = writer.record(archive=writer.random.choice(writer.latin), leaves=writer.leaves("ob."))
    two = one | {"delo": writer.number(), "leaves": writer.leaves("ob.")}
    marks = ("f.", "op.", "d.", writer.random.choice(("l.", "ll.")))
    return f"({told(one, ',', marks)}; {told(two, ',', marks, skip=3)})", [one, two]


FORMS: Final[Mapping[str, Callable[[Writer], tuple[str, list[Record]]]]] = {
    "plain": plain,
    "several in a bracket": several,
    "lists of dela": listed,
    "without leaves": without_leaves,
    "letters in numbers": lettered,
    "supplements, volumes": parts_of_opisi,
    "persons": persons,
    "Ед. хр., К., Папка, Лл.": units,
    "small, commas": small,
    "Ukrainian": ukrainian,
    "after a book": mixed,
    "Там же": again,
    "broken name": broken,
    "romanised": romanised,
}


def clean_samples(count: int) -> Iterator[Sample]:
    """Yield `count` sentences of each form, in lines of print."""
    shipped = read_archives(data_file("lexicons", "archives.tsv"))
    writer = Writer([one.abbreviation for one in shipped], [one.romanised for one in shipped])
    for form, write in FORMS.items():
        for number in range(count):
            text, records = write(writer)
            sentence = SENTENCES[number % len(SENTENCES)].format(text)
            lines = [line for part in sentence.split("\n") for line in textwrap.wrap(part, WIDTH)]
            yield Sample(form, tuple(lines), tuple(records))


# ---------------------------------------------------------------- garbled strings

NUMBER: Final = r"\s*([^.;\]]*?)"
TRUE: Final = regex.compile(
    rf"(?:([^.;\[\]]+)\. )?(?:Ф\.{NUMBER}\. )?(?:Оп\.{NUMBER}\. )?Д\.{NUMBER}(?:\. Л\. ([^;\](]*?))?(?: \([^)]*\))?$"
)


def true_records(bracket: str) -> Iterator[Record]:
    """Yield the records of a true citation of citations_dev, with what they inherit."""
    left: dict[str, str] = {}
    for part in bracket.strip("[]").split(";"):
        match = TRUE.match(part.strip())
        if not match:
            raise ValueError(f"{part!r} of {bracket!r} is no citation that this benchmark knows")
        own = {name: text for name, text in zip(FIELDS, match.groups(), strict=True) if text}
        first = min(FIELDS.index(name) for name in own)
        kept = {name: text for name, text in left.items() if FIELDS.index(name) < first}
        yield kept | own
        left = {name: text for name, text in (kept | own).items() if name != "leaves"}


def garbled_samples(passages: Iterable[Passage]) -> Iterator[Sample]:
    """Yield the garbled passages, and again as they are in truth."""
    for passage in passages:
        records = tuple(record for bracket in passage.citations for record in true_records(bracket))
        yield Sample("citations_dev, garbled", passage.garbled, records)
        yield Sample("citations_dev, truth", passage.truth, records)


# ---------------------------------------------------------------- scoring


def tidy(record: Record) -> Record:
    """Return the five fields of a record with plain dashes and single spaces."""
    return {name: " ".join(record[name].translate(DASHES).split()) for name in FIELDS if name in record}


def score(corrector: Corrector, samples: Sequence[Sample]) -> list[str]:
    """Return a row of the table: F1 of each field and of all, and the share of the records that are right."""
    hits, found, true = Bag(), Bag(), Bag()
    right = 0
    for sample in samples:
        made = [tidy(one.fields) for one in corrector.fix_lines(sample.lines).citations]
        wanted = [tidy(one) for one in sample.records]
        hits += bag(made) & bag(wanted)
        found, true = found + bag(made), true + bag(wanted)
        right += (Counter(map(whole, made)) & Counter(map(whole, wanted))).total()
    records = sum(len(sample.records) for sample in samples)
    sums = [[total(one, name) for name in FIELDS] for one in (hits, found, true)]
    cells = [f1(*three) for three in (*zip(*sums, strict=True), tuple(map(sum, sums)))]
    return [samples[0].form, f"{len(samples):,}", f"{records:,}", *cells, f"{100 * right / records:.1f}"]


def total(values: Bag, field: str) -> int:
    """Return how many values of a field there are."""
    return sum(count for (name, _), count in values.items() if name == field)


def bag(records: Iterable[Record]) -> Bag:
    """Return the values of records with their fields, each as often as it is there."""
    return Counter((name, text) for record in records for name, text in record.items())


def whole(record: Record) -> tuple[tuple[str, str], ...]:
    """Return a record as one value."""
    return tuple(sorted(record.items()))


def f1(hits: int, found: int, true: int) -> str:
    """Return the harmonic mean of precision and recall."""
    return f"{2 * hits / (found + true):.3f}" if found + true else "-"


@click.command()
@shared_option
@click.option("--count", default=100, show_default=True, help="Clean strings of each form.")
@click.option("--write", is_flag=True, help="Write docs/fields.md too.")
def main(shared: Path, count: int, write: bool) -> None:
    """Print the F1 of the fields of citations, by form."""
    corrector = Corrector.load("rus")
    clean = list(clean_samples(count))
    path = shared / "eval" / "citations_dev.jsonl"
    garbled = sorted(garbled_samples(read_pairs(path)), key=lambda one: one.form) if path.exists() else []
    rows = []
    for form, samples in groupby([*clean, *garbled], key=lambda one: one.form):
        say(f"{form} ...")
        rows.append(score(corrector, list(samples)))
    every = [sample._replace(form="all clean strings") for sample in clean]
    text = "\n\n".join([table(HEAD, [*rows, score(corrector, every)]), surroundings()])
    click.echo(text)
    if write:
        (ROOT / "docs" / "fields.md").write_text(f"{TEXT}\n\n{text}\n\n{COMMAND}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
