"""The page to look at: all is there, nothing hostile gets out, and a browser shows what belongs together."""

import io
import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from lxml import html as markup
from PIL import Image

from pipeline.model import Box, Citation, Correction, Document, Line, Page, Token
from pipeline.outputs.html import html_of
from pipeline.source import Limits, Source

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--virtual-time-budget=3000"),
)
HOSTILE: Final = "<script>alert('&')</script>"
LINES: Final = (
    Line(
        "Отчёт о ярмарке",
        "Omuém o ярмарке",
        (
            Token("a", "Отчёт", "Omuém", "ru", "repaired", Box(60, 90, 180, 120), 0.8),
            Token("b", "о", "o", "ru", "doubtful-repaired", Box(200, 96, 214, 120), 0.4, (("о", 0.6), ("с", 0.3))),
            Token("c", "ярмарке", "ярмарке", "ru", "kept", Box(230, 90, 380, 130)),
        ),
        paragraph=1,
    ),
    Line(
        f"{HOSTILE} ГАРФ. Ф. 17",
        f"{HOSTILE} ГАРФ. Ф. 17",
        (
            Token("d", HOSTILE, HOSTILE, "en", "doubtful-kept", Box(60, 150, 260, 180), None, ((HOSTILE, 0.5),)),
            Token("e", "ГАРФ.", "ГАРФ.", "ru", "kept", Box(280, 150, 360, 180)),
            Token("f", "Ф.", "Ф.", "ru", "kept", Box(370, 150, 400, 180)),
            Token("g", "17", "17", "und", "kept", Box(410, 150, 440, 180)),
        ),
        paragraph=1,
    ),
)
PAGE: Final = Page(
    1,
    LINES,
    (
        Correction(0, 0, 5, 0, 5, "Omuém", "Отчёт", "lexicon", 0.98),
        Correction(0, 6, 7, 6, 7, "o", "о", "lexicon", 0.6),
    ),
    (Citation("ГАРФ. Ф. 17", "ГАРФ. Ф. 17", {"archive": "ГАРФ", "fond": "17"}, 1, 1, 0.9),),
    600,
    800,
)


def made(folder: Path, page: Page = PAGE, name: str = "scan.png") -> str:
    path = folder / name
    if path.suffix == ".png":
        Image.fromarray(np.full((800, 600), 230, np.uint8)).save(path)
    source = Source(path, Path(name), "image" if path.suffix == ".png" else "text")
    target = io.BytesIO()
    html_of(Document(name, "", (page,), {"pravka": HOSTILE}), source, Limits())(target)
    return target.getvalue().decode()


def words_of(text: str) -> dict[str, Any]:
    return {one.text_content(): one for one in of_class(text, "w", "//main")}


def of_class(text: str, name: str, inside: str = "") -> list[Any]:
    found = markup.document_fromstring(text).xpath(f"{inside}//*[contains(concat(' ', @class, ' '), ' {name} ')]")
    return list(found)


def texts(found: list[Any]) -> list[str]:
    return [one.text_content() for one in found]


def test_marked_words_tell_what_is_known(tmp_path: Path) -> None:
    words = words_of(made(tmp_path))
    assert list(words) == ["Отчёт", "о", "ярмарке", HOSTILE, "ГАРФ.", "Ф.", "17"]
    repaired = words["Отчёт"].attrib
    assert repaired["class"] == "w repaired"
    assert (repaired["data-was"], repaired["data-why"], repaired["data-sure"]) == (
        "Omuém",
        "a word of the lexicon",
        "98 %",
    )
    assert repaired["data-box"] == "10.00 11.25 20.00 3.75"
    assert json.loads(words["о"].attrib["data-others"]) == [["о", 0.6], ["с", 0.3]]
    assert "data-was" not in words[HOSTILE].attrib
    assert "tabindex" not in words["ярмарке"].attrib
    assert json.loads(words["Ф."].attrib["data-cite"]) == {"archive": "ГАРФ", "fond": "17"}
    assert "cited" not in words["ярмарке"].attrib["class"]


def test_nothing_comes_from_elsewhere_and_nothing_gets_out(tmp_path: Path) -> None:
    text = made(tmp_path, name="a<script>b.png")
    assert HOSTILE not in text
    assert len(re.findall("<script", text)) == 1
    assert not re.search(r"""(src|href)=(?!"data:)|url\(|@import""", text)
    assert "default-src 'none'" in text


