"""Cards to choose by: a kind, a destination, an option with its price. What cannot be chosen keeps its place, greyed, with the reason."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from kiosk.screens.endorsement import EntryOption, KindRow, PlaceRow
from ui.paint.shapes import Elevation, draw_disc, fill_round
from ui.paint.text import TextShape, text_width
from ui.theme import Theme
from ui.widgets.base import Checkable, PaintMixin, Tappable
from ui.widgets.money import yuan
from ui.widgets.rows import draw_tick_box

_KIND_ICONS = {
    "G": "user",
    "L": "users",
    "T": "home",
    "S": "form-pen",
    "Q": "list",
    "D": "map-pin",
    "R": "user-check",
}
_EMBLEMS = {"HKG": "港", "MAC": "澳"}


def shaped(theme: Theme, text: str, role: str, width: float, *, bold: bool | None = None) -> TextShape:
    """A paragraph measured without a widget, its lines alike in length: no line of one character."""
    return TextShape(text, theme.font(role, bold), width, theme.line(role), balance=True)


def headline(theme: Theme, text: str, roles: tuple[str, ...], width: float) -> tuple[str, TextShape]:
    """A title in bold, in one line of the first role it fits in, else broken in the last: never cut, never smaller than that."""
    role = next((role for role in roles if text_width(text, theme.font(role, True)) <= width - 2), roles[-1])
    return role, shaped(theme, text, role, width, bold=True)


def emblem(place_id: str, place: str) -> str:
    """The one hanzi a destination is known by."""
    return _EMBLEMS.get(place_id) or place[:1]


def draw_emblem(widget: PaintMixin, p: QPainter, box: QRectF, text: str, role: str, *, off: bool = False) -> None:
    """A hanzi in a tile: a picture that needs no drawing."""
    t = widget.theme
    edge = t.color("card_edge") if t.high_contrast else None
    fill_round(p, box, box.height() / 5, t.color("surface" if off else "chip"), edge, t.px("stroke.divider"))
    widget.line_text(p, box, text, (role, "h3"), "muted" if off else "on_chip", "center", bold=True)


def draw_plate(widget: PaintMixin, p: QPainter, *, off: bool, chosen: bool, down: bool, radius: float) -> None:
    """The ground of a card: chosen is a thick edge and (drawn by the card) a sign, never a tint alone."""
    t = widget.theme
    rect = QRectF(widget.rect())  # type: ignore[attr-defined]
    if off:
        fill_round(p, rect, radius, t.color("well"), t.color("divider"), t.px("stroke.divider"))
    elif chosen:
        fill_round(
            p, rect, radius, t.color("pressed" if down else "surface"), t.color("primary"), t.px("stroke.selected")
        )
    else:
        edge = t.color("card_edge")
        fill_round(p, rect, radius, t.color("pressed" if down else "surface"), edge, t.px("stroke.outline"))


def draw_radio(widget: PaintMixin, p: QPainter, centre: QPointF, ring: float, chosen: bool) -> None:
    t = widget.theme
    edge = t.color("primary" if chosen else "outline")
    draw_disc(p, centre, ring, t.color("surface"), edge, t.px("stroke.selected"))
    if chosen:
        draw_disc(p, centre, ring * 0.55, t.color("primary"))


class KindCard(Tappable):
    """One kind of endorsement. A tap chooses it."""

    elevation: Elevation = 1

    def __init__(self, theme: Theme, row: KindRow, width: int) -> None:
        spoken = "，".join(part for part in (row.title, row.detail, row.locked) if part)
        super().__init__(theme, f"c15a.kind.{row.id}", spoken)
        self.row = row
        self.setEnabled(not row.locked)
        self.elevation = 0 if row.locked else 1
        self._role, self._title, self._detail, self._reason = self._shapes(theme, row, width)
        self.setFixedHeight(self.height_of(theme, row, width))

    @staticmethod
    def _left(theme: Theme) -> int:
        return theme.px(32) + theme.pick(112, 104) + theme.px(28)

    @staticmethod
    def _shapes(theme: Theme, row: KindRow, width: int) -> tuple[str, TextShape, TextShape, TextShape | None]:
        """The title's role, title, detail, reason."""
        room = width - KindCard._left(theme) - theme.px(32)
        beside = room if row.locked else room - theme.px(56)  # the chevron's column
        detail = shaped(theme, row.detail, "label", beside)
        reason = shaped(theme, row.locked, "label", room) if row.locked else None
        return *headline(theme, row.title, ("h2", "h3"), beside), detail, reason

    @staticmethod
    def height_of(theme: Theme, row: KindRow, width: int) -> int:
        """The least: in large text the page may give it more."""
        _, title, detail, reason = KindCard._shapes(theme, row, width)
        words = title.height + (detail.height if row.detail else 0) + (reason.height if reason else 0)
        return max(theme.pick(168, 174), words + theme.pick(52, 44))

    def paint(self, p: QPainter) -> None:
        t, row = self.theme, self.row
        off = bool(row.locked)
        rect = QRectF(self.rect())
        radius = t.px("radius.card")
        draw_plate(self, p, off=off, chosen=False, down=self.isDown(), radius=radius)
        side = t.pick(112, 104)
        tile = QRectF(t.px(32), (rect.height() - side) / 2, side, side)
        edge = t.color("card_edge") if t.high_contrast else None
        fill_round(p, tile, t.px(24), t.color("surface" if off else "tint"), edge, t.px("stroke.divider"))
        icon = t.icon("lock" if off else _KIND_ICONS.get(row.id, "passport"), 64, "muted" if off else "icon")
        self.stamp(p, icon, tile.center().x(), tile.center().y())
        x = float(self._left(t))
        height = self._title.height
        height += (self._detail.height if row.detail else 0) + (self._reason.height if self._reason else 0)
        y = (rect.height() - height) / 2
        title = QRectF(x, y, self._title.width, self._title.height)
        self.write(p, self._title, row.title, title, self._role, "muted" if off else "text")
        y += self._title.height
        if row.detail:
            box = QRectF(x, y, self._detail.width, self._detail.height)
            self.write(p, self._detail, row.detail, box, "label", "muted")
            y += self._detail.height
        if self._reason is not None:
            box = QRectF(x, y, self._reason.width, self._reason.height)
            self.write(p, self._reason, row.locked, box, "label", "text")
        if not off:
            self.stamp(p, t.icon("chevron-right", 48, "muted"), rect.right() - t.px(48), rect.center().y())
        self.focus_ring(p, radius)


