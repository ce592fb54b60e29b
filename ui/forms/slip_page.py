"""A slip on A4: the blocks a receipt printer lays out, set as a document with a head, a table of facts, and prose.

Every block of the slip stands there, in its order; nothing is added but page numbers where there is more than one page. Pairs that follow
each other share a table of two columns. The last QR symbol, which names the paper, stands in the corner at the top. A block is never split
between pages, and what announces the next one stays with it. Units are those of the page painter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from kiosk.domain.slip import Barcode, Block, Feed, Pair, Picture, QrCode, Rule, Slip, Text
from ui.forms.codes import LEAST_MODULE_MM, LEAST_QR_MODULE_MM, draw_bars, draw_qr
from ui.forms.fit import Setting, draw_setting, set_paragraph, style
from ui.forms.page import Halt, Halted, never
from ui.forms.type import Face, drawable
from ui.forms.units import MM

A4_MM = (210.0, 297.0)
_LEFT, _RIGHT, _TOP, _BOTTOM = 21.0 * MM, 189.0 * MM, 14.0 * MM, 286.0 * MM
_WIDTH = _RIGHT - _LEFT
_BODY_PTS = (10.5, 10.0, 9.5)
"""Sizes of type, the largest that fits one page; what fits none has the first, on several."""
_LARGE, _TITLE = 1.15, 1.8
"""As a part of the body's size."""
_SMALL_PT = 8.5
_LABEL = 25.0 * MM
_PAD = 1.6 * MM
_ROW_PAD = 1.15 * MM
_AFTER = 1.0 * MM
"""Below a paragraph."""
_LINE = 3.6 * MM
"""What a line feed of a receipt is here."""
_BARS = (80.0 * MM, 10.0 * MM)
_QR = 24.0 * MM
_CAPTION = 4.2 * MM
_PICTURE = 17.0 * MM
"""As high as a signature is printed, at the most."""
_HAIR = 0.18 * MM

Draw = Callable[[QPainter, float], list[str]]
"""Paints at a height on the page; gives warnings."""


@dataclass(frozen=True, slots=True)
class _Piece:
    height: float
    draw: Draw
    announces: bool = False
    """Stands on the same page as what follows."""
    blank: bool = False


def title_of(slip: Slip) -> str:
    """The largest line, for the document's properties."""
    return next((b.text for b in reversed(slip.blocks) if isinstance(b, Text) and b.size == 2), slip.kind)


def lay_out(slip: Slip, halt: Halt = never) -> list[Callable[[QPainter], list[str]]]:
    """The slip's pages, each as something that paints it. Raises Halted."""
    tried = []
    for pt in _BODY_PTS:
        tried.append(_placed(slip, pt, halt))
        if len(tried[-1]) == 1:
            break
    pages = tried[-1] if len(tried[-1]) == 1 else tried[0]
    return [partial(_page, placed, number, len(pages), halt) for number, placed in enumerate(pages, 1)]


def _placed(slip: Slip, pt: float, halt: Halt) -> list[list[tuple[float, _Piece]]]:
    corner = next((block for block in reversed(slip.blocks) if isinstance(block, QrCode)), None)
    pieces = list(_pieces([block for block in slip.blocks if block is not corner], pt, halt))
    pages: list[list[tuple[float, _Piece]]] = [[]]
    if corner is not None:
        pages[0].append((_TOP, _Piece(0.0, partial(_draw_code, corner))))
    at = _TOP
    for n, piece in enumerate(pieces):
        need = piece.height + (pieces[n + 1].height if piece.announces and n + 1 < len(pieces) else 0.0)
        if at + need > _BOTTOM:
            if piece.blank:
                continue
            pages.append([])
            at = _TOP
        pages[-1].append((at, piece))
        at += piece.height
    return pages


