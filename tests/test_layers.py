"""Text layers: what is read of them, and that they come back with nothing changed but what was repaired."""

import gzip
import re
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layerpages import DATA, VERSIONS, Edit, alto_page, hocr_page, layer_of, repaired, schema
from lxml import etree

from pipeline.document import Corrector, repair_bytes
from pipeline.errors import UnreadableInput, UsageError
from pipeline.layers import alto_of, corrected, hocr_of, open_layer
from pipeline.layers.markup import MARKUP
from pipeline.model import Box, Correction, Document, Line, Page, Token
from pipeline.source import Source, find_documents, kind_of

RECORDED = {"hocr": DATA / "layers" / "tesseract.hocr", "alto": DATA / "layers" / "tesseract.alto.xml"}
MAKERS: dict[str, Callable[[Sequence[Sequence[str]]], str]] = {"hocr": hocr_page, "alto": alto_page}

# ---------------------------------------------------------------- laws of writing back

WORD = st.text(st.sampled_from("abIO06<>&\"'ыЖ—é]-"), min_size=1, max_size=6)
LINES = st.lists(st.lists(WORD, min_size=1, max_size=6), min_size=1, max_size=4)


@st.composite
def edited(draw: st.DrawFn) -> tuple[list[list[str]], list[list[Edit]]]:
    """Lines of words, and edits of them: words replaced, merged, split."""
    lines = draw(LINES)
    edits = []
    for words in lines:
        cuts = sorted(draw(st.sets(st.integers(0, len(words)), max_size=4)))
        spans = list(pairwise(cuts))[::2]
        edits.append([Edit(first, last, " ".join(draw(st.lists(WORD, max_size=3)))) for first, last in spans])
    return lines, edits


def elements(data: bytes, kind: str) -> list[Any]:
    root = etree.fromstring(data)
    found = root.iter("{*}String") if kind == "alto" else root.iterfind(".//{*}span[@class='ocrx_word']")
    return list(found)


def said(element: Any) -> str:
    return str(element.get("CONTENT", "".join(element.itertext())))


def original(element: Any) -> str:
    """What was read, as the file tells it."""
    alternatives = [one.text for one in element.iter("{*}ALTERNATIVE")]
    return str(alternatives[0] if alternatives else element.get("data-original", said(element)))


def place(element: Any) -> tuple[str | None, ...]:
    names = ("ID", "HPOS", "VPOS", "WIDTH", "HEIGHT", "WC", "id", "title", "class")
    return tuple(element.get(name) for name in names)


def is_split_off(element: Any) -> bool:
    return bool(re.search("_[b-z]$", element.get("ID", element.get("id", ""))))


@pytest.mark.parametrize("kind", sorted(MAKERS))
@settings(max_examples=150)
@given(case=edited())
def test_tokens_ids_and_boxes_stay(kind: str, case: tuple[list[list[str]], list[list[Edit]]]) -> None:
    lines, edits = case
    before = MAKERS[kind](lines).encode()
    layer = layer_of(before, kind)
    after = corrected(layer, repaired(layer, edits), VERSIONS)
    assert after is not None
    old, new = elements(before, kind), elements(after, kind)
    kept = [element for element in new if not is_split_off(element)]
    assert list(map(place, kept)) == list(map(place, old))
    assert list(map(original, kept)) == list(map(said, old))
    told = [" ".join(words) for words in expected(lines, edits)]
    rows = groups(new)
    assert [" ".join(filter(None, map(said, rows.get(row, [])))) for row in range(len(lines))] == told
    if not any(map(any, edits)):
        assert after == before
    if kind == "alto":
        assert ALTO_3.validate(etree.fromstring(after)), ALTO_3.error_log


ALTO_3, ALTO_4 = schema("3-1"), schema("4-4")


def groups(found: Sequence[Any]) -> dict[int, list[Any]]:
    rows: dict[int, list[Any]] = {}
    for element in found:
        name = element.get("ID", element.get("id"))
        rows.setdefault(int(re.findall(r"\d+", name)[0]), []).append(element)
    return rows


def expected(lines: Sequence[Sequence[str]], edits: Sequence[Sequence[Edit]]) -> list[list[str]]:
    result = []
    for words, own in zip(lines, edits, strict=True):
        now: list[str] = list(words)
        for edit in reversed(own):
            now[edit.first : edit.last] = edit.text.split()
        result.append(now)
    return result


