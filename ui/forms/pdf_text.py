"""Makes the text of a PDF written by Qt the text that was drawn, so that it can be searched and copied.

Qt names each glyph by the first character of the font that uses it. In CJK fonts hanzi share glyphs with the radicals of the blocks
U+2E80 to U+2FDF: 人 would be copied as ⼈, 民 as ⺠; and characters beyond U+FFFF get no name at all. Here the `ToUnicode` maps (ISO
32000-1, 9.10.3) are written anew from what was really drawn. A file that does not look as expected stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from PySide6.QtGui import QFont, QPainter, QTextLayout

_FONT = re.compile(rb"/BaseFont /(\S+)\s[^>]*?/ToUnicode (\d+) 0 R", re.DOTALL)
_RANGE = re.compile(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4})> (?:\[([^\]]*)\]|<([0-9A-Fa-f]+)>)")
_XREF = re.compile(rb"xref\s+0 (\d+)\s+((?:\d{10} \d{5} [nf][ \r]\n)+)")
_TWIN = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\u00b7\u2022\u2027\u30fb\u0387\u2219]")
"""Characters that share a glyph with another one: radicals, compatibility hanzi, middle dots."""
_BLOCK = 100
"""Entries in one block of a CMap, at the most."""


class NotingPainter(QPainter):
    """Notes every text with the font it is drawn in, in the order of drawing."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[tuple[QFont, str]] = []

    def drawText(self, *args: Any) -> Any:
        self.drawn.append((QFont(self.font()), str(args[-1])))
        return super().drawText(*args)


def name_glyphs(pdf: bytes, drawn: list[tuple[QFont, str]]) -> bytes:
    """The PDF with maps from glyph to character that agree with `drawn`."""
    faces = _faces(drawn)
    changes: list[tuple[int, int, bytes]] = []
    for found in _FONT.finditer(pdf):
        face = faces.get(_plain(found[1].decode("latin-1")))
        place = re.search(rb"\n%s 0 obj\s*<<\s*/Length \d+\s*>>\s*stream\r?\n" % found[2], pdf)
        if face is None or place is None:
            continue
        end = pdf.find(b"endstream", place.end())
        begin = pdf.find(b"beginbfrange", place.end(), end)
        stop = pdf.find(b"endcmap", place.end(), end)
        if min(end, begin, stop) < 0:
            continue
        head = pdf[place.end() : pdf.rfind(b"\n", 0, begin) + 1]
        if not _agrees(dict(_entries(pdf[begin:stop])), face):
            continue
        content = head + _blocks(dict(enumerate(face, 1))) + pdf[stop:end].rstrip() + b"\n"
        changes.append(
            (place.start(), end, b"\n%s 0 obj\n<< /Length %d >>\nstream\n%s" % (found[2], len(content), content))
        )
    return _replaced(pdf, sorted(changes))


def _faces(drawn: list[tuple[QFont, str]]) -> dict[str, list[str]]:
    """By name: each font file that was used, and what its glyphs stand for, in the order in which they were first drawn.

    The shaper is asked, not the font: in Latin text Noto CJK sets other glyphs for the digits than between hanzi.
    """
    used: dict[str, dict[int, str]] = {}
    for font, text in drawn:
        layout = QTextLayout(text, font)
        layout.beginLayout()
        layout.createLine()
        layout.endLayout()
        flags = QTextLayout.GlyphRunRetrievalFlag
        runs = layout.glyphRuns(0, -1, flags.RetrieveGlyphIndexes | flags.RetrieveStringIndexes)
        units = text.encode("utf-16-be")
        for run in runs:
            raw = run.rawFont()
            glyphs = used.setdefault(_plain(f"{raw.familyName()}-{raw.styleName()}"), {})
            for glyph, at in zip(run.glyphIndexes(), run.stringIndexes(), strict=True):
                glyphs.setdefault(glyph, _character(units, at))
    return {name: list(glyphs.values()) for name, glyphs in used.items()}


def _character(units: bytes, at: int) -> str:
    """The character at this UTF-16 index."""
    pair = 4 if 0xD8 <= units[2 * at] <= 0xDB else 2
    return units[2 * at : 2 * at + pair].decode("utf-16-be", "replace")


def _agrees(named: dict[int, str], chars: list[str]) -> bool:
    """Qt numbers the glyphs it embeds in the order of drawing; where its names are no radicals they must be ours."""
    return max(named, default=0) <= len(chars) and all(
        text == chars[number - 1] or _TWIN.match(text) or chars[number - 1].isspace() for number, text in named.items()
    )


def _entries(ranges: bytes) -> Iterator[tuple[int, str]]:
    for found in _RANGE.finditer(ranges):
        first = int(found[1], 16)
        codes = re.findall(rb"[0-9A-Fa-f]{4,}", found[3] if found[3] is not None else found[4])
        for offset, code in enumerate(codes):
            text = bytes.fromhex(code.decode()).decode("utf-16-be", "replace")
            if first + offset and text != "\0":
                yield first + offset, text


def _blocks(named: dict[int, str]) -> bytes:
    rows = [
        b"<%04X> <%s>\n" % (number, text.encode("utf-16-be").hex().upper().encode())
        for number, text in sorted(named.items())
    ]
    blocks = [rows[i : i + _BLOCK] for i in range(0, len(rows), _BLOCK)]
    return b"".join(b"%d beginbfchar\n%sendbfchar\n" % (len(block), b"".join(block)) for block in blocks)


def _replaced(pdf: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """The file with its parts replaced and its table of places (ISO 32000-1, 7.5.4) set right."""
    table = _XREF.search(pdf)
    if table is None or not changes:
        return pdf

    def moved(place: int) -> int:
        return place + sum(len(new) - (end - start) for start, end, new in changes if end <= place)

    rows = [
        b"%010d%s" % (moved(int(row[:10])) if row[17:18] == b"n" else int(row[:10]), row[10:])
        for row in (table[2][i : i + 20] for i in range(0, len(table[2]), 20))
    ]
    whole = [*changes, (table.start(2), table.end(2), b"".join(rows))]
    out, at = b"", 0
    for start, end, new in sorted(whole):
        out += pdf[at:start] + new
        at = end
    out += pdf[at:]
    return re.sub(rb"startxref\s+\d+", b"startxref\n%d" % moved(table.start()), out)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9-]", "", name.rsplit("+", 1)[-1].lower())