def _page(placed: Sequence[tuple[float, _Piece]], number: int, count: int, halt: Halt, p: QPainter) -> list[str]:
    p.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    p.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    warnings: list[str] = []
    for top, piece in placed:
        if halt():
            raise Halted
        p.setPen(Qt.GlobalColor.black)
        warnings += piece.draw(p, top)
    if count > 1:
        foot = QRectF(_LEFT, _BOTTOM + MM, _WIDTH, 5 * MM)
        draw_setting(p, _set(f"第 {number} 页，共 {count} 页", _WIDTH, _SMALL_PT), foot, "center", "middle")
    return warnings


def _pieces(blocks: Sequence[Block], pt: float, halt: Halt) -> Iterator[_Piece]:
    index = 0
    while index < len(blocks):
        if halt():
            raise Halted
        block = blocks[index]
        if isinstance(block, Pair):
            pairs: list[Pair] = []
            while index < len(blocks) and isinstance(found := blocks[index], Pair):
                pairs.append(found)
                index += 1
            yield from _table(pairs, pt) if len(pairs) > 1 else (_alone(pairs[0], pt),)
            yield _gap(1.2 * MM)
            continue
        index += 1
        below = blocks[index] if index < len(blocks) else None
        if (
            isinstance(block, Text)
            and block.align == "left"
            and block.text.endswith("：")
            and isinstance(below, Picture)
        ):
            index += 1
            yield _signed(block, below, pt)
        else:
            yield _piece(block, pt)


def _piece(block: Block, pt: float) -> _Piece:
    match block:
        case Text():
            return _text(block, pt)
        case Rule():
            return _rule() if block.style == "solid" else _gap(1.0 * MM)
        case Barcode():
            return _Piece(_BARS[1] + _CAPTION + 2 * MM, partial(_draw_bars, block.data))
        case QrCode():
            return _Piece(_QR + _CAPTION, partial(_draw_code, block))
        case Picture():
            return _signed(None, block, pt)
        case Feed():
            return _gap(block.lines * _LINE)
    raise TypeError(f"no such block on A4: {type(block).__name__}")


def _gap(height: float) -> _Piece:
    return _Piece(height, lambda p, top: [], blank=True)


def _rule() -> _Piece:
    def draw(p: QPainter, top: float) -> list[str]:
        p.setPen(QPen(Qt.GlobalColor.black, _HAIR))
        p.drawLine(round(_LEFT), round(top + MM), round(_RIGHT), round(top + MM))
        return []

    return _Piece(2 * MM, draw)


def _text(block: Text, body: float) -> _Piece:
    prose = block.align == "left"
    pt = body * (_TITLE if block.size == 2 else 1.0 if prose or block.align == "right" else _LARGE)
    # sentences begin two squares in, headings and captions of what follows do not
    setting = _set(block.text, _WIDTH, pt, bold=block.bold, indent=prose and ("。" in block.text or "，" in block.text))
    warnings = _missing(block.text)

    def draw(p: QPainter, top: float) -> list[str]:
        draw_setting(p, setting, QRectF(_LEFT, top, _WIDTH, setting.height), block.align, "top")
        return warnings

    heading = prose and (block.text.endswith("：") or (block.bold and "。" not in block.text))
    return _Piece(setting.height + _AFTER, draw, announces=heading)


def _alone(pair: Pair, pt: float) -> _Piece:
    """A pair that stands by itself is a line, not a table."""
    return _text(Text(f"{pair.label}：{pair.value}", align="center" if pair.bold else "left", bold=pair.bold), pt)


def _table(pairs: Sequence[Pair], pt: float) -> Iterator[_Piece]:
    """Rows of one pair, or of two where both are short."""
    half = _WIDTH / 2
    index = 0
    while index < len(pairs):
        row = [pairs[index]]
        if _short(pairs[index], pt) and index + 1 < len(pairs) and _short(pairs[index + 1], pt):
            row.append(pairs[index + 1])
        index += len(row)
        yield _row(row, half if len(row) == 2 else _WIDTH, pt)


def _short(pair: Pair, pt: float) -> bool:
    return len(_value(pair, _WIDTH / 2, pt).lines) <= 1