@pytest.mark.parametrize("kind", sorted(RECORDED))
def test_all_other_bytes_stay(kind: str) -> None:
    before = RECORDED[kind].read_text(encoding="utf-8")
    layer = layer_of(before, kind)
    rows = [line for line in layer.pages[0].lines if line.holders]
    edits = [[Edit(0, 1, "новое")]] + [[] for _ in rows[1:]]
    after = corrected(layer, repaired(layer, edits), VERSIONS)
    assert after is not None
    old, new = before.splitlines(), after.decode().splitlines()
    added = [line for line in new if line not in old]
    assert len(added) == 2 and "pravka" in added[0] and "новое" in added[1] and "lexicon" in added[1]
    assert [line for line in old if line not in new] == [line for line in old if "Tlogcu" in line]


def test_encoding_line_ends_and_marks_stay() -> None:
    text = alto_page([["6opoda", "x"]]).replace("\n", "\r\n").replace("UTF-8", "koi8-r")
    before = text.encode("koi8-r")
    layer = layer_of(before, "alto")
    assert corrected(layer, repaired(layer, [[]]), VERSIONS) == before
    after = corrected(layer, repaired(layer, [[Edit(0, 1, "борода–é")]]), VERSIONS)
    assert after is not None and "борода&#8211;&#233;".encode("koi8-r") in after
    assert said(elements(after, "alto")[0]) == "борода–é"
    assert after.count(b"\r\n") == before.count(b"\r\n") + 1 and after.count(b"\n") == after.count(b"\r\n")
    utf16 = "\ufeff" + alto_page([["6opoda"]]).replace("UTF-8", "UTF-16")
    layer = layer_of(utf16.encode("utf-16-le"), "alto")
    after = corrected(layer, repaired(layer, [[Edit(0, 1, "борода")]]), VERSIONS)
    assert after is not None and after.decode("utf-16-le").startswith("\ufeff<?xml")


# ---------------------------------------------------------------- ALTO


def changed_alto(text: str, *edits: Sequence[Edit]) -> str:
    layer = layer_of(text, "alto")
    after = corrected(layer, repaired(layer, edits), VERSIONS)
    assert after is not None
    return after.decode()


@pytest.mark.parametrize(("version", "valid"), [(3, ALTO_3), (4, ALTO_4)])
@pytest.mark.parametrize("prefix", ["", "a"])
def test_alto_is_valid_and_says_what_changed_it(version: int, valid: Any, prefix: str) -> None:
    p = f"{prefix}:" if prefix else ""
    inside = f'<{p}Shape><{p}Polygon POINTS="1,1 2,2"/></{p}Shape>'
    inside += f'<{p}Glyph CONTENT="x"/>' if version == 4 else ""
    text = changed_alto(alto_page([["JI.9", "x"]], version, prefix, inside), [Edit(0, 1, "Л. 9")])
    assert valid.validate(etree.fromstring(text.encode())), valid.error_log
    assert f"</{p}Shape><{p}ALTERNATIVE" in text and 'ID="s0_0_b"' in text
    step = "contentModification" if version == 4 else f"<{p}postProcessingStep>"
    assert step in text and "lexicon 0123456789ab; glyph-map tesseract-eng" in text
    assert "CS=" not in text


def test_alto_step_is_added_to_those_there_are() -> None:
    text = RECORDED["alto"].read_text(encoding="utf-8").replace('ID="OCR_0"', 'ID="pravka"')
    rows = [line for line in layer_of(text, "alto").pages[0].lines if line.holders]
    after = changed_alto(text, [Edit(0, 1, "новое")], *[[] for _ in rows[1:]])
    assert ALTO_3.validate(etree.fromstring(after.encode())), ALTO_3.error_log
    again = changed_alto(after, [], [Edit(0, 1, "слово")], *[[] for _ in rows[2:]])
    assert again.count("<postProcessingStep>") == 2 and again.count("<ALTERNATIVE") == 2


