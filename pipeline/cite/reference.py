"""What a bibliography needs of a citation: a key, the shelfmark in one line, and where it was found."""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import regex

from pipeline.cite.romanise import language_of, romanise
from pipeline.model import Citation

MARKED: Final = ("fond", "opis", "box", "delo", "leaves")
KEYED: Final = ("archive", "fond", "opis", "box", "delo")
# What no file for other programs can hold: bytes that were no UTF-8, and what is no character.
STRANGE: Final = regex.compile(r"[\p{Cs}\p{Cn}\p{Co}]")
CONTROL: Final = regex.compile(r"[\p{Cc}\p{Zl}\p{Zp}\s]+")


class Found(NamedTuple):
    """A citation, the name of the document that it stands in, and the number of its page there."""

    document: str
    page: int
    citation: Citation


class Reference(NamedTuple):
    """A citation to be exported: `key` is its own, `romanised` its shelfmark in Latin letters, if that was asked."""

    key: str
    document: str
    page: int
    citation: Citation
    romanised: str = ""

    @property
    def shelfmark(self) -> str:
        """The whole shelfmark, from the archive to the leaves."""
        return shelfmark(self.citation)

    @property
    def archive(self) -> str:
        """The archive, "" where it is not known."""
        return self.citation.fields.get("archive", "")

    @property
    def location(self) -> str:
        """The shelfmark without the archive."""
        return joined(self.citation, marked(self.citation))

    @property
    def title(self) -> str:
        """What stands for a title in a list: the shelfmark, romanised where that was asked for."""
        return self.romanised or self.shelfmark

    @property
    def note(self) -> str:
        """Where it was found, whose paper it is, and the flags."""
        citation = self.citation
        said = [f"Cited in {self.document}, page {self.page}"]
        said += [f"person: {citation.fields['person']}"] if "person" in citation.fields else []
        said += [f"flags: {', '.join(citation.flags)}"] if citation.flags else []
        return one_line("; ".join(said))


def references(found: Iterable[Found], scheme: str = "") -> list[Reference]:
    """Return citations as references with different keys, romanised by a scheme if one is named."""
    taken: set[str] = set()
    return [
        Reference(new_key(one.citation, taken), *one, romanised_shelfmark(one.citation, scheme) if scheme else "")
        for one in found
    ]


def shelfmark(citation: Citation) -> str:
    """Return the shelfmark of a citation in one line: `РГАСПИ. Ф. 17. Оп. 3. Д. 412. Л. 4, 118`."""
    archive = [citation.fields["archive"]] if "archive" in citation.fields else []
    return joined(citation, [*archive, *marked(citation)])


def marked(citation: Citation) -> list[str]:
    """Return the numbers of a citation with their markers."""
    names = [name for name in MARKED if name in citation.fields]
    return [f"{citation.markers.get(name, '')} {citation.fields[name]}".strip() for name in names]


def joined(citation: Citation, parts: Iterable[str]) -> str:
    """Return the parts of a shelfmark on one line: full stops between (GOST R 7.0.5-2008), commas if romanised."""
    return one_line((", " if "romanised" in citation.flags else ". ").join(parts))


def romanised_shelfmark(citation: Citation, scheme: str) -> str:
    """Return the shelfmark of a citation in Latin letters; one that stands there so in print stays as it is."""
    return romanise(shelfmark(citation), scheme, language_of(citation))


def new_key(citation: Citation, taken: set[str]) -> str:
    """Return a key of small ASCII letters, digits and hyphens that is not taken, and take it: `rgaspi-17-3-412`."""
    stem = "-".join(key_parts(citation))
    key, count = stem, 1
    while key in taken:
        count += 1
        key = f"{stem}-{count}"
    taken.add(key)
    return key


def key_parts(citation: Citation) -> Iterator[str]:
    """Yield the parts of a key; the first begins with a letter."""
    name = ascii_of(citation.fields.get("archive", ""), citation)
    yield name if name[:1].isalpha() else f"archive{name}"
    for name in KEYED[1:]:
        if part := ascii_of(citation.fields.get(name, ""), citation):
            yield part


def ascii_of(text: str, citation: Citation) -> str:
    """Return a text in small ASCII letters and digits."""
    plain = unicodedata.normalize("NFKD", romanise(text, "ala-lc", language_of(citation)))
    return "".join(sign for sign in plain.lower() if sign.isascii() and sign.isalnum())


def one_line(text: str) -> str:
    """Return a text on one line that any program can read: wrong bytes become U+FFFD, control characters a space."""
    return str(CONTROL.sub(" ", STRANGE.sub("\ufffd", text))).strip()
