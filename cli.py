"""The command: parses options, calls `pipeline`, shows the result. Nothing else happens here."""

import gc
import math
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.errors import CannotWrite, Interrupted, PravkaError, SomeFailed, UnreadableInput, UsageError
from pipeline.options import FORMATS, MODELS, SCHEMES, BatchOptions, Options

if TYPE_CHECKING:
    from pipeline.batch import PageEntry, Request, Tally
    from pipeline.document import Corrector
    from pipeline.explain import Explanation
    from pipeline.model import Document
    from pipeline.records import Records
    from pipeline.stream import Input, Part

INTERNAL = 1
PIPE_CLOSED = 0
# What asks a program to end.
SIGNALS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
# Tables are as wide as what is in them, up to so many characters.
WIDTH = 200
# So many bad records are told one by one; then only their number.
TOLD = 10
# Options of `fix` that exclude each other.
APART = (
    ("--json", "--diff"),
    *(("--jsonl", other) for other in ("--json", "--diff", "--corrections", "--residue", "--layout flow")),
    *(("--line-buffered", other) for other in ("--json", "--layout flow")),
)
Command = Callable[..., Any]


def options_of(declared: type, **left_out: bool) -> Callable[[Command], Command]:
    """Make click options of the fields of a class of options, without those marked as what is left out."""

    def decorate(command: Command) -> Command:
        for one in reversed(fields(declared)):
            about = one.metadata
            if not any(about.get(mark) for mark, is_left in left_out.items() if is_left):
                command = click.option(
                    f"--{one.name.replace('_', '-')}",
                    *about.get("short", ()),
                    default=one.default,
                    type=type_of(one.default, about),
                    is_flag=isinstance(one.default, bool),
                    help=about["help"],
                    metavar=about.get("metavar"),
                    show_default=bool(one.default) and not about.get("quiet"),
                )(command)
        return command

    return decorate


def repair_options(images: bool, written: bool = True) -> Callable[[Command], Command]:
    """Make click options of the fields of `Options`, those for images and for written text only where these are."""
    return options_of(Options, image=not images, written=not written)


class FiniteRange(click.FloatRange):
    """A number in a range: no `nan`, which every range lets pass."""

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Any:
        """Return the number. Raises click.BadParameter for what is none."""
        number = super().convert(value, param, context)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, context)
        return number


def type_of(default: Any, about: Any) -> Any:
    """Return the click type of an option."""
    if isinstance(default, bool):
        return bool
    if "choices" in about:
        return click.Choice(about["choices"])
    if "low" in about:
        ranged = click.IntRange if isinstance(default, int) else FiniteRange
        return ranged(about["low"], about.get("high"))
    return click.Path(path_type=str) if about.get("path") else str


def output_option(about: str) -> Callable[[Command], Command]:
    """Return the option for the file to write: none, or `-`, is standard output."""

    def path_of(_context: click.Context, _: click.Parameter, path: Path | None) -> Path | None:
        return None if path == Path("-") else path

    return click.option("-o", "--out", type=click.Path(path_type=Path), callback=path_of, help=about)


