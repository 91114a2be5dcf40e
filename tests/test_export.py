"""Citations in the formats of other programs, read by readers of their own."""

import csv
import io
import json
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from referencing import Registry
from referencing.jsonschema import DRAFT202012

import pipeline.write as writing
from pipeline.cite import FIELDS, Found, Reference, recorded, references
from pipeline.cite.romanise import language_of, letters, romanise
from pipeline.errors import UnreadableInput
from pipeline.model import Box, Citation, Document, Leaf, Page
from pipeline.options import FORMATS, SCHEMES
from pipeline.write import CITATION_FORMATS, encoded, json_of

SCHEMAS: Final = Path(writing.__file__).parent
CSL: Final = json.loads((Path(__file__).parent / "data" / "csl-data.json").read_text(encoding="utf-8"))
TEI: Final = "{http://www.tei-c.org/ns/1.0}"

ONE: Final = Citation(
    text="РГАСПИ. Ф. 17. Оп. 3. Д. 412. Л. 4, 118 об.",
    raw="[PTACIIN. ®. 17. On. 3. J]. 412. JI. 4, 118 06.",
    fields={"archive": "РГАСПИ", "fond": "17", "opis": "3", "delo": "412", "leaves": "4, 118 об."},
    line=3,
    end_line=4,
    confidence=0.91234567,
    markers={"fond": "Ф.", "opis": "Оп.", "delo": "Д.", "leaves": "Л."},
    leaves=(Leaf("4", False, "4", False), Leaf("118", True, "118", True)),
    boxes=(Box(1, 2, 30, 40), Box(5, 60, 70, 80)),
)
BOXED: Final = Citation(
    "ОР РГБ. Ф. 178. К. 3. Ед. хр. 5. Л. 2 (Лидин)",
    "",
    {"archive": "ОР РГБ", "fond": "178", "box": "3", "delo": "5", "leaves": "2", "person": "Лидин"},
    0,
    0,
    0.5,
    ("unknown-archive", "uncertain"),
    {"fond": "Ф.", "box": "К.", "delo": "Ед. хр.", "leaves": "Л."},
    (Leaf("2", False, "2", False),),
)
LATIN: Final = Citation(
    "GARF, f. R-5446, op. 12, d. 77, ll. 4-6ob.",
    "GARF, f. R-5446, op. 12, d. 77, ll. 4-6ob.",
    {"archive": "GARF", "fond": "R-5446", "opis": "12", "delo": "77", "leaves": "4-6ob."},
    7,
    7,
    None,
    ("romanised",),
    {"fond": "f.", "opis": "op.", "delo": "d.", "leaves": "ll."},
    (Leaf("4", False, "6", True),),
)
FOUND: Final = [Found("стр/p00.png", 2, ONE), *(Found("a.txt", 1, one) for one in (BOXED, LATIN, ONE))]
KEYS: Final = ["rgaspi-17-3-412", "orrgb-178-3-5", "garf-r5446-12-77", "rgaspi-17-3-412-2"]
SHELFMARKS: Final = [
    "РГАСПИ. Ф. 17. Оп. 3. Д. 412. Л. 4, 118 об.",
    "ОР РГБ. Ф. 178. К. 3. Ед. хр. 5. Л. 2",
    "GARF, f. R-5446, op. 12, d. 77, ll. 4-6ob.",
    "РГАСПИ. Ф. 17. Оп. 3. Д. 412. Л. 4, 118 об.",
]


def written(format_name: str, found: Sequence[Found] = FOUND, scheme: str = "") -> str:
    """What `pravka cite --format` writes, as a reader of UTF-8 gets it."""
    return encoded(CITATION_FORMATS[format_name](references(found, scheme))).decode("utf-8")


def test_every_format_has_a_writer() -> None:
    assert tuple(CITATION_FORMATS) == FORMATS


# ---------------------------------------------------------------- our own