def test_a_template_name_in_the_text_is_no_template(tmp_path: Path) -> None:
    page = Page(1, (Line("{{script}}", "{{script}}", (Token("a", "{{script}}", "{{script}}", "en", "kept"),)),))
    assert "{{script}}" in unescape(made(tmp_path, page, "{{title}}.txt"))


def test_figures(tmp_path: Path) -> None:
    (figures,) = of_class(made(tmp_path), "figures")
    assert texts(figures.xpath(".//dd")) == ["7", "2", "2", "1"]


def test_a_text_stands_beside_what_it_was(tmp_path: Path) -> None:
    lines = tuple(Line(one.text, one.original, one.tokens) for one in LINES)
    own = made(tmp_path, Page(1, lines, PAGE.corrections), "a.txt")
    assert texts(of_class(own, "l")) == [*(line.original for line in LINES), *(line.text for line in LINES)]
    assert texts(of_class(own, "o")) == ["Omuém", "o"]


def test_a_page_that_failed_says_why(tmp_path: Path) -> None:
    assert "too &lt;large&gt;" in made(tmp_path, Page(1, error="too <large>"))


def test_the_same_document_gives_the_same_page(tmp_path: Path) -> None:
    assert made(tmp_path) == made(tmp_path)


# ---------------------------------------------------------------- in a browser

ASK: Final = """
const told = {};
const word = (text) => [...document.querySelectorAll("main .w")].find((one) => one.textContent === text);
const rect = (one) => { const r = one.getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; };
const scan = document.querySelector(".scan"), here = scan.querySelector(".here");
const card = document.getElementById("card");
word("о").dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
told.scan = rect(scan); told.here = rect(here); told.card = card.textContent;
told.open = card.classList.contains("open");
told.tints = [...scan.querySelectorAll("i")].map((one) => [one.className, rect(one)]);
document.querySelector("h1").dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
told.closed = !card.classList.contains("open") && here.style.display === "none";
const [left, top, width, height] = told.scan;
scan.dispatchEvent(new MouseEvent("mousemove",
  { bubbles: true, clientX: left + (width * 300) / 600, clientY: top + (height * 110) / 800 }));
told.under = [...document.querySelectorAll(".w.on")].map((one) => one.textContent);
scan.dispatchEvent(new MouseEvent("mouseleave"));
for (const key of ["n", "d"]) document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
told.focused = document.activeElement.textContent;
told.wide = document.documentElement.scrollWidth <= innerWidth;
const note = document.createElement("pre"); note.id = "told";
note.textContent = JSON.stringify(told); document.body.append(note);
"""


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize("width", [1400, 520])
def test_in_a_browser_words_and_places_show_each_other(tmp_path: Path, width: int) -> None:
    text = made(tmp_path)
    asked = re.sub("<meta http-equiv[^>]*>", "", text).replace("</body>", f"<script>{{{ASK}}}</script></body>")
    (tmp_path / "asked.html").write_text(asked, encoding="utf-8")
    command = [str(CHROMIUM), *FLAGS, f"--window-size={width},900", f"--user-data-dir={tmp_path}/profile", "--dump-dom"]
    done = subprocess.run([*command, f"file://{tmp_path}/asked.html"], capture_output=True, timeout=60, check=False)
    said = markup.document_fromstring(done.stdout.decode()).xpath("//*[@id='told']")
    assert said, done.stderr.decode()[-500:]
    told = json.loads(said[0].text_content())
    left, top, across, down = told["scan"]
    box = [left + across * 200 / 600, top + down * 96 / 800, across * 14 / 600, down * 24 / 800]
    assert told["here"] == pytest.approx([box[0] - 3, box[1] - 3, box[2] + 6, box[3] + 6], abs=1.5)
    assert told["open"]
    assert told["card"].startswith("Repaired, doubtfulo → о")
    assert "60 %" in told["card"]
    assert [kind for kind, _ in told["tints"]] == ["repaired", "doubtful-repaired", "doubtful-kept"]
    assert told["tints"][1][1] == pytest.approx(box, abs=1)
    assert told["closed"]
    assert told["under"] == ["ярмарке"]
    assert told["focused"] == "о"
    assert told["wide"]


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_browser_runs_the_script_of_the_page_and_no_other(tmp_path: Path) -> None:
    injected = "<script>document.title = 'foreign'</script></body>"
    (tmp_path / "a.html").write_text(made(tmp_path).replace("</body>", injected), encoding="utf-8")
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={tmp_path}/profile", "--dump-dom", f"file://{tmp_path}/a.html"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False).stdout.decode()
    assert "<title>scan.png" in done
    assert "scan tall" in done or 'class="scan"' in done
