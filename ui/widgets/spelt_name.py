"""SpeltName: a name with the letters under each character, and what a permit's chip will hold of them."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from kiosk.domain.name_reading import Reading
from kiosk.domain.names import DG1_LENGTH, Part, Romanised
from ui.paint.shapes import Elevation, draw_disc, fill_round
from ui.paint.text import TextShape, text_width
from ui.theme import Theme
from ui.widgets.text import _Flowing, chip_width, draw_chip

HEADS = {"readings": "按字音注的拼音", "document": "原证件上的拼音", "typed": "您填写的拼音"}
LOOK = "请核对"
CHIP = "证件芯片里写成"
LATER = "选好读音后显示"
UNKNOWN = "？"
_FEW, _MANY = 5, 10
_CUT = f"只存前 {DG1_LENGTH} 位"


class Cell(NamedTuple):
    """A character with its letters. `mark`: a dot between words follows it."""

    text: str
    letters: str
    open: bool
    """Nobody knows the letters yet."""
    mark: bool


class _Block(NamedTuple):
    """One part of the name. `whole` instead of letters under characters, where they were not made from these."""

    label: str
    cells: tuple[Cell, ...]
    whole: str


def spelt_as_read(name: Romanised, part: Part) -> bool:
    """Whether the letters of a part are those of its characters: not where they were typed or copied from a document."""
    readings, text = (name.surname, name.text_surname) if part == "surname" else (name.given, name.text_given)
    return "".join(reading.spelling for reading in readings) == text


def is_open(name: Romanised, reading: Reading) -> bool:
    """Whether only the citizen can tell this reading, and has not."""
    return not name.settled and reading.forced and not reading.chosen


def _block(name: Romanised, part: Part, written: str) -> _Block:
    readings, text = (name.surname, name.text_surname) if part == "surname" else (name.given, name.text_given)
    as_read = spelt_as_read(name, part)
    cells: list[Cell] = []
    rest = written
    for reading in readings:
        rest = rest.partition(reading.character)[2]
        unknown = is_open(name, reading) or not reading.spelling
        letters = UNKNOWN if unknown else reading.spelling
        cells.append(Cell(reading.character, letters if as_read else "", unknown, rest.startswith("·")))
    return _Block("姓" if part == "surname" else "名", tuple(cells), "" if as_read else text)


class SpeltName(_Flowing):
    """Names of any length wrap. What still has to be chosen is a question mark."""

    elevation: Elevation = 1

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "", parent)
        self._head, self._chip_text, self._chip_known, self._cut = "", "", False, False
        self._blocks: tuple[_Block, ...] = ()
        self._laid: tuple[int, list[tuple[list[list[tuple[Cell, float, float]]], TextShape | None]]] | None = None

    def show_name(self, surname: str, given: str, name: Romanised) -> None:
        blocks = [_block(name, "surname", surname), _block(name, "given", given)]
        self._blocks = tuple(block for block in blocks if block.cells or block.whole)
        self._head = HEADS[name.source]
        self._chip_known = name.settled and bool(name.dg1_preview)
        self._chip_text = name.dg1_preview if self._chip_known else LATER if not name.settled else "空"
        self._cut = self._chip_known and any(caution.why == "truncated" for caution in name.cautions)
        self._laid = None
        said = [
            f"{block.label}，"
            + "，".join(f"{cell.text}，{cell.letters}" if cell.letters else cell.text for cell in block.cells)
            + (f"，{block.whole}" if block.whole else "")
            for block in self._blocks
        ]
        self.setAccessibleName("。".join([f"{self._head}，{LOOK}", *said, f"{CHIP} {self._chip_text}"]))
        self.updateGeometry()
        self.update()

    def clear(self) -> None:
        self._blocks, self._laid, self._chip_text = (), None, ""
        self._kept_shapes.clear()
        self.setAccessibleName("")

    # -- measures --------------------------------------------------------------------------------------------------------

    def _pad(self) -> int:
        return self.theme.px(32)

    def _label_w(self) -> int:
        return self.theme.pick(72, 84)

    def _head_h(self) -> int:
        return self.theme.pick(76, 84)

    def _foot_h(self) -> int:
        return self.theme.pick(76, 84) + (self.theme.line("label") if self.theme.large else 0)

    @property
    def _char(self) -> str:
        """Short names are written larger, long ones smaller in large text."""
        count = sum(len(block.cells) for block in self._blocks)
        if self.theme.large:
            return "h2" if count > _MANY else "h1"
        return "display" if count <= _FEW else "h1"

    @property
    def _letter(self) -> str:
        return "h3" if self._char == "display" else "label"

    def _cell_h(self, block: _Block) -> int:
        under = 0 if block.whole or not block.cells else self.theme.line(self._letter)
        return self.theme.line(self._char) + under + self.theme.px(12)

    def _rows(self, width: int) -> list[tuple[list[list[tuple[Cell, float, float]]], TextShape | None]]:
        """Per part: rows of (cell, x, width), and its letters as a paragraph."""
        if self._laid is None or self._laid[0] != width:
            room = width - 2 * self._pad() - self._label_w()
            self._laid = (width, [(self._flow(block, room), self._whole(block, room)) for block in self._blocks])
        return self._laid[1]

    def _flow(self, block: _Block, room: float) -> list[list[tuple[Cell, float, float]]]:
        t = self.theme
        font, char = t.font(self._letter, True), t.font(self._char, True)
        rows: list[list[tuple[Cell, float, float]]] = [[]]
        x = 0.0
        for cell in block.cells:
            wide = max(text_width(cell.text, char) + t.px(8), text_width(cell.letters, font)) + t.px(20)
            if rows[-1] and x + wide > room:
                rows.append([])
                x = 0.0
            rows[-1].append((cell, x, wide))
            x += wide + (t.px(16) if cell.mark else 0)
        return rows

    def _whole(self, block: _Block, room: float) -> TextShape | None:
        return self.shape(block.whole, "h3", room - self.theme.px(10), bold=True) if block.whole else None

    def heightForWidth(self, width: int) -> int:
        height = self._head_h() + self._foot_h() + self.theme.px(16)
        for block, (rows, whole) in zip(self._blocks, self._rows(width), strict=True):
            height += (len(rows) if block.cells else 0) * self._cell_h(block) + (whole.height if whole else 0)
            height += self.theme.px(16)
        return height

    # -- painting --------------------------------------------------------------------------------------------------------

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill_round(p, rect, t.px("radius.card"), t.color("surface"), t.color("card_edge"), t.px("stroke.outline"))
        pad, head = self._pad(), self._head_h()
        chip = chip_width(t, LOOK)
        draw_chip(self, p, rect.width() - pad - chip, head / 2 + t.px(4), LOOK, "warn")
        title = QRectF(pad, t.px(4), rect.width() - 2 * pad - chip - t.px(16), head)
        self.line_text(p, title, self._head, ("h3", "label"), "text", bold=True)
        y = float(head)
        for block, (rows, whole) in zip(self._blocks, self._rows(self.width()), strict=True):
            self._rule(p, y)
            y = self._paint_block(p, y + t.px(12), block, rows, whole) + t.px(4)
        self._rule(p, y + t.px(4))
        self._paint_foot(p, y + t.px(8), rect.height() - y - t.px(12))

    def _rule(self, p: QPainter, y: float) -> None:
        t = self.theme
        p.fillRect(QRectF(self._pad(), round(y), self.width() - 2 * self._pad(), t.px(2)), t.color("divider"))

    def _paint_block(
        self,
        p: QPainter,
        y: float,
        block: _Block,
        rows: list[list[tuple[Cell, float, float]]],
        whole: TextShape | None,
    ) -> float:
        """Returns its lower end."""
        t = self.theme
        left = self._pad() + self._label_w()
        self.line_text(p, QRectF(self._pad(), y, self._label_w(), t.line(self._char)), block.label, "body", "muted")
        for row in rows if block.cells else []:
            for cell, x, wide in row:
                self._paint_cell(p, QRectF(left + x, y, wide, t.line(self._char)), cell)
            y += self._cell_h(block)
        if whole is not None:
            self.write(p, whole, block.whole, QRectF(left + t.px(10), y, whole.width, whole.height), "h3", "amount")
            y += whole.height
        return y

    def _paint_cell(self, p: QPainter, spot: QRectF, cell: Cell) -> None:
        t = self.theme
        if cell.mark:
            draw_disc(p, QPointF(spot.right() + t.px(8), spot.center().y()), t.px(6), t.color("muted"))
        self.line_text(p, spot, cell.text, self._char, "text", "center", bold=True)
        if cell.letters:
            under = QRectF(spot.x(), spot.bottom(), spot.width(), t.line(self._letter))
            self.line_text(
                p, under, cell.letters, self._letter, "bad_text" if cell.open else "amount", "center", bold=True
            )

    def _paint_foot(self, p: QPainter, y: float, height: float) -> None:
        t = self.theme
        width = self.width() - 2 * self._pad()
        tall = height / 2 if t.large else height
        used = self.line_text(p, QRectF(self._pad(), y, width, tall), CHIP, "label", "muted")
        if self._cut:
            wide = chip_width(t, _CUT)
            draw_chip(self, p, self._pad() + width - wide, y + tall / 2, _CUT, "warn")
        if t.large:
            spot = QRectF(self._pad(), y + tall, width, tall)
        else:
            spot = QRectF(used.right() + t.px(24), y, self._pad() + width - used.right() - t.px(24), tall)
        color = "text" if self._chip_known else "muted"
        self.line_text(p, spot, self._chip_text, ("h3", "label"), color, bold=self._chip_known)