def checked(text: str) -> list[dict[str, Any]]:
    schemas = [
        json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")) for name in ("document", "citations")
    ]
    registry: Registry[Any] = Registry().with_resources(
        [(schema["$id"], DRAFT202012.create_resource(schema)) for schema in schemas]
    )
    record = json.loads(text, parse_constant=pytest.fail)
    jsonschema.Draft202012Validator.check_schema(schemas[1])
    jsonschema.Draft202012Validator(schemas[1], registry=registry).validate(record)
    return list(record["citations"])


def test_json() -> None:
    records = checked(written("json", scheme="ala-lc"))
    assert [record["key"] for record in records] == KEYS
    assert [record["shelfmark"] for record in records] == SHELFMARKS
    first = records[0]
    assert (first["document"], first["page"], first["line"], first["end_line"]) == ("стр/p00.png", 2, 3, 4)
    assert (first["text"], first["raw"], first["confidence"]) == (ONE.text, ONE.raw, 0.9123)
    assert first["fields"] == ONE.fields
    assert first["boxes"] == [[1, 2, 30, 40], [5, 60, 70, 80]]
    assert first["leaves"][1] == {"first": "118", "first_verso": True, "last": "118", "last_verso": True}
    assert first["romanised"] == "RGASPI. F. 17. Op. 3. D. 412. L. 4, 118 ob."
    assert (records[2]["romanised"], records[2]["confidence"]) == (SHELFMARKS[2], None)
    assert [record["romanised"] for record in checked(written("json"))] == [""] * 4


def test_csv() -> None:
    text = written("csv")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert text.count("\r\n") == text.count("\n") == 5
    assert [row["key"] for row in rows] == KEYS
    assert [row["shelfmark"] for row in rows] == SHELFMARKS
    assert {name: rows[1][name] for name in FIELDS if rows[1][name]} == BOXED.fields
    assert (rows[0]["boxes"], rows[0]["confidence"], rows[2]["confidence"]) == ("1 2 30 40; 5 60 70 80", "0.9123", "")
    assert rows[1]["flags"] == "unknown-archive; uncertain"


# ---------------------------------------------------------------- bibliographies


def test_csl() -> None:
    items = json.loads(written("csl"))
    jsonschema.Draft7Validator(CSL).validate(items)
    assert [item["id"] for item in items] == KEYS
    first = items[0]
    assert (first["type"], first["title"], first["archive"]) == ("manuscript", SHELFMARKS[0], "РГАСПИ")
    assert first["archive_location"] == "Ф. 17. Оп. 3. Д. 412. Л. 4, 118 об."
    assert items[1]["note"] == "Cited in a.txt, page 1; person: Лидин; flags: unknown-archive, uncertain"
    assert items[1]["custom"] == BOXED.fields
    assert json.loads(written("csl", scheme="iso9"))[0]["title"] == "RGASPI. F. 17. Op. 3. D. 412. L. 4, 118 ob."


def test_ris() -> None:
    text = written("ris")
    assert re.fullmatch(r"(?:[A-Z][A-Z0-9]  - [^\r\n]*\r\n)+", text)
    entries = rispy.loads(text.replace("\r\n", "\n"))
    assert [entry["id"] for entry in entries] == KEYS
    first = entries[0]
    assert (first["type_of_reference"], first["title"]) == ("MANSCPT", SHELFMARKS[0])
    assert first["name_of_database"] == "РГАСПИ"
    location = "Ф. 17. Оп. 3. Д. 412. Л. 4, 118 об."
    assert (first["accession_number"], first["unknown_tag"]["AV"]) == (location, [location])
    assert first["notes"] == ["Cited in стр/p00.png, page 2"]


def test_bibtex() -> None:
    library = parse_string(written("bibtex"))
    assert not library.failed_blocks
    assert [entry.key for entry in library.entries] == KEYS
    first = library.entries[0]
    assert first.entry_type == "misc"
    values = {field.key: field.value for field in first.fields}
    assert (values["note"], values["archive"]) == (SHELFMARKS[0], "РГАСПИ")
    assert (values["fond"], values["opis"], values["delo"], values["leaves"]) == ("17", "3", "412", "4, 118 об.")