def test_alto_without_description_gets_a_comment() -> None:
    text = re.sub(r"<Description>.*</Description>", "", alto_page([["6opoda"]]), flags=re.DOTALL)
    assert "<!-- Russian text repaired: pravka 1.2.3" in changed_alto(text, [Edit(0, 1, "борода")])


def test_alto_hyphen_in_an_element_of_its_own_and_the_whole_word_beside_both_halves() -> None:
    text = (
        alto_page([["x", "60po"], ["da,", "y"]])
        .replace('CONTENT="60po"/>', 'CONTENT="60po" SUBS_TYPE="HypPart1" SUBS_CONTENT="60poda"/><HYP CONTENT="¬"/>')
        .replace('CONTENT="da,"', 'CONTENT="da," SUBS_TYPE="HypPart2" SUBS_CONTENT="60poda"')
    )
    layer = layer_of(text, "alto")
    assert [line.read.text for line in layer.pages[0].lines] == ["x 60po-", "da, y"]
    after = changed_alto(text, [Edit(1, 2, "боро-")], [Edit(0, 1, "да,")])
    assert 'CONTENT="боро"' in after and after.count('SUBS_CONTENT="борода"') == 2 and '<HYP CONTENT="¬"/>' in after
    assert ALTO_3.validate(etree.fromstring(after.encode())), ALTO_3.error_log


def test_alto_merge_leaves_the_later_word_empty_and_split_ids_are_new() -> None:
    text = alto_page([["60po", "da", "JI.9.7"]]).replace('ID="s0_1"', 'ID="s0_2_b"')
    after = changed_alto(text, [Edit(0, 2, "борода"), Edit(2, 3, "Л. 9. 7")])
    found = elements(after.encode(), "alto")
    assert [(one.get("ID"), said(one)) for one in found] == [
        ("s0_0", "борода"),
        ("s0_2_b", ""),
        ("s0_2", "Л."),
        ("s0_2_b_2", "9."),
        ("s0_2_c", "7"),
    ]
    left = [float(one.get("HPOS")) for one in found[2:]]
    assert left == sorted(left) and ALTO_3.validate(etree.fromstring(after.encode()))


@pytest.mark.parametrize(
    ("unit", "dpi"), [("pixel", 0), ("mm10", 254), ("inch1200", 1200), ("cubit", 0)], ids=lambda case: str(case)
)
def test_alto_units_are_pixels_of_a_resolution(unit: str, dpi: int) -> None:
    page = layer_of(alto_page([["a"]]).replace(">pixel<", f">{unit}<"), "alto").readings()[0]
    assert (page.dpi, page.width, page.height) == (dpi, 2000, 3000)
    assert page.lines[0].words[0].box == Box(100, 100, 112, 130) and page.lines[0].words[0].confidence == 0.5


# ---------------------------------------------------------------- hOCR


def changed_hocr(text: str, *edits: Sequence[Edit]) -> str:
    layer = layer_of(text, "hocr")
    after = corrected(layer, repaired(layer, edits), VERSIONS)
    assert after is not None
    return after.decode()


def test_hocr_keeps_marks_inside_words_and_deals_letters_to_their_boxes() -> None:
    text = hocr_page([["AAAA", "BBB", "C"]])
    text = text.replace(">AAAA<", "><strong> <em>AAAA</em>\n</strong><")
    text = text.replace(">BBB<", '><span class="ocrx_cinfo">B</span><span class="ocrx_cinfo">BB</span><')
    after = changed_hocr(text, [Edit(0, 1, "да"), Edit(1, 2, "борода")])
    assert "<strong> <em>да</em>\n</strong>" in after
    assert '<span class="ocrx_cinfo">б</span><span class="ocrx_cinfo">орода</span>' in after
    assert 'data-original="AAAA" data-reason="lexicon" data-confidence="0.9000"' in after and "x_wconf 50" in after


def test_hocr_split_has_boxes_and_ids_of_its_own() -> None:
    after = changed_hocr(hocr_page([["JI.9", "x"]]), [Edit(0, 1, "Л. 9")])
    first, second = elements(after.encode(), "hocr")[:2]
    assert (first.get("id"), first.get("title")) == ("w0_0", "bbox 100 100 148 130; x_wconf 50")
    assert (second.get("id"), second.get("title"), said(second)) == ("w0_0_b", "bbox 132 100 148 130; x_wconf 50", "9")