class PlaceCard(Checkable):
    """A destination to tick; several may be."""

    elevation: Elevation = 1

    def __init__(self, theme: Theme, row: PlaceRow, checked: bool, width: int) -> None:
        spoken = "，".join(part for part in (row.title, row.detail, row.locked) if part)
        super().__init__(theme, f"c15b.place.{row.id}", spoken, checked=checked and not row.locked)
        self.row = row
        self.setEnabled(not row.locked)
        self.elevation = 0 if row.locked else 1
        room = width - self._left() - theme.px(40)
        self._detail = shaped(theme, row.detail, "body", room)
        self._reason = shaped(theme, row.locked, "body", room) if row.locked else None
        self._words = theme.line("h1") + (self._detail.height if row.detail else 0)
        self._words += self._reason.height if self._reason else 0
        self.setFixedHeight(max(theme.pick(320, 320), self._words + theme.px(64)))

    def _left(self) -> int:
        t = self.theme
        return t.px(40) + t.px("tick") + t.pick(36, 28) + t.pick(140, 120) + t.pick(40, 28)

    def paint(self, p: QPainter) -> None:
        t, row = self.theme, self.row
        off, chosen = bool(row.locked), self.isChecked()
        rect = QRectF(self.rect())
        radius = t.px("radius.card")
        draw_plate(self, p, off=off, chosen=chosen, down=self.isDown(), radius=radius)
        side = t.px("tick")
        box = QRectF(t.px(40), (rect.height() - side) / 2, side, side)
        if off:
            fill_round(p, box, t.px("radius.chip"), t.color("surface"), t.color("outline"), t.px("stroke.divider"))
            self.stamp(p, t.icon("lock", 40, "muted"), box.center().x(), box.center().y())
        else:
            draw_tick_box(self, p, box, chosen)
        tile_side = t.pick(140, 120)
        tile = QRectF(box.right() + t.pick(36, 28), (rect.height() - tile_side) / 2, tile_side, tile_side)
        draw_emblem(self, p, tile, emblem(row.id, row.title), "h1" if t.large else "display", off=off)
        x = float(self._left())
        y = (rect.height() - self._words) / 2
        title = QRectF(x, y, rect.right() - t.px(40) - x, t.line("h1"))
        self.line_text(p, title, row.title, ("h1", "h2", "h3"), "muted" if off else "text", bold=True)
        y += t.line("h1")
        if row.detail:
            area = QRectF(x, y, self._detail.width, self._detail.height)
            self.write(p, self._detail, row.detail, area, "body", "muted")
            y += self._detail.height
        if self._reason is not None:
            area = QRectF(x, y, self._reason.width, self._reason.height)
            self.write(p, self._reason, row.locked, area, "body", "text")
        self.focus_ring(p, radius)


