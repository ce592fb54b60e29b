"""ChoiceList: one of several answers. A few stand as full-width cards with a ring; many, or short ones, as a grid; pages for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.screens.form import Choice
from ui.paint.shapes import Elevation, draw_shadow, fill_round
from ui.paint.text import TextRun, TextShape, text_width
from ui.theme import Theme
from ui.widgets.base import Checkable, Painted, Tappable
from ui.widgets.choice_cards import draw_plate, draw_radio, shaped
from ui.widgets.rows import Pager, draw_tick_box

CARDS = 8
"""So many choices are cards, where they fit; more are a grid."""


class _Answer(Tappable):
    """Tells its list without a connection of its own: there are dozens, and each would take as long as painting one."""

    choice: Choice

    def tap(self) -> None:
        super().tap()
        parent = self.parent()
        if isinstance(parent, ChoiceList):
            parent.chosen.emit(self.choice.code)


class RadioCard(_Answer):
    """One answer with a ring that is filled when it is chosen."""

    elevation: Elevation = 1

    def __init__(self, theme: Theme, name: str, choice: Choice, width: int, parent: QWidget) -> None:
        super().__init__(theme, name, "，".join(part for part in (choice.text, choice.hint) if part), parent)
        self.setCheckable(True)
        self.choice = choice
        self._shapes = self._shaped(theme, choice, width)

    @staticmethod
    def _shaped(theme: Theme, choice: Choice, width: int) -> tuple[TextShape, TextShape | None]:
        room = width - theme.pick(112, 120) - theme.px(32)
        hint = shaped(theme, choice.hint, "label", room) if choice.hint else None
        return shaped(theme, choice.text, "h3", room, bold=True), hint

    @staticmethod
    def height_of(theme: Theme, choice: Choice, width: int) -> int:
        text, hint = RadioCard._shaped(theme, choice, width)
        return max(theme.pick(116, 132), text.height + (hint.height if hint else 0) + theme.px(32))

    def paint(self, p: QPainter) -> None:
        t, chosen = self.theme, self.isChecked()
        rect = QRectF(self.rect())
        draw_plate(self, p, off=False, chosen=chosen, down=self.isDown(), radius=t.px("radius.card"))
        draw_radio(self, p, QPointF(t.pick(60, 64), rect.center().y()), t.pick(26, 32), chosen)
        text, hint = self._shapes
        x = float(t.pick(112, 120))
        y = (rect.height() - text.height - (hint.height if hint else 0)) / 2
        self.write(p, text, self.choice.text, QRectF(x, y, text.width, text.height), "h3")
        if hint is not None:
            box = QRectF(x, y + text.height, hint.width, hint.height)
            self.write(p, hint, self.choice.hint, box, "label", "muted")
        self.focus_ring(p, t.px("radius.card"))


class CellCard(_Answer):
    """A short answer in a grid; chosen is a thick edge and a tick, never a tint alone."""

    elevation: Elevation = 0

    def __init__(self, theme: Theme, name: str, choice: Choice, role: str, parent: QWidget) -> None:
        super().__init__(theme, name, choice.text, parent)
        self.setCheckable(True)
        self.choice, self._role = choice, role

    def paint(self, p: QPainter) -> None:
        """At rest it is stamped, where everybody is shown the same: what is kept must not tell where somebody lives."""
        parent = self.parent()
        same = isinstance(parent, ChoiceList) and parent.same_for_all
        if not same or self.isDown() or self.isChecked() or self.hasFocus():
            self.draw(p)
            return
        key = (type(self), self.choice.text, self._role, self.theme.name, self.theme.scale)
        cap, runs = self.theme.cache.cap(key, self.width(), self.height(), self.devicePixelRatioF(), self._drawn)
        p.drawPixmap(0, 0, cap)
        self.runs.extend(runs)

    def _drawn(self, p: QPainter) -> list[TextRun]:
        self.draw(p)
        drawn, self.runs = self.runs, []
        return drawn

    def draw(self, p: QPainter) -> None:
        t, chosen, text = self.theme, self.isChecked(), self.choice.text
        rect = QRectF(self.rect())
        radius = t.px("radius.field")
        fill = "pressed" if self.isDown() else "chip" if chosen and not t.high_contrast else "surface"
        edge, width = ("primary", "stroke.selected") if chosen else ("outline", "stroke.divider")
        fill_round(p, rect, radius, t.color(fill), t.color(edge), t.px(width))
        room = rect.adjusted(t.px(10), 0, -t.px(10), 0)
        if chosen:
            self.stamp(p, t.icon("check-circle", 32, "primary"), rect.right() - t.px(24), t.px(24))
        color = "on_chip" if chosen and not t.high_contrast else "text"
        if text_width(text, t.font(self._role, bold=True)) <= room.width():
            self.line_text(p, room, text, self._role, color, "center", bold=True)
        else:
            shape = self.shape(text, "small", room.width(), bold=True, balance=True)
            box = QRectF(room.x(), (rect.height() - shape.height) / 2, room.width(), shape.height)
            self.write(p, shape, text, box, "small", color, "center")
        self.focus_ring(p, radius)


class TickCard(Checkable):
    """A yes or no of its own. Emits `ticked(bool)`."""

    elevation: Elevation = 1

    def __init__(self, theme: Theme, name: str, text: str, checked: bool, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, text, parent, checked=checked)
        self._text = text
        self.setFixedHeight(theme.pick(120, 140))

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        draw_plate(
            self, p, off=not self.isEnabled(), chosen=self.isChecked(), down=self.isDown(), radius=t.px("radius.card")
        )
        side = t.px("tick")
        draw_tick_box(self, p, QRectF(t.px(36), (rect.height() - side) / 2, side, side), self.isChecked())
        left = t.px(36) + side + t.px(32)
        room = rect.width() - left - t.px(28)
        shape = self.shape(self._text, "h3", room, bold=True, balance=True)
        box = QRectF(left, (rect.height() - shape.height) / 2, room, shape.height)
        self.write(p, shape, self._text, box, "h3", "text" if self.isEnabled() else "muted")
        self.focus_ring(p, t.px("radius.card"))


class _Plan(NamedTuple):
    columns: int
    role: str
    """Size of the texts in a grid."""
    tall: tuple[int, ...]
    """Height of each row of all pages."""
    pages: tuple[range, ...]
    """Rows on each page."""


class ChoiceList(Painted):
    """Fills the room it is given. Emits `chosen(code)` for every tap, also on what is chosen already, and `turned`."""

    chosen = Signal(str)
    turned = Signal()

    def __init__(self, theme: Theme, name: str, spoken: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, spoken, parent)
        self.same_for_all = True
        """Every citizen is shown these choices."""
        self._choices: tuple[Choice, ...] = ()
        self._asked = ""
        self._code = ""
        self._page = -1
        self._cells: list[RadioCard | CellCard] = []
        self.pager = Pager(theme, f"{name}.pager", 1, parent=self)
        self.pager.turned.connect(self._turn)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_choices(self, choices: Sequence[Choice], code: str = "") -> None:
        """Other choices start at the page of the chosen one."""
        if tuple(choices) != self._choices:
            self._choices, self._page = tuple(choices), -1
            self._code = code
            self._lay()
        else:
            self.choose(code)

    def stand_apart(self, asked: str) -> None:
        """On the ground of keys, under what is `asked`: right below other fields answers look like more of them. Empty: on the page."""
        if asked != self._asked:
            self._asked = asked
            self._lay()

    @property
    def apart(self) -> bool:
        return bool(self._asked)

    def choose(self, code: str) -> None:
        self._code = code
        for cell in self._cells:
            cell.setChecked(cell.objectName() == f"{self.objectName()}.{code}")
            cell.update()

    def clear(self) -> None:
        self._code = ""
        self._drop()

    def height_of(self, width: int) -> int:
        """What all of it would take, cards or grid, on one page."""
        plan = self._planned(width - 2 * self.theme.px("margin"), 10**6)
        return sum(plan.tall) + self._gap(plan) * max(0, len(plan.tall) - 1) + self._top() + self.theme.px(20)

    # -- where they stand ------------------------------------------------------------------------------------------------

    def _top(self) -> int:
        """Where the answers begin."""
        return self.theme.line("h3") + self.theme.px(28) if self._asked else 0

    def _gap(self, plan: _Plan) -> int:
        return self.theme.px("gap_min" if plan.columns > 1 else 16)

    def _planned(self, width: int, room: int) -> _Plan:
        t, choices = self.theme, self._choices
        few = self._few
        columns, role = (1, "h3") if few else self._columns(width)
        if columns == 1 and few:
            tall = tuple(RadioCard.height_of(t, choice, width) for choice in choices)
            gap = t.px(16)
        else:
            tall = (t.pick(96, 116),) * -(-len(choices) // columns)
            gap = t.px("gap_min")
        if sum(tall) + gap * (len(tall) - 1) <= room:
            return _Plan(columns, role, tall, (range(len(tall)),))
        room -= t.px("pager_h") + t.px(20)
        pages, start, used = [], 0, 0
        for i, height in enumerate(tall):
            used += height + (gap if i > start else 0)
            if used > room and i > start:
                pages.append(range(start, i))
                start, used = i, height
        pages.append(range(start, len(tall)))
        return _Plan(columns, role, tall, tuple(pages))

    def _columns(self, width: int) -> tuple[int, str]:
        """As many as let nearly every text stand on one line and none on more than two; and the size they are all written in."""
        t = self.theme
        few = len(self._choices) // 8
        small = [text_width(choice.text, t.font("small", bold=True)) for choice in self._choices]
        for columns in (5, 4, 3, 2):
            cell = (width - (columns - 1) * t.px("gap_min")) / columns - t.px(20)
            for role in ("h3", "label", "small"):
                wide = [part * t.font_px(role) / t.font_px("small") for part in small]
                if max(wide) <= 1.7 * cell and sum(part > cell for part in wide) <= few:
                    return columns, role
        return 1, "small"

    def _lay(self) -> None:
        t = self.theme
        margin = t.px("margin")
        width, room = self.width() - 2 * margin, self.height() - t.px(20) - self._top()
        placed = self.testAttribute(
            Qt.WidgetAttribute.WA_Resized
        )  # else it is 640x480, and cards for that would be thrown away
        if not placed or width < t.px(300) or not self._choices:
            return
        plan = self._planned(width, room)
        if self._page < 0:
            index = next((i for i, choice in enumerate(self._choices) if choice.code == self._code), 0)
            self._page = next((i for i, rows in enumerate(plan.pages) if index // plan.columns in rows), 0)
        self._page = min(self._page, len(plan.pages) - 1)
        self.pager.setGeometry(margin, self.height() - t.px(20) - t.px("pager_h"), width, t.px("pager_h"))
        self.pager.set_pages(len(plan.pages), self._page)
        self._fill(plan, margin, width)

    def _fill(self, plan: _Plan, margin: int, width: int) -> None:
        self._drop()
        gap, y = self._gap(plan), self._top()
        step = (width + gap) / plan.columns
        for row in plan.pages[self._page]:
            for column in range(plan.columns):
                index = row * plan.columns + column
                if index >= len(self._choices):
                    break
                choice = self._choices[index]
                name = f"{self.objectName()}.{choice.code}"
                cell: RadioCard | CellCard
                if self._few:
                    cell = RadioCard(self.theme, name, choice, width, self)
                else:
                    cell = CellCard(self.theme, name, choice, plan.role, self)
                cell.setChecked(choice.code == self._code)
                left = round(margin + column * step)
                right = round(margin + (column + 1) * step) - gap
                cell.setGeometry(left, y, right - left, plan.tall[row])
                cell.show()
                self._cells.append(cell)
            y += plan.tall[row] + gap
        stops: list[QWidget] = [*self._cells, self.pager.previous, self.pager.following]
        for stop in reversed(stops[1:]):  # the keys of the pager were there before the cells
            QWidget.setTabOrder(stops[0], stop)
        self.update()

    @property
    def _few(self) -> bool:
        return len(self._choices) <= CARDS or any(choice.hint for choice in self._choices)

    def _drop(self) -> None:
        for cell in self._cells:
            cell.hide()
            cell.setParent(None)
            cell.deleteLater()
        self._cells = []

    def _turn(self, page: int) -> None:
        self._page = page
        self._lay()
        self.turned.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        if self._asked:
            p.fillRect(self.rect(), t.color("well"))
            if t.high_contrast:  # never a tint alone
                p.fillRect(QRectF(0, 0, self.width(), t.px("stroke.divider")), t.color("outline"))
            margin = t.px("margin")
            line = QRectF(margin, t.px(16), self.width() - 2 * margin, t.line("h3"))
            self.line_text(p, line, self._asked, ("h3", "label", "small"), "text", bold=True)
        for cell in self._cells:
            if cell.elevation and cell.isVisible():
                draw_shadow(p, self.theme, cell.geometry().toRectF(), self.theme.px("radius.card"), cell.elevation)
