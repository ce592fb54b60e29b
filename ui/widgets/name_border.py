"""NameBorder: a name in boxes, one for each character, and the border between surname and given name, which a tap moves.

A short name has a slot to tap between two characters. A name of several words (买买提·吐尔逊) can divide at its dots only. A long name
without dots has no room for slots: there the last character of the surname is tapped.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from kiosk.domain.names import clean_name
from ui.paint.shapes import Elevation, draw_disc, fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.base import PaintMixin, Tappable
from ui.widgets.text import _Flowing

WHOLE = "不分姓和名"
_WHOLE_SHORT = "全名"
Slots = Literal["none", "between", "dots", "on"]


class NameBox(NamedTuple):
    """A character with what belongs on it. `end`: characters of the name up to here; `mark`: the dot or blank that follows, if any."""

    text: str
    end: int
    mark: str


def boxes_of(name: str) -> tuple[NameBox, ...]:
    """The characters of a name as `kiosk.domain.names.split_at` counts them; dots and blanks have no box of their own."""
    found: list[NameBox] = []
    for i, char in enumerate(clean_name(name)):
        if char in "· ":
            found[-1:] = [box._replace(mark=char) for box in found[-1:]]
        elif found and unicodedata.category(char).startswith("M"):  # a variant's selector, an accent
            found[-1] = NameBox(found[-1].text + char, i + 1, "")
        else:
            found.append(NameBox(char, i + 1, ""))
    return tuple(found)


def boxes_before(boxes: tuple[NameBox, ...], length: int) -> int:
    """How many boxes the first `length` characters fill: at least one where there is one."""
    return max(1, sum(1 for box in boxes if box.end <= length)) if boxes else 0


def words_of(boxes: tuple[NameBox, ...]) -> str:
    """The text of these boxes, dots and blanks between words only."""
    return "".join(box.text + box.mark for box in boxes).rstrip("· ")


@dataclass(frozen=True, slots=True)
class _Arranged:
    spots: tuple[QRectF, ...]
    """Of each box."""
    rows: tuple[int, ...]
    """In which row each box is."""
    taps: tuple[tuple[int, QRect], ...]
    """Where to tap for a surname of so many boxes."""
    slots: Slots
    height: int


def _draw_box(widget: PaintMixin, p: QPainter, rect: QRectF, text: str, surname: bool, down: bool = False) -> None:
    """Surnames stand on a tint with a thick edge; the brackets below say it in words."""
    t = widget.theme
    fill = "pressed" if down else "chip" if surname else "surface"
    edge, width = ("primary", "stroke.selected") if surname else ("outline", "stroke.divider")
    fill_round(p, rect, t.px("radius.field"), t.color(fill), t.color(edge), t.px(width))
    widget.line_text(
        p, rect, text, ("display", "h1", "h2", "h3"), "on_chip" if surname else "text", "center", bold=True
    )


class _Slot(Tappable):
    """Puts the border here: between two boxes, or behind the box it covers (`box`)."""

    def __init__(self, border: NameBorder, count: int, box: NameBox | None) -> None:
        super().__init__(border.theme, f"{border.objectName()}.at.{count}", "", border, repeat=True)
        self._border, self._count, self._box = border, count, box

    def show_state(self, words: str, here: bool) -> None:
        self.setAccessibleName(f"{'现在' if here else ''}分在“{words}”后面")
        self.update()

    def tap(self) -> None:
        super().tap()
        self._border.moved.emit(self._count)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        if self._box is not None:
            _draw_box(self, p, rect, self._box.text, self._count <= self._border.count, self.isDown())
        else:
            self._paint_slot(p, rect)
        self.focus_ring(p, t.px("radius.field"))

    def _paint_slot(self, p: QPainter, rect: QRectF) -> None:
        t = self.theme
        here, dot = self._count == self._border.count, self._border.boxes[self._count - 1].mark == "·"
        middle = rect.center()
        if here:
            bar = QRectF(middle.x() - t.px(5), 0, t.px(10), rect.height())
            fill_round(p, bar, t.px(5), t.color("primary"))
            if dot:
                draw_disc(p, QPointF(rect.x() + t.px(18), middle.y()), t.px(9), t.color("on_chip"))
            return
        slot = rect.adjusted(t.px(12), t.px(6), -t.px(12), -t.px(6))
        fill = t.color("pressed") if self.isDown() else None
        fill_round(p, slot, t.px("radius.chip"), fill, t.color("outline"), t.px("stroke.divider"), Qt.PenStyle.DashLine)
        if dot:
            draw_disc(p, middle, t.px(9), t.color("text"))
            return
        line = QPen(t.color("muted"), t.px(3))
        line.setStyle(Qt.PenStyle.DashLine)
        p.setPen(line)
        p.drawLine(QPointF(middle.x(), slot.y() + t.px(20)), QPointF(middle.x(), slot.bottom() - t.px(20)))


class NameBorder(_Flowing):
    """Emits `moved(boxes of the surname)`. A tap beside the slots means the nearest one of its row."""

    moved = Signal(int)
    elevation: Elevation = 1

    def __init__(self, theme: Theme, name: str, boxes: tuple[NameBox, ...], parent: QWidget | None = None) -> None:
        super().__init__(theme, name, "", parent)
        self.boxes = boxes
        self.count = len(boxes)
        self._arranged: tuple[int, _Arranged] | None = None
        self._pressed_at: QPointF | None = None
        usual = self._at(theme.px(984))
        self._slots = [_Slot(self, k, boxes[k - 1] if usual.slots == "on" else None) for k, _ in usual.taps]
        self.set_count(self.count)

    @property
    def slots(self) -> Slots:
        return self._at(self.theme.px(984)).slots

    @property
    def borders(self) -> tuple[int, ...]:
        """Where the name may divide, as numbers of boxes before it; never behind the last one."""
        dotted = any(box.mark for box in self.boxes[:-1])
        return tuple(i + 1 for i, box in enumerate(self.boxes[:-1]) if box.mark or not dotted)

    def set_count(self, count: int) -> None:
        self.count = count
        surname, given = words_of(self.boxes[:count]), words_of(self.boxes[count:])
        self.setAccessibleName(f"姓，{surname}，名，{given}" if given else f"{WHOLE}，{surname}")
        for slot in self._slots:
            slot.show_state(words_of(self.boxes[: slot._count]), slot._count == count)
        self.update()

    def clear(self) -> None:
        self.boxes, self._arranged = (), None
        for slot in self._slots:
            slot.hide()
            slot.setParent(None)
            slot.deleteLater()
        self._slots = []
        self.set_count(0)

    # -- arranging -------------------------------------------------------------------------------------------------------

    def heightForWidth(self, width: int) -> int:
        return self._at(width).height

    def _at(self, width: int) -> _Arranged:
        if self._arranged is None or self._arranged[0] != width:
            self._arranged = (width, self._arrange(width))
        return self._arranged[1]

    def _arrange(self, width: int) -> _Arranged:
        """One row of boxes as large as there is room for; else rows of small ones."""
        t = self.theme
        room = width - 2 * t.px(32)
        borders, wide, tight = set(self.borders), t.px("touch_min"), t.px(8)
        dotted = any(box.mark for box in self.boxes[:-1])
        after = [wide if i + 1 in borders else tight for i in range(len(self.boxes) - 1)] + [0]
        slots: Slots = "none" if not borders else "dots" if dotted else "between"
        sizes = [t.px(side) for side in (150, 132, 116, 100, 92)]
        side = next((side for side in sizes if len(after) * side + sum(after) <= room), 0)
        if not side:
            side = t.px(92)
            if not dotted:
                slots, side = "on", max(side, wide)
                after = [t.px(16)] * len(after)
        return self._flow(width, side, after, slots)

    def _flow(self, width: int, side: int, after: list[int], slots: Slots) -> _Arranged:
        t = self.theme
        room = width - 2 * t.px(32)
        tall = max(t.px("touch_min"), round(side * 1.1))
        pitch = tall + self._bracket() + t.px(8)
        lines: list[list[int]] = [[]]
        used = 0
        for i, gap in enumerate(after[: len(self.boxes)]):
            kept = gap if gap > t.px(16) else 0  # a slot stays with its box
            if lines[-1] and used + side + kept > room:
                lines.append([])
                used = 0
            lines[-1].append(i)
            used += side + gap
        spots: list[QRectF] = []
        rows: list[int] = []
        taps: list[tuple[int, QRect]] = []
        for row, line in enumerate(lines):
            gaps = [after[i] for i in line]
            total = len(line) * side + sum(gaps[:-1])
            x = (width - total) / 2 if len(lines) == 1 else float(t.px(32))
            y = t.px(28) + row * pitch
            for i, gap in zip(line, gaps, strict=True):
                spots.append(QRectF(x, y, side, tall))
                rows.append(row)
                if slots == "on":
                    taps.append((i + 1, spots[-1].toRect()))
                elif i + 1 in self.borders:
                    taps.append((i + 1, QRect(round(x + side), y, gap, tall)))
                x += side + gap
        height = t.px(28) + len(lines) * pitch + t.px(8)
        return _Arranged(tuple(spots), tuple(rows), tuple(taps), slots, height)

    def _bracket(self) -> int:
        return self.theme.px(14) + self.theme.line("label")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for slot, (_, spot) in zip(self._slots, self._at(self.width()).taps, strict=False):
            slot.setGeometry(spot)

    # -- touching --------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A finger on a character instead of beside it."""
        pressed, self._pressed_at = self._pressed_at, None
        spot = event.position().toPoint()
        if pressed is None or not self.rect().contains(spot):
            return
        near = [
            (abs(tap.center().x() - spot.x()), k)
            for k, tap in self._at(self.width()).taps
            if tap.top() <= spot.y() <= tap.bottom()
        ]
        if near:
            self.moved.emit(min(near)[1])

    # -- painting --------------------------------------------------------------------------------------------------------

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill_round(p, rect, t.px("radius.card"), t.color("surface"), t.color("card_edge"), t.px("stroke.outline"))
        found = self._at(self.width())
        if found.slots != "on":
            for i, (box, spot) in enumerate(zip(self.boxes, found.spots, strict=True)):
                _draw_box(self, p, spot, box.text, i < self.count)
        segments = groupby(range(len(self.boxes)), key=lambda i: (found.rows[i], i < self.count))
        for (_, surname), indexes in segments:
            members = list(indexes)
            self._paint_bracket(p, found.spots[members[0]], found.spots[members[-1]], surname)
        if found.slots == "on" and 0 < self.count < len(self.boxes):
            last = found.spots[self.count - 1]
            x = last.right() + t.px(8)
            bar = QRectF(x - t.px(4), last.y() - t.px(8), t.px(8), last.height() + t.px(16))
            fill_round(p, bar, t.px(4), t.color("primary"))

    def _paint_bracket(self, p: QPainter, first: QRectF, last: QRectF, surname: bool) -> None:
        """Under the boxes of one part in one row."""
        t = self.theme
        color = t.color("primary" if surname else "muted")
        y, left, right = first.bottom() + t.px(8), first.x() + t.px(4), last.right() - t.px(4)
        for bar in (
            QRectF(left, y + t.px(4), right - left, t.px(4)),
            QRectF(left, y, t.px(4), t.px(8)),
            QRectF(right - t.px(4), y, t.px(4), t.px(8)),
        ):
            p.fillRect(bar, color)
        label = "姓" if surname else "名"
        if self.count == len(self.boxes):
            font = t.font("label", bold=True)
            label = next((w for w in (WHOLE, _WHOLE_SHORT) if text_width(w, font) <= right - left), "")
        box = QRectF(first.x(), y + t.px(8), last.right() - first.x(), t.line("label"))
        self.line_text(p, box, label, "label", "link" if surname else "muted", "center", bold=True)
