"""The sets that the benchmark runs on, and how an answer to them is scored."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import click
import regex
from rapidfuzz.distance import Levenshtein

ROOT: Final = Path(__file__).resolve().parent.parent
# The folder with the development sets in eval/.
shared_option = click.option(
    "--shared",
    type=click.Path(path_type=Path),
    default=ROOT.parent / "shared",
    help="The folder with the development sets in eval/.",
)

Kind = Literal["russian", "citations", "clean"]
Outputs = Sequence[Sequence[str]]  # the lines that a tool made of each passage

BRACKET: Final = regex.compile(r"\[[^\]]*\]")
LINE_END_HYPHEN: Final = regex.compile(r"(?<=\p{L})-\n(?=\p{Ll}|\p{Lu}{2})")
ARCHIVAL: Final = regex.compile(r"\bФ\. ?\d")
DASHES: Final = str.maketrans("\u2012\u2013\u2014\u2212", "----")
LINES_A_PASSAGE: Final = 200  # of the sets that have no passages of their own


@dataclass(frozen=True)
class Passage:
    """Lines that are repaired together, their truth, and the bracketed citations in them."""

    garbled: tuple[str, ...]
    truth: tuple[str, ...]
    citations: tuple[str, ...] = ()

    @property
    def words(self) -> int:
        """How many words there are to repair."""
        return sum(len(line.split()) for line in self.garbled)

    def cut(self, words: int) -> "Passage":
        """Return the first lines, up to some words; all of it where that would part citations or the truth."""
        if self.citations or len(self.garbled) != len(self.truth):
            return self
        count = total = 0
        while count < len(self.garbled) and total < words:
            total += len(self.garbled[count].split())
            count += 1
        return replace(self, garbled=self.garbled[:count], truth=self.truth[:count])


@dataclass(frozen=True)
class TextSet:
    """A named set of passages; its kind says how it is scored."""

    name: str
    kind: Kind
    passages: tuple[Passage, ...]

    @property
    def words(self) -> int:
        """How many words there are to repair."""
        return sum(passage.words for passage in self.passages)

    @property
    def lines(self) -> int:
        """How many lines there are to repair."""
        return sum(len(passage.garbled) for passage in self.passages)

    def head(self, words: int) -> "TextSet":
        """Return the first lines of the set, up to some words."""
        taken: list[Passage] = []
        for passage in self.passages:
            if words <= 0:
                break
            taken.append(passage.cut(words))
            words -= taken[-1].words
        return replace(self, passages=tuple(taken))


@dataclass(frozen=True)
class PageSample:
    """The image of a page, what is printed on it, and the bracketed citations among that."""

    name: str
    image: Path
    truth: str
    citations: tuple[str, ...]
    about: str = ""


# ---------------------------------------------------------------- reading


def read_texts(folder: Path) -> list[TextSet]:
    """Read the text sets of the folder of development sets, those that are there."""
    clean = {name: folder / f"{name}.txt" for name in ("english_dev", "other_dev", "mixed_dev")}
    paired: dict[str, tuple[Kind, Path]] = {
        "prose_ru_dev": ("russian", folder / "prose_ru_dev.jsonl"),
        "seed_dev": ("russian", folder / "seed_dev.tsv"),
        "citations_dev": ("citations", folder / "citations_dev.jsonl"),
    }
    sets = [TextSet(name, kind, read_pairs(path)) for name, (kind, path) in paired.items() if path.exists()]
    return sets + [TextSet(name, "clean", read_clean(path)) for name, path in clean.items() if path.exists()]


def read_pairs(path: Path) -> tuple[Passage, ...]:
    """Read passages with their truth: a JSON object to a line, or a table of garbled and true lines."""
    lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    if path.suffix == ".tsv":
        garbled, truth = zip(*(line.split("\t") for line in lines[1:]), strict=True)
        return (Passage(garbled, truth),)
    rows = [json.loads(line) for line in lines]
    return tuple(Passage(tuple(row["garbled"]), tuple(row["truth"]), tuple(row.get("citations", ()))) for row in rows)


def read_line_images(folder: Path) -> TextSet:
    """Read the images of single lines with Tesseract's `eng` model: one passage, with the truth beside the images."""
    import pytesseract

    images = sorted(folder.glob("*.png"))
    read = [pytesseract.image_to_string(str(image), lang="eng", config="--psm 7") for image in images]
    truth = [image.with_suffix(".gt.txt").read_text(encoding="utf-8") for image in images]
    passage = Passage(*(tuple(" ".join(line.split()) for line in lines) for lines in (read, truth)))
    return TextSet(folder.name, "russian", (passage,))


def read_lines(folder: Path) -> list[PageSample]:
    """Return the images of single lines as pages; none where there is no such folder."""
    truths = [
        (image, image.with_suffix(".gt.txt").read_text(encoding="utf-8")) for image in sorted(folder.glob("*.png"))
    ]
    return [PageSample(image.stem, image, truth, ()) for image, truth in truths]


def read_clean(path: Path) -> tuple[Passage, ...]:
    """Read text that is right already."""
    lines = tuple(path.read_text(encoding="utf-8").removesuffix("\n").split("\n"))
    parts = [lines[start : start + LINES_A_PASSAGE] for start in range(0, len(lines), LINES_A_PASSAGE)]
    return tuple(Passage(part, part) for part in parts)


