"""CheckCard: one violation to tick, with its evidence one tap away. Locked ones keep their place and say why."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.screens.violation import ViolationRow
from ui.paint.shapes import Elevation, fill_round
from ui.paint.text import TextShape, text_width
from ui.theme import Theme
from ui.widgets.base import Checkable, Painted, Tappable
from ui.widgets.rows import draw_tick_box
from ui.widgets.text import ChipKind, chip_width, draw_chip

_ACT_ROLES = ("h3", "label", "small")
_PLACE_ROLES = ("label", "small")


def short_yuan(fen: int) -> str:
    """¥100, or ¥100.50 where there are fen."""
    whole, rest = divmod(fen, 100)
    return f"¥{whole:,}.{rest:02d}" if rest else f"¥{whole:,}"


def points_words(points: int) -> str:
    return f"记 {points} 分" if points else "不记分"


@dataclass(frozen=True, slots=True)
class _Facts:
    """The text of a card broken to its width: what was done, then lines of when and where."""

    act: TextShape
    act_role: str
    lines: tuple[str, ...]
    place: TextShape
    place_role: str
    height: int


class _Layout:
    """Measures of a card in one theme at one width."""

    def __init__(self, theme: Theme, width: int) -> None:
        self.theme = theme
        self.width = width
        self.pad = theme.px(32)
        self.top = theme.pick(28, 26)
        self.text_x = self.pad + theme.px("tick") + theme.px(28)
        self.foot = max(theme.px("touch_min"), theme.pick(88, 112))
        self.gap = theme.px("gap_min")
        self.base = theme.pick(272, 368)
        """Lowest a card gets; short ones are all alike."""

    def right_width(self, row: ViolationRow) -> int:
        amount = round(text_width(short_yuan(row.fine_fen), self.theme.font("h2")))
        return max(amount, chip_width(self.theme, self.chip(row)))

    @staticmethod
    def chip(row: ViolationRow) -> str:
        return "需到窗口" if row.locked else points_words(row.points)

    def facts(self, row: ViolationRow, painter: Painted | Checkable) -> _Facts:
        """Large type first; smaller type before a higher card; a higher card before cut text."""
        t = self.theme
        width = self.width - self.text_x - self.pad - self.right_width(row) - t.px(24)
        whole = f"{row.when}  {row.plate}"
        lines = (whole,) if text_width(whole, t.font("label")) <= width else (row.when, row.plate)
        room = self.base - self.foot - self.gap - self.top - t.px(6)
        found: _Facts | None = None
        for act_role, place_role in (("h3", "label"), ("h3", "small"), ("label", "small"), ("small", "small")):
            act = painter.shape(row.act, act_role, width, bold=True)
            # below a long act, amount and chip are passed already
            passed = t.large and act.height >= t.line("h3") + t.px(44 + 30)
            below = self.width - self.text_x - self.pad if passed else width
            place = painter.shape(row.place, place_role, below)
            height = act.height + t.px(4) + len(lines) * t.line("label") + place.height
            found = _Facts(act, act_role, lines, place, place_role, height)
            if height <= room:
                break
        if found is None:
            raise ValueError("no type sizes to choose from")
        return found

    def reason(self, row: ViolationRow, painter: Painted | Checkable) -> tuple[str, TextShape]:
        """Role and lines of why the row is locked; the rule's code stands at the right."""
        room = self.width - 2 * self.pad - self.code_width(row)
        label = painter.shape(row.locked, "label", room)
        if label.height <= self.foot:
            return "label", label
        return "small", painter.shape(row.locked, "small", room)

    def code_width(self, row: ViolationRow) -> int:
        return round(text_width(row.code, self.theme.font("small"))) + self.theme.px(32) if row.code else 0

    def foot_height(self, row: ViolationRow, painter: Painted | Checkable) -> int:
        if not row.locked:
            return self.foot
        return max(self.foot, self.reason(row, painter)[1].height + self.theme.px(20))

    def height(self, row: ViolationRow, painter: Painted | Checkable) -> int:
        t = self.theme
        need = self.top + self.facts(row, painter).height + t.px(6) + self.gap + self.foot_height(row, painter)
        return max(self.base, need)