# ---------------------------------------------------------------- markup


def test_tei() -> None:
    root = etree.fromstring(written("tei", scheme="ala-lc").encode())
    assert root.tag == f"{TEI}listBibl"
    identifiers = root.findall(f"{TEI}msDesc/{TEI}msIdentifier")
    assert [one.getparent().get("{http://www.w3.org/XML/1998/namespace}id") for one in identifiers] == KEYS
    first, second = identifiers[:2]
    assert first.findtext(f"{TEI}repository") == "РГАСПИ"
    collections = second.findall(f"{TEI}collection")
    assert [(one.get("type"), one.text) for one in collections] == [("fond", "178"), ("box", "3")]
    assert first.findtext(f"{TEI}idno[@type='delo']") == "412"
    assert first.findtext(f"{TEI}altIdentifier/{TEI}idno") == "RGASPI. F. 17. Op. 3. D. 412. L. 4, 118 ob."
    leaves = first.getparent().findall(f"{TEI}p/{TEI}locus")
    assert [(one.get("from"), one.get("to")) for one in leaves] == [("4", "4"), ("118v", "118v")]


def test_wiki() -> None:
    assert written("wiki").splitlines() == [
        "{{cite Russian archive |institution=РГАСПИ |fond=17 |opis=3 |delo=412 |pages=4, 118 об.}}",
        "{{cite Russian archive |institution=ОР РГБ |fond=178 |box=3 |unit=5 |page=2 |note=Лидин}}",
        "{{cite Russian archive |institution=GARF |fond=R-5446 |opis=12 |delo=77 |pages=4-6ob.}}",
        "{{cite Russian archive |institution=РГАСПИ |fond=17 |opis=3 |delo=412 |pages=4, 118 об.}}",
    ]


# ---------------------------------------------------------------- whatever is in them


def test_nothing_found() -> None:
    assert checked(written("json", [])) == []
    assert written("csv", []).startswith("key,document,page")
    assert json.loads(written("csl", [])) == []
    assert (written("ris", []), written("bibtex", []), written("wiki", [])) == ("", "", "")
    assert len(etree.fromstring(written("tei", []))) == 0


@given(
    st.text(st.characters(), max_size=12),
    st.sampled_from(["archive", "fond", "delo", "leaves", "person"]),
    st.binary(max_size=12).map(os.fsdecode),
)
def test_any_text_can_be_exported(text: str, name: str, document: str) -> None:
    fields = {**ONE.fields, name: text}
    found = [Found(document, 1, replace(ONE, text=text, raw=text, fields=fields)), FOUND[1]]
    assert len(checked(written("json", found, "iso9"))) == 2
    assert len(list(csv.reader(io.StringIO(written("csv", found), newline="")))) == 3
    jsonschema.Draft7Validator(CSL).validate(json.loads(written("csl", found)))
    assert len(rispy.loads(written("ris", found).replace("\r\n", "\n"))) == 2
    library = parse_string(written("bibtex", found))
    assert (len(library.entries), len(library.failed_blocks)) == (2, 0)
    assert len(etree.fromstring(written("tei", found).encode())) == 2
    assert written("wiki", found).count("\n") == 2
    assert written("wiki", found).count("{{cite Russian archive") == 2


@given(st.lists(st.sampled_from([ONE, BOXED, LATIN, replace(ONE, fields={"archive": "РГАСПИ-17", "fond": "3"})])))
def test_keys_differ(citations: list[Citation]) -> None:
    keys = [one.key for one in references(Found("a", 1, citation) for citation in citations)]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*", key) for key in keys)


def test_a_key_without_a_name() -> None:
    (one,) = references([Found("a", 1, replace(ONE, fields={"delo": "5"}))])
    assert (one.key, one.shelfmark) == ("archive-5", "Д. 5")