def test_hocr_that_is_no_xml_comes_back_as_it_was() -> None:
    text = hocr_page([["6opoda", "a&amp;b"]], is_xml=False).replace("&amp;amp;", "&nbsp;").replace("</p>", "<br>")
    after = changed_hocr(text, [Edit(0, 1, "борода")])
    assert re.sub(r' data-[^>]*|<meta name="pravka"[^>]*>\n', "", after).replace("борода", "6opoda") == re.sub(
        r'<meta name="pravka"[^>]*>\n', "", text
    )
    assert after.count('<meta name="pravka"') == 1 and "/>" not in after


def test_hocr_lines_without_words() -> None:
    text = re.sub(r"<span class='ocrx_word'[^>]*>([^<]*)</span>", r"\1", hocr_page([["6opoda", "b"], ["a", "b"]]))
    layer = layer_of(text, "hocr")
    assert [line.read.text for line in layer.pages[0].lines] == ["6opoda b", "a b"]
    after = changed_hocr(text, [Edit(0, 1, "бо рода b")], [])
    assert ">бо рода b </span>" in after and ">a b </span>" in after


@pytest.mark.parametrize(
    ("languages", "system", "glyph_map"),
    [
        (["eng"], "tesseract 5.3.0", "tesseract-eng"),
        (["rus", "eng"], "tesseract 4.1.1", "tesseract-rus+eng"),
        (["rus"], "tesseract 4.1.1", "tesseract-rus+eng"),
        (["deu", "eng"], "tesseract 4.1.1", ""),
        ([], "tesseract 4.1.1", ""),
        (["eng"], "ocropus", ""),
    ],
)
def test_hocr_tells_the_glyph_map(languages: list[str], system: str, glyph_map: str) -> None:
    told = "".join(f"<p class='ocr_par' lang='{one}'></p>" for one in languages)
    text = hocr_page([["a"]]).replace("tesseract 5.3.0", system).replace("</body>", told + "</body>")
    layer = layer_of(text, "hocr")
    assert layer.glyph_map == glyph_map
    assert layer.readings("tesseract-eng")[0].glyph_map == "tesseract-eng"


def hocr_problems(data: bytes) -> list[str]:
    """What PyPI's `hocr-spec` has to say, apart from an engine that it does not know."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from hocr_spec import HocrValidator
    with tempfile.NamedTemporaryFile(suffix=".hocr") as file:
        file.write(data)
        file.flush()
        report = HocrValidator("standard").validate(file.name)
    return [re.sub(r" data-\w+=\"[^\"]*\"", "", item.message) for item in report.items if item.level != "DEBUG"]


def test_hocr_is_as_the_specification_has_it() -> None:
    before = hocr_page([["6opoda", "x"], ["y", "z"]]).replace(' title=\'image "a; bbox 1 2 3 4.png"; ', " title='")
    assert not [one for one in hocr_problems(before.encode()) if "ecommended" not in one]
    after = changed_hocr(before, [Edit(0, 1, "бо рода")], [Edit(0, 2, "да")])
    assert hocr_problems(after.encode()) == hocr_problems(before.encode())


# ---------------------------------------------------------------- PAGE, ABBYY, chOCR

PAGE_XML = """<?xml version="1.0"?><PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15">
<Metadata><Creator>Transkribus</Creator></Metadata><Page imageFilename="a.png" imageWidth="2000" imageHeight="3000">
<ReadingOrder><OrderedGroup id="g"><RegionRefIndexed index="1" regionRef="r1"/>
<RegionRefIndexed index="0" regionRef="r2"/>
</OrderedGroup></ReadingOrder>
<TextRegion id="r1"><TextLine id="l1"><Coords points="1,2 30,2 30,40 1,40"/>
<Word id="w1"><Coords points="1,2 10,2 10,40 1,40"/><TextEquiv index="1"><Unicode>no</Unicode></TextEquiv>
<TextEquiv index="0" conf="0.7"><Unicode>first</Unicode></TextEquiv></Word>
<Word id="w2"><Coords points="bad"/><TextEquiv><Unicode>second</Unicode></TextEquiv></Word>
<TextEquiv><Unicode>not this</Unicode></TextEquiv></TextLine></TextRegion>
<TextRegion id="r2"><TextLine id="l2"><Coords points="5,5 9,5 9,9"/>
<TextEquiv><Unicode>a line of text</Unicode></TextEquiv></TextLine></TextRegion></Page></PcGts>"""
ABBYY = """<?xml version="1.0"?><document version="1.0"
 xmlns="http://www.abbyy.com/FineReader_xml/FineReader10-schema-v1.xml">