class _TickArea(Checkable):
    """The upper part of the card: all of it is the target."""

    def __init__(self, theme: Theme, row: ViolationRow, checked: bool, parent: QWidget) -> None:
        super().__init__(theme, f"c06.card.{row.record_id}", "", parent, checked=checked)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.row = row
        self.setEnabled(not row.locked)

    def paint(self, p: QPainter) -> None:
        t, row = self.theme, self.row
        measures = _Layout(t, self.width())
        facts = measures.facts(row, self)
        slack = max(0, self.height() - measures.top - facts.height)
        top = measures.top + slack // 3
        if self.isDown():
            inset = t.px("stroke.selected")
            ground = QRectF(self.rect()).adjusted(inset, inset, -inset, 0)
            fill_round(p, ground, t.px("radius.card") - inset, t.color("pressed"))
        side = t.px("tick")
        box = QRectF(measures.pad, top + t.px(2), side, side)
        if row.locked:
            fill_round(p, box, t.px("radius.chip"), t.color("surface"), t.color("outline"), t.px("stroke.divider"))
            self.stamp(p, t.icon("lock", 40, "muted"), box.center().x(), box.center().y())
        else:
            draw_tick_box(self, p, box, self.isChecked())
        x, y = float(measures.text_x), float(top)
        ink = "muted" if row.locked else "text"
        self.write(p, facts.act, row.act, QRectF(x, y, facts.act.width, facts.act.height), facts.act_role, ink)
        first = y
        y += facts.act.height + t.px(4)
        for text in facts.lines:
            self.line_text(p, QRectF(x, y, facts.act.width, t.line("label")), text, "label", "muted")
            y += t.line("label")
        self.write(
            p, facts.place, row.place, QRectF(x, y, facts.place.width, facts.place.height), facts.place_role, "muted"
        )
        right = self.width() - measures.pad
        width = measures.right_width(row)
        amount = QRectF(right - width, first, width, t.line("h3"))
        self.line_text(p, amount, short_yuan(row.fine_fen), "h2", ink, "right")
        chip = measures.chip(row)
        kind: ChipKind = "warn" if row.points and not row.locked else "plain"
        draw_chip(self, p, right - chip_width(t, chip), amount.bottom() + t.pick(40, 44), chip, kind)
        self.focus_ring(p, t.px("radius.card"))


