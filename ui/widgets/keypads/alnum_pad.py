"""AlnumPad: digits and letters on large keys; and the tray of keys it shares with the plate keypad.

A tray fills the width of the window: keys 96 px wide (24 mm) with gaps of 12 px on the base panel, eight to a row in large text, where
letters stand in the order of the alphabet, because a broken QWERTY helps nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.paint.shapes import fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.base import Painted, Tappable
from ui.widgets.keypads.number_pad import Key
from ui.widgets.layouts import forget_sizes

DELETE = "delete"
CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Cap:
    """One key of a tray: what it does, what it shows, how many columns it is wide. Without an act: a place left free."""

    act: str
    caption: str
    span: float = 1.0
    spoken: str = ""
    icon: str = ""
    large: bool = False
    """Offered first: larger writing on a tint."""


def caps(characters: str) -> list[Cap]:
    return [Cap(char, char) for char in characters]


def free(span: float) -> Cap:
    return Cap("", "", span)


class _TrayKey(Key):
    """Tells its tray without a connection of its own: there are fifty, and each would take as long as painting one."""

    def __init__(self, tray: KeyTray, prefix: str, cap: Cap) -> None:
        super().__init__(tray.theme, f"{prefix}.{cap.act}", cap.caption, cap.spoken, cap.icon, tray)
        self._act = cap.act

    def tap(self) -> None:
        super().tap()
        tray = self.parent()
        if isinstance(tray, KeyTray):
            tray.pressed.emit(self._act)


class _LargeKey(_TrayKey):
    """The key most people here need."""

    def draw(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        fill = "pressed" if self.isDown() else "chip"
        fill_round(p, rect, t.px("radius.key"), t.color(fill), t.color("primary"), t.px("stroke.selected"))
        self.line_text(p, rect, self._caption, "display", "on_chip", "center")
        self.focus_ring(p, t.px("radius.key"))


class KeyTray(Painted):
    """Rows of keys, each row centred. Emits `pressed(act)`. `columns` is how many keys of span 1 fill the width."""

    pressed = Signal(str)

    def __init__(
        self,
        theme: Theme,
        name: str,
        spoken: str,
        prefix: str,
        rows: Sequence[Sequence[Cap]],
        columns: int,
        height: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, spoken, parent)
        self._columns, self._prefix = columns, prefix
        self._rows: list[list[tuple[Key | None, float]]] = []
        self._by_act: dict[str, Key] = {}
        self.set_rows(rows, columns)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(height)

    def set_rows(self, rows: Sequence[Sequence[Cap]], columns: int) -> None:
        """The same keys in other rows; a key there was not before is made."""
        before, self._by_act, self._columns = self._by_act, {}, columns
        self._rows = []
        for row in rows:
            line: list[tuple[Key | None, float]] = []
            for cap in row:
                key = None
                if cap.act:
                    key = before.pop(cap.act, None) or (_LargeKey if cap.large else _TrayKey)(self, self._prefix, cap)
                    self._by_act[cap.act] = key
                line.append((key, cap.span))
            self._rows.append(line)
        self._place()

    def key(self, act: str) -> Key:
        """Raises KeyError for a key the tray does not have."""
        return self._by_act[act]

    def enable(self, acts: str, always: Sequence[str]) -> None:
        """Grey every key that is neither in `acts` nor in `always`; none goes away."""
        for act, key in self._by_act.items():
            key.setEnabled(act in always or act in acts)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        gap = self.theme.px("gap_min")
        edge = self.theme.px(6)
        pad = self.theme.px(18)
        cell = (self.width() - 2 * edge - (self._columns - 1) * gap) // self._columns
        count = len(self._rows)
        tall = (self.height() - 2 * pad - (count - 1) * gap) // count
        for i, row in enumerate(self._rows):
            widths = [round(cell * span + gap * (span - 1)) for _, span in row]
            x = (self.width() - sum(widths) - gap * (len(row) - 1)) // 2
            y = pad + i * (tall + gap)
            for (key, _), width in zip(row, widths, strict=True):
                if key is not None:
                    key.setGeometry(x, y, width, tall)
                x += width + gap

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(1080), self.minimumHeight())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A keyboard types too, where staff have plugged one in."""
        act = DELETE if event.key() == Qt.Key.Key_Backspace else event.text().upper()
        key = self._by_act.get(act)
        if key is not None and key.isEnabled():
            self.pressed.emit(act)
        else:
            super().keyPressEvent(event)

    def paint(self, p: QPainter) -> None:
        p.fillRect(self.rect(), self.theme.color("well"))