<page width="2000" height="3000" resolution="300"><block blockType="Text"><text><par><line l="1" t="2" r="60" b="40">
<formatting lang="EnglishUnitedStates"><charParams l="1" t="2" r="9" b="40" charConfidence="80">a</charParams>
<charParams l="10" t="5" r="19" b="30" charConfidence="40">b</charParams>
<charParams l="20" t="2" r="29" b="40"> </charParams>
<charParams l="30" t="2" r="39" b="40" charConfidence="255">c</charParams>
</formatting></line></par></text></block></page>
<page width="10" height="10" resolution="72"></page></document>"""


def test_page_xml() -> None:
    layer = layer_of(PAGE_XML, "page-xml")
    page = layer.readings()[0]
    assert [line.text for line in page.lines] == ["a line of text", "", "first second"]
    assert [word.box for word in page.lines[2].words] == [Box(1, 2, 10, 40), None]
    assert page.lines[2].words[0].confidence == 0.7 and page.lines[0].box == Box(5, 5, 9, 9)
    assert corrected(layer, [Page(1)], VERSIONS) is None


@pytest.mark.parametrize("packed", [False, True])
def test_abbyy_page_by_page(packed: bool, tmp_path: Path) -> None:
    path = tmp_path / "book_abbyy.gz"
    path.write_bytes(gzip.compress(ABBYY.encode()) if packed else ABBYY.encode())
    assert kind_of(path) == "abbyy"
    first, second = open_layer(Source(path, Path(path.name), "abbyy")).readings()
    assert (first.width, first.height, first.dpi, first.lines[0].text) == (2000, 3000, 300, "ab c")
    words = first.lines[0].words
    assert words[0].box == Box(1, 2, 19, 40) and words[0].confidence == pytest.approx(0.6) and not second.lines
    assert words[1].confidence is None


def test_chocr_page_by_page(tmp_path: Path) -> None:
    letters = re.sub(
        r">(a|b|6opoda)</span>", lambda word: ">" + spelled(word[1]) + "</span>", hocr_page([["6opoda", "a"]])
    )
    page = letters[letters.index("<div") : letters.index("</body>")]
    path = tmp_path / "book_chocr.html.gz"
    path.write_bytes(gzip.compress(letters.replace("</body>", page + "</body>").encode()))
    source = find_documents([path]).sources[0]
    assert source.kind == "chocr" and source.stem == "book_chocr"
    layer = open_layer(source)
    assert [page.lines[0].text for page in layer.readings()] == ["6opoda a"] * 2
    assert layer.readings()[1].dpi == 300 and layer.readings()[1].lines[0].words[0].box == Box(100, 100, 172, 130)


def spelled(word: str) -> str:
    return "".join(f"<span class='ocrx_cinfo' title='x_bboxes 1 2 3 4'>{letter}</span>\n" for letter in word)


# ---------------------------------------------------------------- documents of our own


def own_document() -> Document:
    box = Box(10, 20, 50, 40)
    tokens = (
        Token("p1l1t1", "борода", "6opoda", "ru", "repaired", box, 0.4),
        Token("p1l1t2", "a", "a", "en", "kept"),
        Token("p1l1t3", "b", "b", "en", "kept", box, 1.0),
    )
    lines = (
        Line("борода a\x0bb", "6opoda a\x0bb", tokens, box),
        Line("", ""),
        Line("x", "x", (Token("p1l3t1", "x", "x", "en", "kept"),)),
    )
    made = Correction(0, 0, 6, 0, 6, "6opoda", "борода", "lexicon", 0.91)
    page = Page(1, lines, (made,), (), 100, 200, 300)
    return Document('a"; <b>.png', "0", (page, Page(2, error="broken")), VERSIONS)


def test_own_hocr_is_valid() -> None:
    data = hocr_of(own_document())
    assert hocr_problems(data) == []
    words = elements(data, "hocr")
    assert [said(word) for word in words] == ["борода", "a", "b", "x"]
    assert words[0].get("data-original") == "6opoda" and words[0].get("data-confidence") == "0.9100"
    assert words[0].get("title") == "bbox 10 20 50 40; x_wconf 40"
    assert [word.get("id") for word in words] == ["p1l1t1", "p1l1t2", "p1l1t3", "p1l3t1"]


def test_own_alto_is_valid() -> None:
    data = alto_of(own_document())
    assert ALTO_4.validate(etree.fromstring(data)), ALTO_4.error_log
    words = elements(data, "alto")
    assert [said(word) for word in words] == ["борода", "a", "b", "x"] and original(words[0]) == "6opoda"
    assert place(words[0])[:6] == ("p1l1t1", "10", "20", "40", "20", "0.4000")


@pytest.mark.parametrize(("writer", "kind"), [(hocr_of, "hocr"), (alto_of, "alto")])
def test_own_documents_are_read_again(writer: Callable[[Document], bytes], kind: str) -> None:
    page = layer_of(writer(own_document()), kind).readings()[0]
    assert [line.text for line in page.lines] == ["борода a b", "", "x"]
    assert (page.width, page.height, page.lines[0].box) == (100, 200, Box(10, 20, 50, 40))


def test_text_has_no_places_to_write() -> None:
    with pytest.raises(UsageError, match=r"notes\.txt has no places"):
        hocr_of(
            Document("notes.txt", "0", (Page(1, (Line("a", "a", (Token("t", "a", "a", "en", "kept"),)),)),), VERSIONS)
        )


# ---------------------------------------------------------------- repair

GARBLED = [
    "The history of the city council has been told before.",
    "Tlogcuét ypo>kaa: ye3qHbIe CTATMCTUKM M xe6Hblit 6anaHc",
    "B cTarbe paccMaTpuBaeTca pa6oTa ye3qHbIx CTATHCTHKOB IIo-",
    "BOJDKbA B IIEpBbIe TobI HOBOM IKOHOMMYECKON TOMUTUKH.",
    "Clean English text follows here [PTACIIN. ®. 17. Om. 69. [I. 140. JI. 30] and ends.",
]


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_a_layer_is_repaired_as_its_text_is(kind: str, corrector: Corrector) -> None:
    fixed = corrector.fix("\n".join(GARBLED))
    data = MAKERS[kind]([line.split() for line in GARBLED]).encode()
    document, after = repair_bytes(corrector, data, f"page.{kind}")
    assert [line.text for line in document.pages[0].lines] == list(fixed.lines)
    assert [one.text for one in document.pages[0].citations] == [one.text for one in fixed.citations]
    shown = [" ".join(filter(None, map(said, row))) for row in groups(elements(after, kind)).values()]
    assert shown == list(fixed.lines) and len(fixed.corrections) > 10


@pytest.mark.parametrize("kind", sorted(RECORDED))
def test_repairing_twice_is_repairing_once(kind: str, corrector: Corrector) -> None:
    _, once = repair_bytes(corrector, RECORDED[kind].read_bytes(), "page")
    assert once != RECORDED[kind].read_bytes()
    _, twice = repair_bytes(corrector, once, "page")
    assert list(map(said, elements(twice, kind))) == list(map(said, elements(once, kind)))


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_a_clean_layer_comes_back_byte_for_byte(kind: str, corrector: Corrector) -> None:
    clean = [["The", "council", "met", "on", "Monday."], ["Городской", "совет", "собрался."]]
    data = MAKERS[kind](clean).encode()
    assert repair_bytes(corrector, data, "page")[1] == data


def test_pages_of_a_layer_are_repaired_together(corrector: Corrector) -> None:
    text = hocr_page([line.split() for line in GARBLED])
    page = text[text.index("<div") : text.index("</body>")]
    document, _ = repair_bytes(corrector, text.replace("</body>", page + "</body>").encode(), "page")
    first, second = document.pages
    assert [line.text for line in first.lines] == [line.text for line in second.lines]
    assert [one.line for one in first.citations] == [one.line for one in second.citations] == [4]


# ---------------------------------------------------------------- files

KINDS = {
    "page.xml": (alto_page([["a"]]), "alto"),
    "prefixed.xml": (alto_page([["a"]], prefix="x"), "alto"),
    "nowhere.xml": (alto_page([["a"]]).replace("ns-v3#", "of-our-own"), "alto"),
    "page.hocr": (hocr_page([["a"]]), "hocr"),
    "page.html": (hocr_page([["a"]], is_xml=False), "hocr"),
    "region.xml": (PAGE_XML, "page-xml"),
    "book.xml": (ABBYY, "abbyy"),
    "other.html": ("<html><body>No OCR</body></html>", "text"),
    "notes": ("alto voices", "text"),
}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_kinds_are_told_by_content(name: str, tmp_path: Path) -> None:
    content, kind = KINDS[name]
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert kind_of(path) == kind
    path.write_bytes(b"\xef\xbb\xbf" + content.encode())
    assert kind_of(path) == kind


@pytest.mark.parametrize(
    ("include", "names"),
    [
        ([], ["p2.png"]),
        (["alto"], ["p1.xml", "p2.png"]),
        (["*.hocr", "text"], ["notes.txt", "p2.hocr"]),
        (["*.xml", "hocr"], ["p1.xml", "p2.hocr"]),
        (["chocr"], ["p2.png"]),
    ],
)
def test_folders_give_layers_that_are_asked_for(include: list[str], names: list[str], tmp_path: Path) -> None:
    for name, content in {"p1.xml": alto_page([["a"]]), "p2.hocr": hocr_page([["a"]]), "notes.txt": "a"}.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "p2.png").write_bytes(b"\x89PNG\r\n")
    found = find_documents([tmp_path], include=include)
    assert [source.path.name for source in found.sources] == names and not found.errors


@pytest.mark.parametrize("name", ["p.hocr", "p.alto.xml"])
def test_a_layer_is_not_written_over(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(hocr_page([["a"]]) if "hocr" in name else alto_page([["a"]]), encoding="utf-8")
    with pytest.raises(UsageError, match="overwritten"):
        find_documents([tmp_path / name], tmp_path)
    with pytest.raises(UsageError, match="would both write"):
        (tmp_path / "p.xml").write_text(alto_page([["a"]]), encoding="utf-8")
        find_documents([tmp_path / name, tmp_path / "p.xml"], tmp_path / "out")


# ---------------------------------------------------------------- bad input

BOMB = '<!DOCTYPE alto [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)
DEEP = "<ComposedBlock>" * 5000
BROKEN: dict[str, tuple[bytes, str]] = {
    "bomb.xml": (alto_page([["&j;"]]).replace("<!-- kept -->", BOMB + "]>").replace("&amp;", "&").encode(), "DTD"),
    "internal.xml": (
        alto_page([["a"]]).replace("<!-- kept -->", '<!DOCTYPE alto [<!ENTITY a "b">]>').encode(),
        "DTD",
    ),
    "external.xml": (
        alto_page([["a"]])
        .replace("<!-- kept -->", '<!DOCTYPE alto [<!ENTITY a SYSTEM "file:///etc/passwd">]>')
        .encode(),
        "DTD",
    ),
    "parameter.xml": (
        alto_page([["a"]])
        .replace("<!-- kept -->", '<!DOCTYPE alto [<!ENTITY % a SYSTEM "http://example.org/a.dtd"> %a;]>')
        .encode(),
        "DTD",
    ),
    "unknown-entity.xml": (alto_page([["a"]]).replace('"a"', '"&nosuch;"').encode(), "well-formed"),
    "truncated.xml": (alto_page([["a"]])[:-100].encode(), "well-formed"),
    "truncated.hocr": (hocr_page([["a"]])[:-100].encode(), "</html>"),
    "unclosed.html": (hocr_page([["a", "b"]], is_xml=False).replace("</span>", "").encode(), "not closed"),
    "encoding.xml": (alto_page([["борода"]]).encode("cp1251"), "encoding"),
    "no-such-encoding.xml": (alto_page([["a"]]).replace("UTF-8", "idna").encode(), "unknown encoding"),
    "attribute.xml": (alto_page([["a" * 10_000_001]]).encode(), "well-formed"),
    "deep.xml": (alto_page([["a"]]).replace("<PrintSpace>", f"<PrintSpace>{DEEP}").encode(), "well-formed"),
    "pageless.xml": (b'<alto xmlns="http://www.loc.gov/standards/alto/ns-v3#"/>', "no page"),
    "other.xml": (b'<?xml version="1.0"?><TEI/>', "no ALTO"),
    "empty.xml": (b"", "empty"),
    "packed.xml.gz": (gzip.compress(alto_page([["a"]]).encode()), "gunzip"),
    "cut.gz": (gzip.compress(ABBYY.encode() * 50)[:-20], "packed as"),
    "bomb.gz": (gzip.compress(ABBYY.replace("<document", BOMB + "]><document").encode()), "DTD"),
    "deep.abbyy.xml": (ABBYY.replace("<page", "<a>" * 5000 + "<page", 1).encode(), "well-formed"),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_broken_layers_are_refused_in_one_line(name: str, tmp_path: Path) -> None:
    content, reason = BROKEN[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableInput) as failure:
        open_layer(Source(path, Path(name), kind_of(path)))
    told = str(failure.value)
    assert name in told and reason in told and "\n" not in told and len(told) < 1000 and failure.value.remedy


ODD: dict[str, Callable[[str], str]] = {
    "no boxes": lambda text: re.sub(r' (HPOS|VPOS|WIDTH|HEIGHT)="\d+"', "", text),
    "negative boxes": lambda text: text.replace('HPOS="', 'HPOS="-'),
    "boxes far off": lambda text: text.replace('HPOS="', 'HPOS="99999999999999999999'),
    "boxes that are no numbers": lambda text: text.replace('HPOS="100"', 'HPOS="NaN"').replace('="30"', '="inf"'),
    "confidence that is none": lambda text: text.replace('WC="0.5"', 'WC="-7"'),
    "same ids": lambda text: re.sub(r'ID="s0_\d"', 'ID="s"', text),
    "no ids": lambda text: re.sub(r'ID="s0_\d"', "", text),
    "no such namespace": lambda text: text.replace("ns-v3#", "ns-v9#"),
    "markup in comments": lambda text: text.replace("<!-- kept -->", '<!-- <String CONTENT="a"/> > " -->'),
    "sections": lambda text: text.replace("<PrintSpace>", '<PrintSpace><![CDATA[<String CONTENT="a"/>]]>'),
    "quotes": lambda text: re.sub(r'CONTENT="(\w+)"', r"CONTENT = '\1'", text),
    "attributes that look like it": lambda text: text.replace('WC="0.5"', "STYLE=' CONTENT=\"x\" > '"),
}


@pytest.mark.parametrize("name", sorted(ODD))
def test_odd_layers_are_repaired(name: str) -> None:
    before = ODD[name](alto_page([["6opoda", "x"]]))
    layer = layer_of(before, "alto")
    assert layer.pages[0].lines[0].read.text == "6opoda x"
    after = changed_alto(before, [Edit(0, 1, "боро да")])
    assert [said(one) for one in elements(after.encode(), "alto")] == ["боро", "да", "x"]
    for page in layer.readings():
        assert all(word.box is None or min(word.box) >= 0 for line in page.lines for word in line.words)


@given(st.text(st.sampled_from("<>\"'!-[]?/ =aspan\n"), max_size=200))
def test_the_scan_of_tags_ends_and_covers_what_it_finds(text: str) -> None:
    ends = 0
    for found in MARKUP.finditer(text):
        assert found.start() >= ends and found.end() > found.start()
        ends = found.end()


def test_one_broken_layer_does_not_stop_the_others(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "good.xml").write_text(alto_page([line.split() for line in GARBLED]), encoding="utf-8")
    for name in ("bomb.xml", "truncated.xml", "encoding.xml"):
        (folder / name).write_bytes(BROKEN[name][0])
    command = [sys.executable, "cli.py", "clean", str(folder), "--include", "*.xml", "-o", str(out), "--format", "alto"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 8 and done.stdout == ""
    assert sorted(path.name for path in out.iterdir()) == [".pravka", "good.alto.xml"]
    assert "Traceback" not in done.stderr and all(name in done.stderr for name in ("bomb.xml", "truncated.xml"))