class _EvidenceLink(Tappable):
    """The lower part: 查看证据照片, the whole row is the target."""

    def __init__(self, theme: Theme, record_id: str, act: str, parent: QWidget) -> None:
        super().__init__(theme, f"c06.evidence.{record_id}", f"查看证据照片：{act}", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        if self.isDown():
            fill_round(p, rect.adjusted(0, 0, 0, -t.px(8)), t.px("radius.chip"), t.color("pressed"))
        y = rect.center().y() - t.px(2)
        icon = t.icon("photo-search", "icon_s", "link")
        x = t.px(12)
        self.stamp(p, icon, x + icon.width() / 2, y)
        x += icon.width() + t.px(20)
        text = "查看证据照片"
        width = text_width(text, t.font("label", bold=True))
        box = QRectF(x, -t.px(2), rect.width() - x - t.px(60), rect.height())
        self.line_text(p, box, text, "label", "link", bold=True)
        if t.high_contrast:
            p.fillRect(QRectF(x, y + t.font_px("label") * 0.62, width, t.px(2)), t.color("link"))
        self.stamp(p, t.icon("chevron-right", "icon_s", "link"), rect.right() - t.px(30), y)
        self.focus_ring(p, t.px("radius.chip"))


class CheckCard(Painted):
    """Emits `ticked(bool)` and `evidence_asked`. Its tick is named c06.card.<record_id>, its link c06.evidence.<record_id>."""

    ticked = Signal(bool)
    evidence_asked = Signal()

    def __init__(self, theme: Theme, row: ViolationRow, checked: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(theme, f"c06.row.{row.record_id}", row.act, parent)
        self.elevation: Elevation = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.tick = _TickArea(theme, row, checked, self)
        self.link = _EvidenceLink(theme, row.record_id, row.act, self)
        self.tick.ticked.connect(self._ticked)
        self.link.tapped.connect(self.evidence_asked)
        self.row = row
        self.set_row(row, checked)

    def set_row(self, row: ViolationRow, checked: bool) -> None:
        """Newer data for the same record: ticked or not, locked or not."""
        self.row = self.tick.row = row
        chosen = checked and not row.locked
        if self.tick.isChecked() != chosen:
            self.tick.setChecked(chosen)
        self.tick.setEnabled(not row.locked)
        self.link.setVisible(not row.locked)
        self.elevation = 0 if row.locked else 1
        money = f"罚款 {short_yuan(row.fine_fen)}，{points_words(row.points)}"
        spoken = f"{row.act}，{row.when}，{row.plate}，{row.place}，{money}"
        self.tick.setAccessibleName(f"{spoken}，不能在本机选择：{row.locked}" if row.locked else spoken)
        self.update()
        self.tick.update()

    def clear(self) -> None:
        """Forget the record, before deletion."""
        empty = ViolationRow(self.row.record_id, "", "", "", "", 0, 0)
        self.row = self.tick.row = empty
        self.setAccessibleName("")
        self.tick.setAccessibleName("")
        self.link.setAccessibleName("")

    @staticmethod
    def height_of(theme: Theme, row: ViolationRow, width: int, measurer: Painted | Checkable) -> int:
        """Pixels a row needs at a width; `measurer` is any widget of this theme."""
        return _Layout(theme, width).height(row, measurer)

    def _ticked(self, checked: bool) -> None:
        self.update()
        self.ticked.emit(checked)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        measures = _Layout(self.theme, self.width())
        foot = measures.foot_height(self.row, self)
        self.tick.setGeometry(0, 0, self.width(), self.height() - foot - measures.gap)
        inset = measures.pad - self.theme.px(12)
        self.link.setGeometry(inset, self.height() - foot, self.width() - 2 * inset, foot)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(984), _Layout(self.theme, self.theme.px(984)).height(self.row, self))

    def paint(self, p: QPainter) -> None:
        t, row = self.theme, self.row
        measures = _Layout(t, self.width())
        rect = QRectF(self.rect())
        chosen = self.tick.isChecked()
        fill = "well" if row.locked else "surface"
        edge = "primary" if chosen else "divider" if row.locked else "card_edge"
        width = t.px("stroke.selected") if chosen else t.px("stroke.divider")
        fill_round(p, rect, t.px("radius.card"), t.color(fill), t.color(edge), width)
        foot = measures.foot_height(row, self)
        line = rect.height() - foot - measures.gap / 2 - t.px(1)
        inner = self.width() - 2 * measures.pad
        p.fillRect(QRectF(measures.pad, line, inner, t.px(2)), t.color("outline" if t.high_contrast else "divider"))
        if not row.locked:
            return
        top = rect.height() - foot
        role, shape = measures.reason(row, self)
        box = QRectF(measures.pad, top + (foot - shape.height) / 2 - t.px(2), shape.width, shape.height)
        self.write(p, shape, row.locked, box, role, "text")
        if row.code:
            code = QRectF(self.width() - measures.pad - measures.code_width(row), top, measures.code_width(row), foot)
            self.line_text(p, code.adjusted(0, -t.px(2), 0, -t.px(2)), row.code, "small", "muted", "right")
