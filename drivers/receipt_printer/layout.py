"""Slip blocks laid out as lines of character cells, as a receipt printer counts them.

Pure: no printer, no font, no library. A paper has `columns` cells of 12 dots (32 on 58 mm paper, 48 on 80 mm); a Latin
letter takes one cell, a Chinese character two (Unicode UAX #11: Wide, Fullwidth, and Ambiguous as East Asian fonts draw
it). Line breaking follows the basic prohibition rules of CLREQ 3.1.7: closing punctuation never starts a line, opening
punctuation never ends one, words and numbers stay whole while they fit.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from kiosk.domain.slip import Align, Barcode, Block, Feed, Pair, Picture, QrCode, Rule, Slip, Text

CELL_DOTS = 12
"""Width of one cell: font A of every ESC/POS printer; the Chinese font is 24 dots wide."""

_CLOSING = frozenset("，。、；：？！）】》〉」』〕｝”’％‰℃·,.;:?!)]}%")
_OPENING = frozenset("（【《〈「『〔｛“‘￥¥$([{")
_LEADERS = frozenset("…—")
_MIN_VALUE_CELLS = 8
"""Narrower than this, a value is not set beside its label but below it."""
_INDENT = 2


@dataclass(frozen=True, slots=True)
class TextLine:
    """One printed line; `text` is never wider than the paper at this `size`."""

    text: str
    align: Align = "left"
    bold: bool = False
    size: Literal[1, 2] = 1


Line = TextLine | Rule | QrCode | Barcode | Picture | Feed


def cells(text: str) -> int:
    """How many cells `text` takes; combining marks and variation selectors take none."""
    return sum(_char_cells(char) for char in text)


def lay_out(slip: Slip, columns: int, prepare: Callable[[str], str] = lambda text: text) -> tuple[Line, ...]:
    """Lines for a paper of `columns` cells; `prepare` cleans every text before it is measured.

    Raises ValueError when the paper is too narrow to set anything (fewer than 16 columns).
    """
    if columns < 16:
        raise ValueError(f"a paper of {columns} columns is too narrow")
    lines: list[Line] = []
    blocks = [_prepared(block, prepare) for block in slip.blocks]
    for index, block in enumerate(blocks):
        match block:
            case Text():
                fill = _balanced if block.align == "center" else wrap
                parts = fill(block.text, columns // block.size)
                lines += (TextLine(part, block.align, block.bold, block.size) for part in parts)
            case Pair():
                set_pair = _flush_right(block, columns) if block.right else _hanging(block, columns, blocks, index)
                lines += (TextLine(part, bold=block.bold) for part in set_pair)
            case QrCode():
                lines.append(QrCode(block.data))
                if block.caption:
                    lines += (TextLine(part, "center") for part in _balanced(block.caption, columns))
            case _:
                lines.append(block)
    return tuple(lines)


def wrap(text: str, width: int) -> list[str]:
    """Break `text` into lines of at most `width` cells; a newline always breaks. At least one line, perhaps empty."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += _wrap_paragraph(paragraph, width)
    return lines