def show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Show the version and end."""
    if wanted:
        from pipeline.data import package_version

        click.echo(f"pravka {package_version()}")
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=show_version, help="Show the version."
)
def pravka() -> None:
    """Bring back Russian text that OCR broke.

    \b
    Examples:
      pravka clean scans/ -o out        pages and PDFs to corrected text
      pravka fix broken.txt             the text that somebody else's OCR left
      pravka cite article.pdf           its archival citations, for a bibliography
      pravka explain 6onbweBuKu        why a word is changed, or is not
      pravka garble большевику          how a word is misread
      pravka doctor                     is everything there that Pravka needs?

    Exit codes: 0 done, 2 usage, 3 missing program, 4 unreadable input, 5 cannot write, 6 no page at all,
    7 external program failed, 8 some documents failed, 9 bad data file, 130 interrupted.
    """


@pravka.command()
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="The folder for the results.")
@options_of(BatchOptions)
@click.option("--dry-run", is_flag=True, help="Say what would be done with each document, and do nothing.")
@click.option("--log-json", type=click.Path(path_type=Path), help="Add a line of JSON for whatever happens to a file.")
@repair_options(images=True)
def clean(inputs: tuple[Path, ...], out: Path, dry_run: bool, log_json: Path | None, **chosen: Any) -> None:
    """Read pages (images, PDFs, texts, hOCR, ALTO and other text layers, folders of them) and write corrected text.

    Started again, it does only what is missing or has changed. What was done is in OUT/.pravka: see `pravka status`.

    \b
    Examples:
      pravka clean page.png -o out
      pravka clean scans/ article.pdf -o out --jobs 4 --format txt,json,tsv
      pravka clean book.pdf -o out --format pdf,html,docx
      pravka clean book.pdf -o out --layout flow --running-heads drop
      pravka clean newspaper/ --include '*.xml' -o out --format alto
    """
    from pipeline.batch import Progress, Request, clean_all

    batch = BatchOptions(**{one.name: chosen.pop(one.name) for one in fields(BatchOptions)})
    request = Request(inputs, out, Options(**chosen), batch)
    if dry_run:
        print_bytes(dry_run_of(request))
        return
    progress = Progress(log_json)
    try:
        with progress, closing(clean_all(request)) as events:
            for event in events:
                progress.show(event)
    except KeyboardInterrupt:
        ignore_signals()
        remedy = "Run the same command again: it goes on from there"
        raise Interrupted(f"Interrupted: {progress.tally.line}", remedy) from None
    finally:
        show_summary(progress.tally, out)
    tally = progress.tally
    end(tally.codes, tally.ended + tally.before + tally.left)


def dry_run_of(request: "Request") -> bytes:
    """Return a line for each document: why it would be done, or not, and its name; how many on standard error."""
    from pipeline.batch import WHY, would_do
    from pipeline.source import shown
    from pipeline.write import encoded

    plan = would_do(request)
    show_errors(list(plan.errors))
    for reason, count in plan.reasons.most_common():
        click.echo(f"{count:,} {WHY[reason]}", err=True)
    return encoded("".join(f"{one.reason}\t{shown(one.source.path)}\n" for one in plan.documents))


def end(codes: Counter[int], documents: int) -> None:
    """End with the exit code of the errors, already shown: their own where all documents failed alike, else 8."""
    if codes:
        alike = len(codes) == 1 and codes.total() == documents
        raise SystemExit(next(iter(codes)) if alike else SomeFailed.exit_code)


def show_errors(errors: list[PravkaError]) -> None:
    """Show each error on a line of standard error."""
    for error in errors:
        click.echo(f"pravka: {error}", err=True)


def show_summary(tally: "Tally", out: Path) -> None:
    """Show what a batch came to: of few pages each, of many the sums; and where the results are; on stderr."""
    from pipeline.batch import SHOWN

    few = tally.first if len(tally.first) <= SHOWN else []
    if few:
        show_pages(few)
    elif tally.done:
        sums = f"{tally.words:,} words, {tally.repaired:,} repaired, {tally.doubtful:,} doubtful"
        click.echo(f"{tally.done:,} documents are done: {sums}, {tally.citations:,} citations", err=True)
    if tally.failed and tally.ended > 1:
        causes = ", ".join(f"{count:,} {cause}" for cause, count in tally.causes.most_common())
        click.echo(f"{tally.failed:,} failed: {causes}", err=True)
    if tally.before:
        click.echo(f"{tally.before:,} were done before", err=True)
    if tally.left:
        click.echo(f"{tally.left:,} failed before and were left: --redo failed tries them again", err=True)
    if tally.done or tally.first:
        click.echo(f"The results are in {out}", err=True)


def show_pages(pages: list[tuple[str, "PageEntry"]]) -> None:
    """Show, per page, words, repaired, doubtful and citations; on stderr."""
    from rich.console import Console
    from rich.table import Table

    table = Table("page", *(("words", "repaired", "doubtful", "citations")), box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, page in sorted(pages, key=lambda row: row[0]):
        figures = map(str, (page.words, page.repaired, page.doubtful, page.citations))
        table.add_row(name, *figures, style="red" if page.error else "")
    Console(stderr=True).print(table)
    for name, page in pages:
        if page.turned:
            click.echo(f"{name} did not stand upright and was turned by {page.turned}°", err=True)


@pravka.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of a table.")
def status(folder: Path, as_json: bool) -> None:
    """Show what `pravka clean` has done in FOLDER, what failed and why, and what a rerun would do.

    \b
    Examples:
      pravka status out
      pravka status out --json | jq '.failed[].name'
    """
    from pipeline.batch import status_json, status_of, status_text
    from pipeline.write import encoded

    found = status_of(folder)
    print_bytes(encoded(status_json(found) if as_json else status_text(found)))


@pravka.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@output_option("Write here instead of to standard output.")
@click.option("--json", "as_json", is_flag=True, help="Write the JSON record instead of the text.")
@click.option("--corrections", type=click.Path(path_type=Path), help="Write a table of the corrections (TSV) here.")
@click.option("--residue", type=click.Path(path_type=Path), help="Write a table of what still looks broken (TSV) here.")
@click.option("--diff", is_flag=True, help="Show the changed lines, old and new, instead of the text.")
@click.option(
    "--line-buffered", is_flag=True, help="Write each line as soon as it is there, by what the lines before it tell."
)
@click.option(
    "--jsonl",
    "field",
    metavar="FIELD",
    help="Each line is a JSON object: repair its string FIELD (a.b is b in a), add FIELD_language and FIELD_quality.",
)
@click.option(
    "--drop-below", "least", type=FiniteRange(0, 1), help="With --jsonl: leave out records of lower quality (0 to 1)."
)
@repair_options(images=False)
def fix(
    file: Path | None,
    out: Path | None,
    as_json: bool,
    corrections: Path | None,
    residue: Path | None,
    diff: bool,
    line_buffered: bool,
    field: str | None,
    least: float | None,
    **chosen: Any,
) -> None:
    """Repair a text, hOCR or ALTO, from FILE or standard input, and print it.

    Lines, spaces and whatever is not repaired stay byte for byte as they are, unless --layout flow joins lines. Of PAGE
    XML the text is printed. Text over 1 MB is repaired in blocks, so that a pipe need not end.

    \b
    Examples:
      pravka fix broken.txt > repaired.txt
      pdftotext article.pdf - | pravka fix --diff
      pravka fix broken.txt -o repaired.txt --corrections changes.tsv --residue left.tsv
      tail -f ocr.log | pravka fix --line-buffered
      zcat corpus.jsonl.gz | pravka fix --jsonl text --drop-below 0.8
    """
    from pipeline.document import Corrector
    from pipeline.stream import BLOCK, opened, repair_lines, repair_stream, tabled

    flow = chosen["layout"] == "flow"
    shown = {"--json": as_json, "--diff": diff, "--layout flow": flow}
    tables = {"--corrections": corrections, "--residue": residue}
    refuse_together({"--jsonl": field, "--line-buffered": line_buffered, **shown, **tables})
    if least is not None and not field:
        raise UsageError("--drop-below is about records", "Use it with --jsonl FIELD")
    if field == "":
        raise UsageError("--jsonl names no field", "Name the one that holds the text")
    options = Options(**chosen)
    corrector = Corrector.load(options.lang, options)
    gc.freeze()  # else what was loaded is searched for garbage again and again: a twentieth of the time
    with opened(file) as text:
        if field:
            fix_records(corrector, text, field, least or 0.0, out)
        else:
            size = None if as_json or flow else BLOCK
            parts = repair_lines(corrector, text) if line_buffered else repair_stream(corrector, text, size)
            emit((seen(part, as_json, diff, options) for part in tabled(parts, corrections, residue)), out)


def refuse_together(asked: Mapping[str, Any]) -> None:
    """Raise UsageError if two options are asked for that exclude each other."""
    for one, other in APART:
        if asked[one] and asked[other]:
            raise UsageError(f"{one} and {other} exclude each other", "Choose one")


def seen(part: "Part", as_json: bool, diff: bool, options: Options) -> bytes:
    """Return what is to be seen of a repaired part: its text, record or differences."""
    from pipeline.write import encoded, json_of, text_of

    if as_json:
        return encoded(json_of(part.document()))
    if diff:
        return encoded("".join(differences(part.document(), part.before)))
    return encoded(text_of(part.document(), options)) if options.layout == "flow" else part.content


def fix_records(corrector: "Corrector", given: "Input", field: str, least: float, out: Path | None) -> None:
    """Repair the records of JSON lines; those that cannot be are told on standard error, the first of them singly."""
    from pipeline.records import Records

    records = Records(corrector, given, field, least)
    emit(told(records), out)
    if records.bad:
        count = f"{records.bad} of {records.bad + records.good} records"
        fail(
            f"{count} stay as they were: no JSON, or no text in {field}.",
            SomeFailed.exit_code if records.good else UnreadableInput.exit_code,
        )


def told(records: "Records") -> Iterator[bytes]:
    """Yield the bytes of records; show why the first bad ones are bad."""
    for record in records:
        if record.problem and records.bad <= TOLD:
            click.echo(f"pravka: line {record.line}: {record.problem}", err=True)
        yield record.content


def emit(contents: Iterator[bytes], out: Path | None) -> None:
    """Write parts as they come, to a file that is whole in the end, or to standard output."""
    from pipeline.write import write_whole

    if out:
        write_whole(out, contents)
    else:
        for content in contents:
            print_bytes(content)


def print_bytes(result: bytes) -> None:
    """Write to standard output; a closed pipe ends the program quietly. Raises CannotWrite."""
    if sys.stdout is None:
        raise CannotWrite("Standard output is closed", "Use -o FILE")
    try:
        sys.stdout.buffer.write(result)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(PIPE_CLOSED) from None
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise CannotWrite(
            f"Standard output cannot be written: {error.strerror}", "Free some space, or use -o FILE"
        ) from error


def differences(document: "Document", before: int = 0) -> Iterator[str]:
    """Yield the changed lines, old and new, with their numbers; before them were so many lines."""
    for page in document.pages:
        place = f"page {page.number}, line" if len(document.pages) > 1 else "line"
        for number, line in enumerate(page.lines, start=before + 1):
            if line.text != line.original:
                yield f"@@ {place} {number}\n-{line.original}\n+{line.text}\n"


@pravka.command("cite")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMATS),
    default=FORMATS[0],
    show_default=True,
    help="What to write.",
)
@output_option("Write to this file instead of standard output.")
@click.option("--romanise", type=click.Choice(SCHEMES), default=None, help="Give each shelfmark in Latin letters too.")
@repair_options(images=True, written=False)
def cite(inputs: tuple[Path, ...], format_name: str, out: Path | None, romanise: str | None, **chosen: Any) -> None:
    """Find the archival citations in pages, PDFs, texts, hOCR, ALTO, or the JSON that `pravka clean` wrote.

    There is one result for all. Each delo is one citation, with what it inherits from the citation before it. What the
    formats hold, and what Zotero shows of them: docs/citations.md.

    \b
    Examples:
      pravka cite article.pdf > citations.json
      pravka cite out/*.json --format ris -o archives.ris
      pravka cite notes.txt --format wiki --romanise ala-lc
    """
    from pipeline.batch import bar_of, cite_all
    from pipeline.cite import references
    from pipeline.source import find_documents, refuse_input
    from pipeline.write import CITATION_FORMATS, encoded, write_whole

    options = Options(**chosen)
    found = find_documents(inputs, one_result=True, limits=options.limits)
    if out:
        refuse_input(found.sources, out)
    cited = []
    bar, task = bar_of()
    with bar:
        for one in cite_all(found.sources, options):
            cited.append(one)
            bar.update(task, total=len(found.sources), advance=1, description=one.name)
    errors = [*found.errors, *(one.error for one in cited if one.error)]
    show_errors(errors)
    if any(one.found or not one.error for one in cited):
        listed = references((each for one in cited for each in one.found), romanise or "")
        result = encoded(CITATION_FORMATS[format_name](listed))
        write_whole(out, result) if out else print_bytes(result)
    end(Counter(error.exit_code for error in errors), len(found.errors) + len(cited))


def glyph_map_option(command: Command) -> Command:
    """Add the option that names the OCR model whose misreadings count."""
    return click.option(
        "--glyph-map", type=click.Choice(MODELS), default=MODELS[0], show_default=True, help="Whose misreadings."
    )(command)


@pravka.command("explain")
@click.argument("words", nargs=-1, required=True, metavar="WORD...")
@click.option("--context", default="", metavar="LINE", help="Look at the words inside this line that has them.")
@glyph_map_option
@click.option("--json", "as_json", is_flag=True, help="Write one JSON array instead of the tables.")
def explain_words(words: tuple[str, ...], context: str, glyph_map: str, as_json: bool) -> None:
    """Show how the decoder sees words: costs (in nats), candidates, and why a word is changed or is not.

    This is its first look: what a whole document would teach it is not there.

    \b
    Examples:
      pravka explain 6onbweBuKu
      pravka explain He roga. --context "He Oblio xne6a Toro roga."
      pravka explain --json 3TO | jq '.[0].candidates[0]'
    """
    from pipeline.document import Corrector
    from pipeline.explain import explain
    from pipeline.write import encoded, explanations_json

    explanations = explain(Corrector.load(), words, context, glyph_map)
    print_bytes(encoded(explanations_json(explanations) if as_json else drawn(explanations)))


def drawn(explanations: tuple["Explanation", ...]) -> str:
    """Return explanations as a reader likes them: for each a line of the decision, a table of candidates, the path."""
    from rich.console import Console

    console = Console(markup=False, emoji=False, highlight=False, width=WIDTH)
    with console.capture() as captured:
        for number, explanation in enumerate(explanations):
            console.print(*[""] * bool(number), *described(explanation), sep="\n", soft_wrap=True)
    return captured.get()


def described(explanation: "Explanation") -> Iterator[Any]:
    """Yield the lines of an explanation, and its table."""
    from pipeline.explain import WHY

    is_changed = explanation.text != explanation.word
    yield f"{explanation.word} -> {explanation.text}" if is_changed else f"{explanation.word} stays as it is"
    yield f"  why: {WHY[explanation.why]}"
    yield f"  posteriors: {explanation.posterior:.4f}, Russian {explanation.russian:.4f}"
    latin, russian = explanation.latin_cost, explanation.russian_cost
    yield f"  as it stands: {latin:.1f} nats as Latin text, {russian:.1f} in Russian text"
    yield f"  the word before: {explanation.before or 'none, a sentence starts'}"
    if explanation.candidates:
        best = explanation.candidates[0]
        yield candidate_table(explanation)
        yield f"  path of {best.text}: " + ", ".join(f"{read or 'nothing'} -> {printed}" for read, printed in best.path)


def candidate_table(explanation: "Explanation") -> Any:
    """Return the table of the candidates: costs and lifts in nats, posteriors."""
    from rich.table import Table

    names = ("cost", "prior", "case", "channel", "lift", "company", "posterior", "by")
    table = Table("  candidate", *names, box=None, pad_edge=False)
    for column in table.columns[1:-1]:
        column.justify = "right"
    for one in explanation.candidates:
        costs = [f"{cost:.1f}" for cost in (one.cost, one.prior, one.case, one.channel)]
        table.add_row(
            f"  {one.text}", *costs, f"{one.lift:+.1f}", f"{one.company:+.1f}", f"{one.posterior:.4f}", one.reason
        )
    return table


@pravka.command("garble")
@click.argument("words", nargs=-1, required=True, metavar="WORD...")
@click.option("-n", "--most", type=click.IntRange(1), default=10, show_default=True, help="Misreadings of each word.")
@glyph_map_option
@click.option("--json", "as_json", is_flag=True, help="Write one JSON array instead of lines.")
def garble_words(words: tuple[str, ...], most: int, glyph_map: str, as_json: bool) -> None:
    """Show how OCR is likeliest to misread Russian words, with the probability of each reading.

    \b
    Examples:
      pravka garble большевику
      pravka garble -n 3 Не было --glyph-map tesseract-rus+eng
      pravka garble --json правда | jq -r '.[0].readings[].text'
    """
    from pipeline.document import read_map
    from pipeline.garble import garblings
    from pipeline.write import encoded, garblings_json, garblings_tsv

    known = read_map(glyph_map, "rus")
    garbled = {word: garblings(word, known, most) for word in words}
    print_bytes(encoded(garblings_json(garbled) if as_json else garblings_tsv(garbled)))


@pravka.command()
def doctor() -> None:
    """Check that everything is there that Pravka needs, and read a page as a test."""
    from pipeline.doctor import check

    failed = []
    for finding in check():
        click.echo(f"{'ok  ' if finding.error is None else 'FAIL'} {finding.name}: {finding.error or finding.detail}")
        if finding.error:
            failed.append(finding.error)
    if failed:
        raise SystemExit(failed[0].exit_code)


@pravka.group()
def learn() -> None:
    """Make the shipped data anew: `pip install pravka[learn]` first."""


def fonts_options(pages: int) -> Callable[[Command], Command]:
    """Add the options of what is rendered and read."""
    path = click.Path(path_type=Path)
    options = (
        click.option(
            "--fonts", type=path, default=Path("glyphmaps/fonts.tsv"), show_default=True, help="The list of fonts."
        ),
        click.option(
            "--pages", type=click.IntRange(1), default=pages, show_default=True, help="Pages to render in each font."
        ),
        click.option(
            "--work",
            type=path,
            default=Path("work/readings"),
            show_default=True,
            help="Keeps what was read: an interrupted run goes on.",
        ),
        click.option("-j", "--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, help="Tesseracts at a time."),
    )

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@learn.command("glyphmap")
@click.option(
    "--model",
    type=click.Choice(MODELS),
    default=MODELS[0],
    show_default=True,
    help="Whose confusions.",
)
@fonts_options(27)
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="The glyph map to write.")
def learn_glyphmap(model: str, fonts: Path, pages: int, work: Path, jobs: int, out: Path) -> None:
    """Learn how an OCR model misreads Russian, from rendered pages; show what it does on fonts held out."""
    from pipeline import data
    from pipeline.learn.glyphmap import learn_glyph_map, report
    from pipeline.learn.text import Sampler
    from pipeline.repair.context import LanguageModel
    from pipeline.repair.lexicon import Lexicon
    from pipeline.repair.search import Searcher
    from pipeline.write import encoded, write_whole

    lexicon = Lexicon.of(data.arrays("rus"))
    with click.progressbar(length=0, label="words read", file=sys.stderr, show_pos=True) as bar:
        learned = learn_glyph_map(fonts, model, Sampler.of(lexicon), work, pages, jobs, bar.update)
    write_whole(out, encoded(learned.text))
    model_of_context = LanguageModel.of(data.arrays("rus-context"))
    for line in report(out, learned.held, Searcher(lexicon, model_of_context)):
        click.echo(line)


@learn.command("archives")
@click.option("--model", type=click.Choice(MODELS), default=MODELS[0], show_default=True, help="Whose readings.")
@fonts_options(4)
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="The folder to write to.")
def learn_archives(model: str, fonts: Path, pages: int, work: Path, jobs: int, out: Path) -> None:
    """Learn how an OCR model misreads the names of archives, from rendered pages."""
    from pipeline import data
    from pipeline.learn.archives import learn_archive_names
    from pipeline.repair.archives import archives_of
    from pipeline.write import encoded, write_whole

    listed = [one.abbreviation for one in archives_of([data.data_file("lexicons", "archives.tsv")]).listed]
    with click.progressbar(length=0, label="words read", file=sys.stderr, show_pos=True) as bar:
        learned = learn_archive_names(fonts, model, listed, work, pages, jobs, bar.update)
    for name, text in learned.items():
        write_whole(out / f"{name}.tsv", encoded(text))
        click.echo(f"{out / name}.tsv is written")


def recipe_option(name: str) -> Callable[[Command], Command]:
    """Return the option that names the sources of a lexicon and their weights."""
    return click.option(
        "--recipe",
        type=click.Path(path_type=Path),
        default=Path(f"lexicons/{name}.toml"),
        show_default=True,
        help="Sources and weights.",
    )


@learn.command("wordmap")
@click.option("--model", type=click.Choice(["tesseract-eng"]), default="tesseract-eng", help="Whose readings.")
@fonts_options(6)
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="The word map to write.")
def learn_wordmap(model: str, fonts: Path, pages: int, work: Path, jobs: int, out: Path) -> None:
    """Learn how an OCR model reads whole short words, from rendered pages."""
    from pipeline import data
    from pipeline.learn.text import Sampler
    from pipeline.learn.wordmap import learn_word_map
    from pipeline.repair.lexicon import Lexicon
    from pipeline.write import encoded, write_whole

    sampler = Sampler.of(Lexicon.of(data.arrays("rus")))
    with click.progressbar(length=0, label="words read", file=sys.stderr, show_pos=True) as bar:
        learned = learn_word_map(fonts, model, sampler, work, pages, jobs, bar.update)
    write_whole(out, encoded(learned))
    click.echo(f"{out} is written")


@learn.command("latinprint")
@fonts_options(12)
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="The glyph map to write.")
def learn_latinprint(fonts: Path, pages: int, work: Path, jobs: int, out: Path) -> None:
    """Learn what Tesseract's rus+eng model makes of English print that it takes for Russian, from rendered pages."""
    from pipeline import data
    from pipeline.learn.latinprint import learn_latin_print, report_latin_print
    from pipeline.repair.channel import read_glyph_map
    from pipeline.repair.latin import Keeper, Latin
    from pipeline.repair.latinprint import LatinPrint
    from pipeline.write import encoded, write_whole

    with click.progressbar(length=0, label="words read", file=sys.stderr, show_pos=True) as bar:
        learned = learn_latin_print(fonts, work, pages, jobs, bar.update)
    write_whole(out, encoded(learned.text))
    for line in report_latin_print(
        LatinPrint(read_glyph_map(out), Keeper(Latin.of(data.arrays("latin")))), learned.held
    ):
        click.echo(line)


@learn.command("language-model")
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...", type=click.Path(path_type=Path))
@recipe_option("rus")
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="The language model to write.")
def learn_language_model(folders: tuple[Path, ...], recipe: Path, out: Path) -> None:
    """Count which words follow which in the texts of FOLDERs.

    Texts that no source of the recipe names count as one source more, with the weight of its heaviest.
    """
    from pipeline import data
    from pipeline.learn.language_model import build_language_model
    from pipeline.learn.lexicon import read_recipe
    from pipeline.repair.lexicon import Lexicon
    from pipeline.write import write_whole

    write_whole(out, build_language_model(folders, read_recipe(recipe), Lexicon.of(data.arrays("rus"))))
    click.echo(f"{out} is written")


@learn.command("company")
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...", type=click.Path(path_type=Path))
@recipe_option("rus")
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="The model to write.")
def learn_company(folders: tuple[Path, ...], recipe: Path, out: Path) -> None:
    """Learn which company words keep in the texts of FOLDERs: what stands up to four words away."""
    from pipeline import data
    from pipeline.learn.company import PLACES, build_company
    from pipeline.learn.lexicon import read_recipe
    from pipeline.repair.context import LanguageModel
    from pipeline.repair.lexicon import Lexicon
    from pipeline.write import write_whole

    models = Lexicon.of(data.arrays("rus")), LanguageModel.of(data.arrays("rus-context"))
    with click.progressbar(length=PLACES, label="words learned from", file=sys.stderr) as bar:
        made = build_company(folders, read_recipe(recipe), *models, lambda places, _: bar.update(places))
    write_whole(out, made)
    click.echo(f"{out} is written")


@learn.command("lexicon")
@click.argument("folder", type=click.Path(path_type=Path))
@recipe_option("rus")
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="The lexicon to write.")
def learn_lexicon(folder: Path, recipe: Path, out: Path) -> None:
    """Count the texts of FOLDER into a lexicon."""
    from pipeline.learn.lexicon import build_lexicon, read_recipe
    from pipeline.write import write_whole

    write_whole(out, build_lexicon(folder, read_recipe(recipe)))
    click.echo(f"{out} is written")


@learn.command("forms")
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="The graph of rare forms to write.")
def learn_forms(out: Path) -> None:
    """Gather the forms of OpenCorpora's dictionary that the lexicon has not."""
    from pipeline import data
    from pipeline.learn.forms import build_forms
    from pipeline.repair.lexicon import Lexicon
    from pipeline.write import write_whole

    write_whole(out, build_forms(Lexicon.of(data.arrays("rus"))))
    click.echo(f"{out} is written")


@learn.command("latin")
@recipe_option("latin")
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="The model to write.")
def learn_latin(recipe: Path, out: Path) -> None:
    """Make the model of clean text in Latin letters."""
    from pipeline.learn.latin import build_latin
    from pipeline.write import write_whole

    write_whole(out, build_latin(recipe))
    click.echo(f"{out} is written")


def main() -> None:
    """Run the command; turn every error into one line and its exit code."""
    for number in SIGNALS:
        # What a parent ignores stays ignored: `nohup`, a shell's `&`.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, interrupt)
    try:
        pravka.main(standalone_mode=False)
    except PravkaError as error:
        fail(str(error), error.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        fail("Interrupted.", Interrupted.exit_code)
    except click.UsageError as error:
        error.show()
        sys.exit(UsageError.exit_code)
    except click.ClickException as error:
        fail(error.format_message(), UsageError.exit_code)
    except Exception as error:
        if os.environ.get("PRAVKA_DEBUG"):
            raise
        fail(f"Internal error: {type(error).__name__}: {error}. Set PRAVKA_DEBUG=1, run again, report that.", INTERNAL)


def interrupt(*_: object) -> None:
    """End as when the user interrupts: clean up, and say how to go on."""
    raise KeyboardInterrupt


def ignore_signals() -> None:
    """Let the program say how it ended: who asks once more for its end gets nothing else."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def fail(message: str, code: int) -> None:
    """Show a message and end."""
    ignore_signals()
    click.echo(f"pravka: {message}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