class OptionCard(Tappable):
    """How often and how long, with its price: one of several, a ring that is filled when chosen."""

    elevation: Elevation = 1

    def __init__(self, theme: Theme, place_id: str, place: str, option: EntryOption, chosen: bool, width: int) -> None:
        words = (place, option.title, option.detail, yuan(option.fee_fen), option.locked)
        super().__init__(theme, f"c15c.option.{option.id}", "，".join(word for word in words if word))
        self.option, self.place_id = option, place_id
        self.setCheckable(True)
        self.setChecked(chosen and not option.locked)
        self.setEnabled(not option.locked)
        self.elevation = 0 if option.locked else 1
        self._role, self._title = self._headline(theme, option, width)
        self._below = self._shape_below(theme, option, width)
        self.setFixedHeight(self.height_of(theme, option, width))

    @staticmethod
    def _left(theme: Theme) -> int:
        return theme.pick(104, 108)

    @staticmethod
    def _price_width(theme: Theme, option: EntryOption) -> int:
        return round(text_width(yuan(option.fee_fen), theme.font("h2", bold=True))) + theme.px(8)

    @staticmethod
    def _shape_below(theme: Theme, option: EntryOption, width: int) -> TextShape:
        """The sentence under the title: until when, or why not. It ends before the price, in large text it runs under it."""
        room = width - OptionCard._left(theme) - theme.px(32)
        if not theme.large:
            room -= OptionCard._price_width(theme, option) + theme.px(24)
        return shaped(theme, option.locked or option.detail, "small", room)

    @staticmethod
    def _headline(theme: Theme, option: EntryOption, width: int) -> tuple[str, TextShape]:
        right = OptionCard._price_width(theme, option) + theme.px(32 + 16)
        return headline(theme, option.title, ("h3",), width - OptionCard._left(theme) - right)

    @staticmethod
    def height_of(theme: Theme, option: EntryOption, width: int) -> int:
        words = (
            OptionCard._headline(theme, option, width)[1].height + OptionCard._shape_below(theme, option, width).height
        )
        return max(theme.pick(116, 150), words + theme.pick(26, 32))

    def set_chosen(self, chosen: bool) -> None:
        self.setChecked(chosen and not self.option.locked)
        self.update()

    def paint(self, p: QPainter) -> None:
        t, option = self.theme, self.option
        off, chosen = bool(option.locked), self.isChecked()
        rect = QRectF(self.rect())
        radius = t.px("radius.card")
        draw_plate(self, p, off=off, chosen=chosen, down=self.isDown(), radius=radius)
        centre = QPointF(t.pick(58, 60), rect.center().y())
        if off:
            self.stamp(p, t.icon("lock", 44, "muted"), centre.x(), centre.y())
        else:
            draw_radio(self, p, centre, t.pick(26, 32), chosen)
        x = float(self._left(t))
        height = self._title.height + self._below.height
        y = (rect.height() - height) / 2
        right = rect.right() - t.px(32)
        price_w = self._price_width(t, option)
        price = QRectF(right - price_w, y if t.large else 0, price_w, t.line("h3") if t.large else rect.height())
        self.line_text(p, price, yuan(option.fee_fen), ("h2", "h3"), "muted" if off else "amount", "right", bold=True)
        title = QRectF(x, y, self._title.width, self._title.height)
        self.write(p, self._title, option.title, title, self._role, "muted" if off else "text")
        area = QRectF(x, y + self._title.height, self._below.width, self._below.height)
        below = option.locked or option.detail
        self.write(p, self._below, below, area, "small", "text" if off else "muted")
        self.focus_ring(p, radius)
