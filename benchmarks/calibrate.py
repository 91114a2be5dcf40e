"""Shows how far the confidence of a correction can be trusted, and fits the constants of `pipeline.repair.confidence`.

The even passages of prose_ru_dev are fitted on, the odd ones judge the constants that the program has.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
import numpy as np
from PIL import Image, ImageDraw, ImageFont

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from bench import say, surroundings, table  # noqa: E402
from sets import Passage, read_pairs, shared_option  # noqa: E402

from pipeline.document import Corrector  # noqa: E402
from pipeline.repair.confidence import LEAST, LEVEL, SLOPE, SPELLED, calibrated  # noqa: E402
from pipeline.repair.repairer import Repairer, told_map  # noqa: E402

CALIBRATED: Final = ("lexicon", "spelled", "name")
BINS: Final = 10
NEWTON_STEPS: Final = 30
TEXT: Final = """\
# Calibration

Every correction carries a confidence. It should be kept as a promise: of the corrections said to be right with 0.8,
eight in ten should be right. The decoder's own posterior does not keep it, for letters are not misread independently of
each other; `pipeline/repair/confidence.py` bends it by a line through its logit (Platt 1999).

Measured on prose_ru_dev, in font files that the glyph maps were not learned from (Liberation Serif and FreeSerif, 27 of
its 70 passages, are however near twins of Tinos and Nimbus Roman, which they were learned from). A correction counts if
its word stands on one line, and if that line has as many words as its truth; it is right if it equals the true word,
case and all. One pass of the decoder is looked at, before any certainty is asked for. The table and the picture show
what the program's constants do on the odd passages. Constants are fitted anew on the even ones, and are printed beside
those of the program: only of these new ones is it certain that they have not seen the odd passages."""
COMMAND: Final = "`python benchmarks/calibrate.py --write` makes this page and the picture."


class Sample(NamedTuple):
    """A correction: in which passage, the decoder's posterior, why, and whether it is right."""

    passage: int
    posterior: float
    reason: str
    right: bool


class Fit(NamedTuple):
    """The constants of a calibration, in the order of those of the program."""

    slope: float
    level: float
    spelled: float


class Bin(NamedTuple):
    """Corrections of about the same confidence: how many, what was said on average, and the share that is right."""

    size: int
    said: float
    right: float


# ---------------------------------------------------------------- samples and fit


def samples(repairer: Repairer, passages: Sequence[Passage]) -> Iterator[Sample]:
    """Yield the corrections of one pass over each passage."""
    for number, passage in enumerate(passages):
        done = repairer.round(passage.garbled, repairer.maps[told_map(passage.garbled)])
        for unit, verdict in zip(done.units, done.verdicts, strict=True):
            if verdict.best.reason == "kept" or len(unit.pieces) > 1:
                continue
            piece = unit.pieces[0]
            garbled, truth = passage.garbled[piece.line], passage.truth[piece.line].split()
            if len(garbled.split()) == len(truth):
                true = truth[len(garbled[: piece.start].split())]
                yield Sample(number, verdict.posterior, verdict.best.reason, verdict.best.text == true)


def logit(posterior: float) -> float:
    """Return the logit of a probability that is kept away from 0 and 1 as `calibrated` does."""
    bounded = min(max(posterior, LEAST), 1.0 - LEAST)
    return float(np.log(bounded / (1.0 - bounded)))


def fitted(found: Iterable[Sample]) -> tuple[Fit, Fit]:
    """Return the constants that make the samples likeliest, and their standard errors.

    Logistic regression by Newton's method; the errors take the samples for independent.
    """
    kept = [one for one in found if one.reason in CALIBRATED]
    facts = np.array([[logit(one.posterior), 1.0, one.reason == "spelled"] for one in kept])
    right = np.array([one.right for one in kept], float)
    weights = np.zeros(3)
    for _ in range(NEWTON_STEPS):
        said = 1.0 / (1.0 + np.exp(-facts @ weights))
        curvature = (facts.T * (said * (1.0 - said))) @ facts
        weights += np.linalg.solve(curvature, facts.T @ (right - said))
    errors = np.sqrt(np.diag(np.linalg.inv(curvature)))
    return Fit(*map(float, weights)), Fit(*map(float, errors))


def bent_by(fit: Fit, one: Sample) -> float:
    """Return the confidence of a correction with other constants than those of the program."""
    if one.reason not in CALIBRATED:
        return one.posterior
    line = fit.slope * logit(one.posterior) + fit.level + fit.spelled * (one.reason == "spelled")
    return float(1.0 / (1.0 + np.exp(-line)))


# ---------------------------------------------------------------- reliability


