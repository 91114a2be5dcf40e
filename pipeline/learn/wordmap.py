"""Makes a word map: how whole short words are read, which their letters alone do not tell (и as 4 or HM, по as 10)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from pipeline.learn.glyphmap import headed, reader_version
from pipeline.learn.readings import Task, collect
from pipeline.learn.render import read_fonts
from pipeline.learn.text import SHORT, Sampler

# Words seen less often than this, and readings seen only once, say too little.
LEAST_WORDS: Final = 40
LEAST_READ: Final = 2
LONGEST_READ: Final = 5
# Besides what was counted, so many readings that nobody has seen yet.
UNSEEN: Final = 3.0


def count_words(pairs: Iterable[tuple[str, str]]) -> dict[str, Counter[str]]:
    """Return how often each short word was read as what; words with marks around them do not count."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for printed, read in pairs:
        if len(printed) <= SHORT and printed.isalpha():
            seen[printed][read] += 1
    return seen


def rows(seen: Mapping[str, Counter[str]]) -> Iterator[str]:
    """Yield the rows of the table: word, read, count, probability."""
    for word in sorted(seen):
        total = seen[word].total()
        for read, count in sorted(seen[word].items(), key=lambda item: (-item[1], item[0])):
            if total >= LEAST_WORDS and count >= LEAST_READ and len(read) <= LONGEST_READ and " " not in read:
                yield f"{word}\t{read}\t{count}\t{count / (total + UNSEEN):.6f}"


def learn_word_map(
    fonts: Path, model: str, sampler: Sampler, folder: Path, pages: int, jobs: int, done: Callable[[int], None]
) -> str:
    """Render, read and count; return the text of the word map. `folder` keeps what was read."""
    learned = [font for font in read_fonts(fonts) if font.use == "learn"]
    tasks = [Task(page, font, model, seed, True) for page in range(pages) for seed, font in enumerate(learned)]
    found = collect(tasks, sampler, folder, jobs, done)
    facts = {
        "what": f"how Tesseract's {model.removeprefix('tesseract-')} model reads whole short words: P(read | word)",
        "licence": "CC0",
        "version": "1",
        "made_by": f"pravka learn wordmap --model {model} --pages {pages}",
        "learned_from": f"{sum(map(len, found))} words in {len(learned)} fonts",
        "read_with": reader_version(),
    }
    counted = rows(count_words(pair for page in found for pair in page))
    return "\n".join([*headed("word\tread\tcount\tprobability", facts), *counted]) + "\n"