def read_pages(folder: Path) -> list[PageSample]:
    """Read the pages of the folder of development sets."""
    return [to_page_sample(path) for path in sorted(folder.glob("*.png")) if path.with_suffix(".json").exists()]


def to_page_sample(image: Path) -> PageSample:
    """Return a page with the truth and the facts that lie beside its image."""
    facts = json.loads(image.with_suffix(".json").read_text(encoding="utf-8"))
    about = f"level {facts['level']}" + (", two columns" if facts["columns"] == 2 else "")
    truth = image.with_suffix(".txt").read_text(encoding="utf-8")
    return PageSample(image.stem, image, truth, tuple(facts["citations"]), about)


def read_own_texts(samples: Path) -> list[TextSet]:
    """Read the project's own text sample, and a set of its pages' truth, which must not change."""
    garbled = tuple((samples / "abstract.txt").read_text(encoding="utf-8").splitlines())
    truth = (samples / "truth" / "abstract.txt").read_text(encoding="utf-8")
    pages = [path.read_text(encoding="utf-8") for path in sorted((samples / "truth").glob("*.txt"))]
    clean = tuple(Passage(lines, lines) for lines in (tuple(text.splitlines()) for text in pages))
    whole = Passage(garbled, tuple(truth.splitlines()), archival(truth))
    return [
        TextSet("samples/abstract.txt", "russian", (whole,)),
        TextSet("samples/abstract.txt, citations", "citations", (whole,)),
        TextSet("samples/truth", "clean", clean),
    ]


def read_own_pages(samples: Path) -> list[PageSample]:
    """Read the project's own page images."""
    images = sorted(path for path in samples.glob("page-*") if path.suffix in (".png", ".jpg"))
    truths = [(samples / "truth" / f"{image.stem}.txt").read_text(encoding="utf-8") for image in images]
    return [PageSample(image.stem, image, truth, archival(truth)) for image, truth in zip(images, truths, strict=True)]


def archival(truth: str) -> tuple[str, ...]:
    """Return the bracketed archival citations of a text."""
    return tuple(found for found in BRACKET.findall(" ".join(truth.split())) if ARCHIVAL.search(found))


# ---------------------------------------------------------------- scoring


def fold(text: str) -> str:
    """Return a text without the differences that matter least: case, ё and the kind of dash."""
    return text.lower().replace("ё", "е").translate(DASHES)


def tidy(citation: str) -> str:
    """Return a citation with single spaces and plain dashes, as exactness is judged."""
    return " ".join(citation.translate(DASHES).split())


@dataclass(frozen=True)
class Rates:
    """Shares of the characters and of the words that are wrong, in per cent."""

    cer: float
    wer: float


def rates(pairs: Iterable[tuple[str, str]]) -> Rates:
    """Return the error rates over pairs of truth and output; white space counts as one space."""
    errors = signs = wrong = words = 0
    for truth, output in pairs:
        true, made = truth.split(), output.split()
        errors += Levenshtein.distance(" ".join(true), " ".join(made))
        signs += len(" ".join(true))
        wrong += Levenshtein.distance(true, made)
        words += len(true)
    return Rates(100 * errors / max(signs, 1), 100 * wrong / max(words, 1))


def kept(truth: Sequence[str], output: Sequence[str]) -> set[int]:
    """Return the places of the words of the truth that the output has right."""
    steps = Levenshtein.opcodes(truth, output)
    return {place for step in steps if step.tag == "equal" for place in range(step.src_start, step.src_end)}


def fates(triples: Iterable[tuple[str, str, str]]) -> Counter[str]:
    """Count the words of truth, raw text and output: fixed, missed (still wrong), broken (were right), left (right)."""
    fate: Counter[str] = Counter()
    for truth, raw, output in triples:
        words = truth.split()
        before, after = kept(words, raw.split()), kept(words, output.split())
        fate.update(fixed=len(after - before), broken=len(before - after), left=len(before & after))
        fate["missed"] += len(words) - len(before | after)
    return fate


def changed(raw: str, output: str) -> int:
    """Count the words of a line that did not stay as they were."""
    words = raw.split()
    return len(words) - len(kept(words, output.split()))


def exact(citations: Iterable[str], text: str) -> int:
    """Count the citations that stand in a text exactly, each as often as it should; line ends may break words."""
    found = Counter(tidy(bracket) for bracket in BRACKET.findall(" ".join(text.split())))
    joined = Counter(tidy(bracket) for bracket in BRACKET.findall(" ".join(LINE_END_HYPHEN.sub("", text).split())))
    return sum((Counter(map(tidy, citations)) & (found | joined)).values())


def triples(passages: Iterable[Passage], outputs: Outputs) -> Iterator[tuple[str, str, str]]:
    """Yield truth, raw text and output line by line, or as a whole where the lines of the truth are others."""
    for passage, output in zip(passages, outputs, strict=True):
        if len(passage.truth) == len(passage.garbled) == len(output):
            yield from zip(passage.truth, passage.garbled, output, strict=True)
        else:
            yield " ".join(passage.truth), " ".join(passage.garbled), " ".join(output)