def bins(said: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Return ten bins of equal width; empty ones say the middle of their range."""
    places = [min(int(BINS * one), BINS - 1) for one in said]
    made = []
    for own in range(BINS):
        inside = [at for at, place in enumerate(places) if place == own]
        count = len(inside)
        mean = sum(said[at] for at in inside) / count if count else (own + 0.5) / BINS
        made.append(Bin(count, mean, sum(right[at] for at in inside) / count if count else 0.0))
    return made


def calibration_error(found: Sequence[Bin]) -> float:
    """Return the expected calibration error: how far the bins are off, weighed by their counts."""
    return sum(one.size * abs(one.said - one.right) for one in found) / max(sum(one.size for one in found), 1)


def reliability(found: Sequence[Sample]) -> tuple[list[Bin], list[Bin]]:
    """Return the bins of the raw posteriors, and those of the confidence that the program gives."""
    right = [one.right for one in found]
    raw = bins([one.posterior for one in found], right)
    return raw, bins([calibrated(one.posterior, one.reason) for one in found], right)


def cells(one: Bin) -> list[str]:
    """Return the cells of a bin."""
    return [f"{one.size:,}", *(f"{share:.3f}" if one.size else "-" for share in (one.said, one.right))]


def reliability_table(raw: Sequence[Bin], bent: Sequence[Bin]) -> str:
    """Return the table of the bins before and after."""
    head = ("bin", "raw: count", "said", "right", "calibrated: count", "said", "right")
    rows = [
        [f"{own / BINS:.1f} to {(own + 1) / BINS:.1f}", *cells(before), *cells(after)]
        for own, (before, after) in enumerate(zip(raw, bent, strict=True))
    ]
    return table(head, rows)


def constants_table(fit: Fit, errors: Fit) -> str:
    """Return the table of the constants fitted and of those that the program has."""
    rows = [
        [name, f"{constant:.2f}", f"{own:.2f}", f"{error:.2f}"]
        for name, constant, own, error in zip(Fit._fields, (SLOPE, LEVEL, SPELLED), fit, errors, strict=True)
    ]
    return table(("constant", "in the program", "fitted on the even passages", "standard error"), rows)


def summary(found: Sequence[Sample]) -> str:
    """Return a line on how many corrections there are, why, and how many are right."""
    reasons = Counter(one.reason for one in found)
    rights = Counter(one.reason for one in found if one.right)
    parts = [f"{name} {rights[name]:,} of {count:,}" for name, count in sorted(reasons.items())]
    return f"{len({one.passage for one in found})} passages, {len(found):,} corrections; right: {', '.join(parts)}."


def report(found: Sequence[Sample]) -> tuple[str, list[Bin], list[Bin]]:
    """Return the report, and the bins before and after."""
    even = [one for one in found if one.passage % 2 == 0]
    odd = [one for one in found if one.passage % 2 == 1]
    raw, bent = reliability(odd)
    fit, deviations = fitted(even)
    other = bins([bent_by(fit, one) for one in odd], [one.right for one in odd])
    errors = [calibration_error(one) for one in (raw, bent, other)]
    parts = (
        f"Even: {summary(even)}\n\nOdd: {summary(odd)}",
        constants_table(fit, deviations),
        f"Expected calibration error on the odd passages: raw {errors[0]:.3f}, calibrated by the program "
        f"{errors[1]:.3f}"
        f", by the constants fitted on the even passages {errors[2]:.3f}.",
        reliability_table(raw, bent),
    )
    return "\n\n".join(parts), raw, bent


# ---------------------------------------------------------------- the picture

SCALE: Final = 3  # drawn so much larger, then made smaller: smooth edges
WIDTH, HEIGHT, LEFT, TOP, SIDE = 760, 720, 92, 66, 560
PAPER, INK, PALE, GREY = "#ffffff", "#222222", "#e4e4e4", "#8a8a8a"
RAW, BENT = "#c8501e", "#1f6fb2"
FONTS: Final = ("DejaVuSans.ttf", "PTS55F.ttf", "LiberationSans-Regular.ttf")
SMALLEST, LARGEST = 4.0, 26.0  # radii of points


def font(size: int) -> Any:
    """Return the first font that is installed."""
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size * SCALE)
        except OSError:
            continue
    return ImageFont.load_default(size * SCALE)


def place(said: float, right: float) -> tuple[float, float]:
    """Return where a point lies in the picture."""
    return (LEFT + said * SIDE) * SCALE, (TOP + (1.0 - right) * SIDE) * SCALE


def draw_axes(draw: ImageDraw.ImageDraw) -> None:
    """Draw the title, the grid with its figures and labels, and the diagonal."""
    for step in range(0, 11, 2):
        share = step / 10
        draw.line([place(share, 0), place(share, 1)], fill=PALE, width=SCALE)
        draw.line([place(0, share), place(1, share)], fill=PALE, width=SCALE)
        (across, bottom), (left, up) = place(share, 0), place(0, share)
        draw.text((across, bottom + 9 * SCALE), f"{share:.1f}", INK, font(14), "ma")
        draw.text((left - 10 * SCALE, up), f"{share:.1f}", INK, font(14), "rm")
    for start in range(0, 100, 2):
        one, two = start / 100, (start + 1) / 100
        draw.line([place(one, one), place(two, two)], fill=GREY, width=2 * SCALE)
    draw.rectangle([place(0, 1), place(1, 0)], outline=INK, width=SCALE)
    middle = place(0.5, 0)
    draw.text((middle[0], middle[1] + 40 * SCALE), "said: mean confidence of the bin", INK, font(16), "ma")
    draw.text((LEFT * SCALE, 24 * SCALE), "How often corrections are right", INK, font(20), "la")


def draw_side_label(image: Image.Image) -> None:
    """Write the label of the upright axis."""
    label = Image.new("RGB", (SIDE * SCALE, 26 * SCALE), PAPER)
    text = "right: share of the bin that is right"
    ImageDraw.Draw(label).text((SIDE * SCALE / 2, 13 * SCALE), text, INK, font(16), "mm")
    image.paste(label.rotate(90, expand=True), (14 * SCALE, TOP * SCALE))


def interval(one: Bin) -> tuple[float, float]:
    """Return the 95 % interval of the share that is right (Wilson 1927)."""
    z = 1.96
    middle = (one.right + z * z / (2 * one.size)) / (1 + z * z / one.size)
    reach = z * (one.right * (1 - one.right) / one.size + (z / (2 * one.size)) ** 2) ** 0.5 / (1 + z * z / one.size)
    return middle - reach, middle + reach


def draw_points(image: Image.Image, found: Sequence[Bin], colour: str, most: int) -> None:
    """Draw the bins as points, whose areas grow with their counts, with the intervals of the share."""
    draw = ImageDraw.Draw(image, "RGBA")
    for one in found:
        if one.size:
            low, high = interval(one)
            draw.line([place(one.said, low), place(one.said, high)], fill=f"{colour}b0", width=2 * SCALE)
            x, y = place(one.said, one.right)
            size = max(SMALLEST, LARGEST * (one.size / most) ** 0.5) * SCALE
            draw.ellipse([x - size, y - size, x + size, y + size], fill=f"{colour}a0", outline=colour, width=SCALE)


def draw_legend(draw: ImageDraw.ImageDraw, errors: Sequence[float]) -> None:
    """Say which colour is which, and how far off it is."""
    left, top = (LEFT + 336) * SCALE, (TOP + SIDE - 102) * SCALE
    rows = ((f"raw posterior, error {errors[0]:.3f}", RAW), (f"calibrated, error {errors[1]:.3f}", BENT))
    for row, (text, colour) in enumerate(rows):
        y = top + row * 28 * SCALE
        draw.ellipse([left - 7 * SCALE, y - 7 * SCALE, left + 7 * SCALE, y + 7 * SCALE], fill=colour)
        draw.text((left + 18 * SCALE, y), text, INK, font(15), "lm")
    y = top + 56 * SCALE
    draw.line([left - 8 * SCALE, y, left - 1 * SCALE, y], fill=GREY, width=2 * SCALE)
    draw.line([left + 3 * SCALE, y, left + 10 * SCALE, y], fill=GREY, width=2 * SCALE)
    draw.text((left + 18 * SCALE, y), "said as it is", INK, font(15), "lm")
    draw.text((left - 8 * SCALE, y + 28 * SCALE), "area: count; bar: 95 % interval", GREY, font(14), "lm")


def picture(raw: Sequence[Bin], bent: Sequence[Bin]) -> Image.Image:
    """Return the reliability diagram."""
    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), PAPER)
    draw_axes(ImageDraw.Draw(image))
    draw_side_label(image)
    most = max(one.size for one in [*raw, *bent])
    draw_points(image, raw, RAW, most)
    draw_points(image, bent, BENT, most)
    draw_legend(ImageDraw.Draw(image), [calibration_error(raw), calibration_error(bent)])
    return image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


# ---------------------------------------------------------------- the whole


@click.command()
@shared_option
@click.option("--write", is_flag=True, help="Write docs/calibration.md and docs/reliability.png too.")
def main(shared: Path, write: bool) -> None:
    """Print how far the confidence of corrections can be trusted, and the constants that fit best."""
    path = shared / "eval" / "prose_ru_dev.jsonl"
    if not path.exists():
        raise click.UsageError("There is no eval/prose_ru_dev.jsonl in the folder that --shared names.")
    say("prose_ru_dev ...")
    text, raw, bent = report(list(samples(Corrector.load("rus").repairer, read_pairs(path))))
    text = f"{text}\n\n{surroundings()}"
    click.echo(text)
    if write:
        docs = ROOT / "docs"
        drawn = "![How often corrections are right, by what was said](reliability.png)"
        (docs / "calibration.md").write_text(f"{TEXT}\n\n{text}\n\n{drawn}\n\n{COMMAND}\n", encoding="utf-8")
        picture(raw, bent).quantize(64).save(docs / "reliability.png", optimize=True)


if __name__ == "__main__":
    main()