def _balanced(text: str, width: int) -> list[str]:
    """Headings: as many lines as `wrap` needs, but of about equal length, so that no single character is left over."""
    lines = wrap(text, width)
    count = len(lines)
    if count == text.count("\n") + 1:
        return lines
    for narrower in range(width - 1, width // 2 - 1, -1):
        tried = wrap(text, narrower)
        if len(tried) > count:
            break
        lines = tried
    return lines


def _wrap_paragraph(text: str, width: int) -> Iterator[str]:
    line, used = "", 0
    for unit in _units(text):
        size = cells(unit)
        if used + size > width and line.strip(" "):
            yield line.rstrip(" ")
            line, used = "", 0
            if not unit.strip(" "):
                continue
        if size > width:
            *full, unit = _chop(unit, width)
            yield from full
            size = cells(unit)
        line, used = line + unit, used + size
    yield line.rstrip(" ")


def _chop(unit: str, width: int) -> list[str]:
    """A unit wider than the line (a long number, an address) is cut wherever the line ends."""
    parts = [""]
    used = 0
    for cluster in _clusters(unit):
        size = cells(cluster)
        if used + size > width:
            parts.append("")
            used = 0
        parts[-1] += cluster
        used += size
    return parts


def _units(text: str) -> list[str]:
    """Pieces that must not be broken: words, single wide characters, and punctuation with what it clings to."""
    units: list[str] = []
    glue = False
    for cluster in _clusters(text):
        head = cluster[0]
        last = units[-1] if units else ""
        tail = last[-1:] if last else ""
        joins = bool(last) and head != " " and tail != " " and (
            glue
            or head in _CLOSING
            or (head in _LEADERS and tail == head)
            or (_char_cells(head) == 1 and _char_cells(_base(last)) == 1)
        )  # fmt: skip
        if joins or (head == " " == tail):
            units[-1] += cluster
        else:
            units.append(cluster)
        glue = head in _OPENING
    return units


def _base(unit: str) -> str:
    return next((char for char in reversed(unit) if _char_cells(char)), " ")


def _clusters(text: str) -> Iterator[str]:
    """Characters with the marks that stand on them."""
    cluster = ""
    for char in text:
        if cluster and _char_cells(char) == 0:
            cluster += char
            continue
        if cluster:
            yield cluster
        cluster = char
    if cluster:
        yield cluster


def _char_cells(char: str) -> int:
    if " " <= char <= "~":
        return 1
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WFA" else 1


def _gap(label: str) -> int:
    """Blank cells between a label and its value; a full-width colon brings its own blank half."""
    return 0 if not label or label[-1] in "： " else 1 if label[-1] == ":" else 2


def _hanging(pair: Pair, columns: int, blocks: list[Block], index: int) -> list[str]:
    """Label, then the value; its further lines stand below its first one, and neighbouring pairs share the column."""
    label = cells(pair.label)
    own = label + _gap(pair.label)
    indent = _shared_indent(columns, blocks, index)
    if own > indent:
        indent = own
    room = columns - indent
    if cells(pair.value) > room and (room < _MIN_VALUE_CELLS or label > columns // 2):
        below = wrap(pair.value, columns - _INDENT)
        return [*wrap(pair.label, columns), *(" " * _INDENT + part for part in below)]
    first, *rest = wrap(pair.value, room)
    head = pair.label + " " * (indent - label) + first
    return [head.rstrip(" "), *((" " * indent + part).rstrip(" ") for part in rest)]


def _shared_indent(columns: int, blocks: list[Block], index: int) -> int:
    """The value column of the run of pairs around `index`; labels beyond 45 % of the paper do not push it out."""
    first = last = index
    while first > 0 and _is_hanging(blocks[first - 1]):
        first -= 1
    while last + 1 < len(blocks) and _is_hanging(blocks[last + 1]):
        last += 1
    run = [block for block in blocks[first : last + 1] if isinstance(block, Pair)]
    wants = [cells(pair.label) + _gap(pair.label) for pair in run]
    return max((want for want in wants if want <= columns * 45 // 100), default=0)


def _is_hanging(block: Block) -> bool:
    return isinstance(block, Pair) and not block.right


def _flush_right(pair: Pair, columns: int) -> list[str]:
    """Label at the left, value at the right edge; what does not fit on one line is set on two."""
    *above, last = wrap(pair.label, columns)
    free = columns - cells(last) - cells(pair.value)
    if "\n" not in pair.value and free >= (1 if pair.label else 0):
        return [*above, last + " " * free + pair.value]
    return [*above, last, *(" " * (columns - cells(part)) + part for part in wrap(pair.value, columns))]


def _prepared(block: Block, prepare: Callable[[str], str]) -> Block:
    match block:
        case Text():
            return Text(prepare(block.text), block.align, block.bold, block.size)
        case Pair():
            label = prepare(block.label).replace("\n", " ")
            return Pair(label, prepare(block.value), block.right, block.bold)
        case QrCode():
            return QrCode(block.data, prepare(block.caption))
        case _:
            return block