def delete_cap(span: float) -> Cap:
    return Cap(DELETE, "", span, "删除", "backspace")


WIDE_COLUMNS = 15
"""Keys of a row across a window in landscape: 112 px and more each."""


def alnum_rows(large: bool, wide: bool) -> list[list[Cap]]:
    """In landscape three rows, the digits beside the letters."""
    if wide and large:
        rows = [caps("1234567890"), caps("ABCDEFGHIJKLMNO"), caps("PQRSTUVWXYZ")]
        rows[0] += [delete_cap(2), Cap(CLEAR, "清空", 3)]
        return rows
    if wide:
        rows = [[*caps("QWERTYUIOP"), *caps("12345")], [*caps("ASDFGHJKL"), free(1), *caps("67890")]]
        rows.append([*caps("ZXCVBNM"), free(3), delete_cap(2.5), Cap(CLEAR, "清空", 2.5)])
        return rows
    clear = Cap(CLEAR, "清空", 2 if large else 1.5)
    if large:
        rows = [caps(part) for part in ("12345678", "90ABCDEF", "GHIJKLMN", "OPQRSTUV", "WXYZ")]
        rows[-1] += [delete_cap(2), clear]
    else:
        rows = [caps(part) for part in ("1234567890", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")]
        rows[-1] += [delete_cap(1.5), clear]
    return rows


class AlnumPad(KeyTray):
    """Ten digits, 26 letters, delete and clear. Emits `pressed` with a character, DELETE or CLEAR."""

    def __init__(self, theme: Theme, name: str, prefix: str, parent: QWidget | None = None) -> None:
        rows = alnum_rows(theme.large, False)
        self._wide = False
        self._measure(theme, len(rows))
        super().__init__(theme, name, "字母数字键盘", prefix, rows, 8 if theme.large else 10, self.usual, parent)

    def _measure(self, theme: Theme, rows: int) -> None:
        self.usual = tray_height(theme, rows, 112 if theme.large else 136)
        self.least = tray_height(theme, rows, 112 if self._wide and theme.large else 84)

    def set_wide(self, wide: bool) -> None:
        """As wide as a window in landscape, and lower."""
        if wide == self._wide:
            return
        self._wide = wide
        rows = alnum_rows(self.theme.large, wide)
        self._measure(self.theme, len(rows))
        self.set_rows(rows, WIDE_COLUMNS if wide else 8 if self.theme.large else 10)
        self.setFixedHeight(self.usual)


class CharBox(Tappable):
    """One place of what is typed. Tap it to put it right. The current place has a thick edge and a caret.

    `empty` is what stands in it before; several wordings, longest first, are parted by "|".
    """

    def __init__(self, theme: Theme, name: str, place: str, empty: str = "", parent: QWidget | None = None) -> None:
        super().__init__(theme, name, place, parent, repeat=True)
        self._place, self._empty = place, empty
        self._char, self._current, self._alarm = "", False, False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.pick(136, 136))
        self.show_state("", False, False)

    def show_state(self, char: str, current: bool, alarm: bool) -> None:
        self._char, self._current, self._alarm = char, current, alarm
        self.setAccessibleName(f"{self._place}，{char or '没有填'}")
        self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        radius = t.px("radius.field")
        edge = "bad" if self._alarm else "primary" if self._current else "outline"
        width = t.px("stroke.selected") + t.px(2) if self._current else t.px("stroke.outline")
        fill = "bad_tint" if self._alarm else "pressed" if self.isDown() else "surface"
        fill_round(p, rect, radius, t.color(fill), t.color(edge), width)
        if self._char:
            self.line_text(p, rect, self._char, ("display", "h1"), "text", "center", bold=True)
        elif self._current:
            caret = QRectF(rect.center().x() - t.px(3), rect.center().y() - t.px(28), t.px(6), t.px(56))
            fill_round(p, caret, t.px(3), t.color("primary"))
        elif self._empty:
            words = self._empty.split("|")
            font = t.font("small")
            fitting = next((word for word in words if text_width(word, font) <= rect.width() - t.px(12)), words[-1])
            self.line_text(p, rect, fitting, "small", "muted", "center")
        self.focus_ring(p, radius)

    def minimumSizeHint(self) -> QSize:
        """Narrower than other targets on a small panel, where eight boxes and their gaps must fit in a row."""
        return QSize(self.theme.px(72), self.height())


class CharField(Painted):
    """A row of boxes. Emits `picked(index)` when one is tapped. `gap_after` is the index behind which the plate's dot stands."""

    picked = Signal(int)

    def __init__(
        self,
        theme: Theme,
        name: str,
        prefix: str,
        spoken: str,
        places: int,
        *,
        last_empty: str = "",
        gap_after: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, spoken, parent)
        self.boxes: list[CharBox] = []
        self._gap_after = gap_after
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.pick(16, 12))
        for i in range(places):
            empty = last_empty if i == places - 1 else ""
            box = CharBox(theme, f"{prefix}.{i + 1}", f"第 {i + 1} 位", empty, self)
            box.tapped.connect(lambda i=i: self.picked.emit(i))
            row.addWidget(box, 1)
            self.boxes.append(box)
            if i == gap_after and not theme.large:
                row.addSpacing(theme.px(12))
        self.setFixedHeight(theme.px(136))

    def show_text(self, chars: Sequence[str], current: int, alarms: Sequence[int] = ()) -> None:
        for i, box in enumerate(self.boxes):
            box.show_state(chars[i], i == current, i in alarms)

    def paint(self, p: QPainter) -> None:
        if self._gap_after is None:
            return
        t = self.theme
        left, right = self.boxes[self._gap_after].geometry(), self.boxes[self._gap_after + 1].geometry()
        x = (left.right() + 1 + right.left()) / 2
        radius = t.pick(5, 4)
        dot = QRectF(x - radius, self.height() / 2 - radius, 2 * radius, 2 * radius)
        fill_round(p, dot, radius, t.color("muted"))