# ---------------------------------------------------------------- records of documents


def test_citations_come_back_from_the_record_of_a_document(tmp_path: Path) -> None:
    page = Page(2, (), (), (replace(ONE, confidence=0.5), LATIN), 100, 100)
    path = tmp_path / "p00.json"
    path.write_bytes(encoded(json_of(Document("стр/p00.png", "ab" * 32, (Page(1, error="no"), page)))))
    found = recorded(path)
    assert found == [Found("стр/p00.png", 2, one) for one in page.citations]
    assert [list(one.citation.fields) for one in found] == [list(one.fields) for one in page.citations]


OWN: Final = '{"schema":{"name":"pravka-document","version":2}'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[1]",
        b'{"schema":{"name":"pravka-document","version":1}}',
        f"{OWN}}}".encode(),
        f'{OWN},"source":{{"name":"a"}},"pages":[{{"number":1,"citations":[{{"confidence":1}}]}}]}}'.encode(),
        f'{OWN},"source":{{"name":"a"}},"pages":7}}'.encode(),
        f'{OWN},"source":{{"name":"\\ud800"}},"pages":[]}}'.encode(),
        b"[" * 100_000,
    ],
)
def test_what_is_no_record_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "p00.json"
    path.write_bytes(content)
    with pytest.raises(UnreadableInput, match="pravka clean") as caught:
        recorded(path)
    assert caught.value.exit_code == 4


# ---------------------------------------------------------------- romanisation


@pytest.mark.parametrize(
    ("text", "scheme", "language", "expected"),
    [
        ("ЦГАИПД СПб", "ala-lc", "ru", "TsGAIPD SPb"),
        ("Юлия, съешь ещё щей", "ala-lc", "ru", "Iuliia, sʺeshʹ eshchë shcheĭ"),
        ("Юлия, съешь ещё щей", "iso9", "ru", "Ûliâ, sʺešʹ eŝë ŝej"),
        ("Київ, Єгорів ґанок", "ala-lc", "uk", "Kyïv, Iehoriv ganok"),
        ("Київ, Єгорів ґанок", "iso9", "uk", "Kiïv, Êgorìv g̀anok"),
        ("Спр. 5. Арк. 19 зв.", "ala-lc", "uk", "Spr. 5. Ark. 19 zv."),
        ("Kept as it is, 12–14 §", "iso9", "ru", "Kept as it is, 12–14 §"),
    ],
)
def test_romanise(text: str, scheme: str, language: str, expected: str) -> None:
    assert romanise(text, scheme, language) == expected


def test_language() -> None:
    assert language_of(ONE) == "ru"
    assert language_of(replace(ONE, markers={"leaves": "арк."})) == "uk"
    assert language_of(replace(ONE, fields={"archive": "Архів"})) == "uk"


REVERSIBLE: Final = [letter for letter in letters("iso9", "ru") if letter not in "ЪЬ"]


@given(st.text(st.sampled_from([*REVERSIBLE, *" .,;–()0123456789"])))
def test_iso_9_can_be_turned_back(text: str) -> None:
    back = {latin: letter for letter, latin in letters("iso9", "ru").items() if letter in REVERSIBLE}
    longest = "|".join(sorted(map(re.escape, back), key=len, reverse=True))
    assert re.sub(longest, lambda found: back[found[0]], romanise(text, "iso9")) == text


ALPHABETS: Final = {"ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("language", ALPHABETS)
def test_schemes_cover_the_alphabets(scheme: str, language: str) -> None:
    alphabet = ALPHABETS[language]
    assert not re.search("[Ѐ-ӿ]", romanise(alphabet + alphabet.upper(), scheme, language))


def test_references_know_their_shelfmarks() -> None:
    one = Reference("k", "a.txt", 1, ONE)
    assert (one.archive, one.location, one.title) == ("РГАСПИ", SHELFMARKS[0].partition(". ")[2], SHELFMARKS[0])