def _value(pair: Pair, width: float, pt: float) -> Setting:
    return _set(pair.value, width - _LABEL - 2 * _PAD, pt, bold=pair.bold, face=Face.FILLED)


def _row(pairs: Sequence[Pair], width: float, pt: float) -> _Piece:
    cells = [(_set(pair.label, _LABEL - 2 * _PAD, pt), _value(pair, width, pt), pair.right) for pair in pairs]
    height = max(max(label.height, value.height) for label, value, _ in cells) + 2 * _ROW_PAD
    warnings = [warning for pair in pairs for warning in _missing(pair.value)]

    def draw(p: QPainter, top: float) -> list[str]:
        p.setPen(QPen(Qt.GlobalColor.black, _HAIR))
        p.setBrush(Qt.BrushStyle.NoBrush)
        left = _LEFT
        for _ in cells:
            p.drawRect(QRectF(left, top, _LABEL, height))
            p.drawRect(QRectF(left + _LABEL, top, width - _LABEL, height))
            left += width
        left = _LEFT
        for label, value, right in cells:
            draw_setting(p, label, QRectF(left + _PAD, top, _LABEL - 2 * _PAD, height), "left", "middle")
            room = QRectF(left + _LABEL + _PAD, top, width - _LABEL - 2 * _PAD, height)
            draw_setting(p, value, room, "right" if right else "left", "middle")
            left += width
        return warnings

    return _Piece(height, draw)


def _draw_bars(data: str, p: QPainter, top: float) -> list[str]:
    left = (_LEFT + _RIGHT - _BARS[0]) / 2
    module = draw_bars(p, QRectF(left, top, *_BARS), data)
    below = QRectF(left, top + _BARS[1], _BARS[0], _CAPTION)
    draw_setting(p, _set(data, _BARS[0], _SMALL_PT, face=Face.FILLED), below, "center", "middle")
    return [] if module >= LEAST_MODULE_MM else ["barcode: the bars are too narrow to be read"]


def _draw_code(block: QrCode, p: QPainter, top: float) -> list[str]:
    left = _RIGHT - _QR
    module = draw_qr(p, QRectF(left, top, _QR, _QR), block.data)
    below = QRectF(left - _QR, top + _QR, 3 * _QR, _CAPTION)
    draw_setting(p, _set(block.caption, 3 * _QR, _SMALL_PT), below, "center", "middle")
    return [] if module >= LEAST_QR_MODULE_MM else ["qr: the code is too dense to be read for sure"]


def _signed(caption: Text | None, block: Picture, pt: float) -> _Piece:
    """The picture where it belongs, beside its caption where it has one."""
    image = QImage.fromData(block.png)
    said = _set(caption.text if caption is not None else "", _WIDTH, pt)
    if image.isNull():
        warning = ["picture: it cannot be read"]
        size = (0.0, said.height)
    else:
        warning = []
        scale = min(block.width_mm * MM / image.width(), _PICTURE / image.height())
        size = (image.width() * scale, image.height() * scale)
    left = _LEFT + {"left": 0.0, "center": 0.5, "right": 1.0}[block.align] * (_WIDTH - size[0])
    if caption is not None:
        left = _LEFT + said.width + 4 * MM

    def draw(p: QPainter, top: float) -> list[str]:
        draw_setting(p, said, QRectF(_LEFT, top, _WIDTH, size[1]), "left", "middle")
        if not image.isNull():
            p.drawImage(QRectF(left, top, *size), image)
        return warning

    return _Piece(max(size[1], said.height) + _AFTER, draw)


def _set(
    text: str, width: float, pt: float, *, bold: bool = False, face: Face = Face.PRINTED, indent: bool = False
) -> Setting:
    return set_paragraph(drawable(text, face)[0], width, pt, style(face, bold=bold), indent=indent)


def _missing(text: str) -> list[str]:
    missing = drawable(text, Face.PRINTED)[1]
    return [f"text: {missing} character(s) no installed font has, printed as 〓"] if missing else []