def fit_tray(page: QWidget, body: QVBoxLayout, column: QVBoxLayout, tray: QWidget, usual: int, least: int) -> bool:
    """Give the tray its usual height, or what `column` above it leaves on a small panel. False: not even `least` is left."""
    forget_sizes(column)
    room = page.height() - body.contentsMargins().top() - body.spacing() - column.totalHeightForWidth(page.width())
    tray.setFixedHeight(max(least, min(usual, room)))
    return room >= least


def tray_height(theme: Theme, rows: int, key: int) -> int:
    """Pixels of a tray whose keys are `key` px high at scale 1.0."""
    return rows * theme.px(key) + (rows - 1) * theme.px("gap_min") + 2 * theme.px(18)


def dock(body: QVBoxLayout, theme: Theme, heading: QWidget | None) -> QVBoxLayout:
    """Make `body` full width and without a lower margin, for a tray at its foot; returns the column with the usual margins."""
    margin = theme.px("margin")
    margins = body.contentsMargins()
    body.setContentsMargins(0, margins.top(), 0, 0)
    column = QVBoxLayout()
    column.setContentsMargins(margin, 0, margin, 0)
    column.setSpacing(theme.pick(24, 16))
    if heading is not None:
        body.removeWidget(heading)
        while body.count():
            body.takeAt(0)
        column.addWidget(heading)
        column.addSpacing(theme.pick(18, 0))
    body.addLayout(column, 1)
    return column
