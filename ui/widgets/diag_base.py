"""What the technician's pages are made of: signs of a tone, buttons, switches, and text that may be shortened.

Sizes are the `tech_*` tokens: text of 24 px and more, targets of 64 px, the same in every theme.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

import ui
from kiosk.screens.diagnostics import Tone
from ui.paint.shapes import draw_disc, fill_round
from ui.paint.text import TextRun, baseline, draw_line, text_width
from ui.theme import MONO_FAMILIES, Theme
from ui.widgets.base import Checkable, Painted, PaintMixin, Tappable

TechKind = Literal["primary", "secondary", "danger", "choice"]

TONE_SIGN: dict[Tone, str] = {
    "ok": "check-circle",
    "warn": "warning-triangle",
    "bad": "octagon-x",
    "muted": "skip-circle",
}
"""Each tone has a shape of its own, so that it reads in greyscale (R7)."""
TONE_COLOR: dict[Tone, str] = {"ok": "ok_text", "warn": "warn_text", "bad": "bad_text", "muted": "muted"}
_ICONS = Path(next(iter(ui.__path__))) / "icons"


def known_icon(name: str) -> str:
    """The icon by that name, or a plain one: a driver of somebody else's may name what this house does not have."""
    return name if name.replace("-", "").isalnum() and (_ICONS / f"{name}.svg").is_file() else "devices"


def mono_font(theme: Theme, *, bold: bool = False) -> QFont:
    """For log lines and keys of settings."""
    font = QFont([*MONO_FAMILIES, *theme.font("tech").families()])
    font.setPixelSize(theme.font_px("tech"))
    font.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
    return font


class TechText(PaintMixin):
    """Writing that only technicians read: monospaced, or shortened in the middle where the whole stands on another page."""

    shortens = True
    """Paths and log lines may end in an ellipsis here (R8: marked)."""

    _mono: dict[bool, QFont] | None = None

    def mono_text(self, p: QPainter, rect: QRectF, text: str, color: str, *, bold: bool = False) -> None:
        if self._mono is None:
            self._mono = {}
        font = self._mono.get(bold)
        if font is None:
            font = self._mono[bold] = mono_font(self.theme, bold=bold)
        self.runs.append(draw_line(p, rect, text, font, self.theme.color(color), elide=True))

    def short_text(
        self,
        p: QPainter,
        rect: QRectF,
        text: str,
        role: str | Sequence[str],
        color: str,
        align: str = "left",
        *,
        bold: bool | None = None,
    ) -> QRectF:
        """One line in the largest role it fits; what fits none loses its middle, because a path differs at its end."""
        font, width = self.theme.font("tech", bold), 0.0
        for candidate in (role,) if isinstance(role, str) else role:
            font = self.theme.font(candidate, bold)
            width = text_width(text, font)
            if width <= rect.width():
                break
        fits, shown = width <= rect.width(), text
        if not fits:
            width = rect.width()
            shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideMiddle, rect.width())
        size = font.pixelSize()
        x = rect.right() - width if align == "right" else rect.x()
        p.setFont(font)
        p.setPen(self.theme.color(color))
        p.drawText(QPointF(x, baseline(rect.y(), rect.height(), size)), shown)
        used = QRectF(x, rect.y() + (rect.height() - size) / 2, width, size)
        self.runs.append(TextRun(text, used, size, True, not fits))
        return used


def draw_state(
    widget: PaintMixin, p: QPainter, rect: QRectF, tone: Tone, word: str, *, role: str = "tech_body"
) -> float:
    """Sign and word of a tone, from the left of `rect`. Returns where it ends."""
    t = widget.theme
    side = round(t.font_px(role) * 1.3 / t.scale)
    color = TONE_COLOR[tone]
    icon = t.icon(TONE_SIGN[tone], side, color)
    widget.stamp(p, icon, rect.x() + icon.width() / 2, rect.center().y())
    box = rect.adjusted(icon.width() + t.px(10), 0, 0, 0)
    return widget.line_text(p, box, word, (role, "tech"), color, bold=True).right()


def draw_tag(
    widget: PaintMixin, p: QPainter, x: float, centre_y: float, text: str, fill: str, color: str, edge: str = ""
) -> float:
    """A word in a small rounded box. Returns its width."""
    t = widget.theme
    width = text_width(text, t.font("tech", bold=True)) + t.px(32)
    rect = QRectF(x, centre_y - t.px(22), width, t.px(44))
    fill_round(p, rect, t.px(22), t.color(fill), t.color(edge) if edge else None, t.px("stroke.divider"))
    widget.line_text(p, rect, text, "tech", color, "center", bold=True)
    return width


class TechButton(TechText, Tappable):
    """A button of the diagnostics: 72 px high. `choice` is one of several, of which one is `chosen`."""

    may_touch_top = True

    def __init__(
        self,
        theme: Theme,
        name: str,
        caption: str,
        kind: TechKind = "secondary",
        icon: str = "",
        *,
        spoken: str = "",
        repeat: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name, spoken or caption, parent, repeat=repeat)
        self.caption, self.kind, self.icon_name = caption, kind, icon
        self.chosen = False
        self.waiting = False
        """Looks disabled and can be pressed: it then says why it does nothing."""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.resize(self.sizeHint())

    def set_caption(self, caption: str, icon: str | None = None, *, spoken: str = "") -> bool:
        """Whether the button wants another width now."""
        if caption == self.caption and icon in (None, self.icon_name):
            return False
        self.caption = caption
        self.icon_name = self.icon_name if icon is None else icon
        self.setAccessibleName(spoken or caption)
        self.update()
        return True

    def choose(self, chosen: bool) -> None:
        if chosen != self.chosen:
            self.chosen = chosen
            self.setAccessibleDescription("已选" if chosen else "")
            self.update()

    def sizeHint(self) -> QSize:
        t = self.theme
        width = text_width(self.caption, t.font("tech_body", bold=True)) + t.px(56)
        if self.icon_name:
            width = width + t.px(48) if self.caption else t.px("tech_button")
        return QSize(round(width), t.px("tech_button"))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.px("tech_touch"), self.theme.px("tech_touch"))

    def _colors(self) -> tuple[str, str, str]:
        if not self.isEnabled() or self.waiting:
            return ("disabled", "outline", "on_disabled")
        if self.kind == "primary" or self.chosen:
            return ("primary_pressed" if self.isDown() else "primary", "", "on_primary")
        bad = self.kind == "danger"
        return ("pressed" if self.isDown() else "surface", "bad" if bad else "outline", "bad_text" if bad else "text")

    def paint(self, p: QPainter) -> None:
        t = self.theme
        fill, edge, color = self._colors()
        rect = QRectF(self.rect())
        radius = t.px("radius.field")
        fill_round(p, rect, radius, t.color(fill), t.color(edge) if edge else None, t.px("stroke.outline"))
        icon = t.icon(self.icon_name, 36, color) if self.icon_name else None
        gap = t.px(12) if self.caption else 0
        extra = icon.width() + gap if icon is not None else 0
        room = rect.width() - t.px(24) - extra
        widths = {role: text_width(self.caption, t.font(role, bold=True)) for role in ("tech_body", "tech")}
        role = "tech_body" if widths["tech_body"] <= room else "tech"
        width = min(widths[role], room) if self.caption else 0
        x = rect.center().x() - (width + extra) / 2
        if icon is not None:
            self.stamp(p, icon, x + icon.width() / 2, rect.center().y())
        if self.caption:
            self.short_text(p, QRectF(x + extra, 0, width, rect.height()), self.caption, role, color, bold=True)
        self.focus_ring(p, radius)


class TechPanel(Painted):
    """A card with a heading; what lies in it is placed by the page, in `inner()`."""

    elevation = 1

    def __init__(self, theme: Theme, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, title, parent)
        self.title = title

    def inner(self) -> QRectF:
        t = self.theme
        top = t.px(84) if self.title else t.px(20)
        return QRectF(self.rect()).adjusted(t.px(24), top, -t.px(24), -t.px(20))

    def draw_ground(self, p: QPainter) -> None:
        t = self.theme
        fill_round(
            p,
            QRectF(self.rect()),
            t.px("radius.card"),
            t.color("surface"),
            t.color("card_edge"),
            t.px("stroke.outline"),
        )
        if self.title:
            box = QRectF(t.px(24), t.px(14), self.width() - t.px(48), t.px(52))
            self.line_text(p, box, self.title, ("tech_head", "tech_body"), "text", bold=True)

    def paint(self, p: QPainter) -> None:
        self.draw_ground(p)


def draw_switch(widget: PaintMixin, p: QPainter, rect: QRectF, *, on: bool, enabled: bool = True) -> None:
    """On: filled, knob to the right, with a tick in it."""
    t = widget.theme
    radius = rect.height() / 2
    fill = "primary" if on and enabled else "well"
    fill_round(p, rect, radius, t.color(fill), None if on and enabled else t.color("outline"), t.px("stroke.outline"))
    knob = QRectF(rect.right() - rect.height() if on else rect.x(), rect.y(), rect.height(), rect.height())
    draw_disc(p, knob.center(), radius - t.px(7), t.color("on_primary" if on and enabled else "outline"))
    if on:
        icon = t.icon("check", 26, "primary" if enabled else "surface")
        widget.stamp(p, icon, knob.center().x(), knob.center().y())


class SwitchRow(TechText, Checkable):
    """A caption, a second line (how long a fault is armed still), and a switch at the right end."""

    may_touch_top = True

    def __init__(
        self, theme: Theme, name: str, caption: str, note: str = "", *, on: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, name, f"{caption}，{note}" if note else caption, parent, checked=on)
        self.caption, self.note = caption, note
        self.ticked.connect(lambda on: self.setChecked(not on))  # a switch shows what is so, not what was touched

    def show_state(self, caption: str, note: str, *, on: bool) -> None:
        if (caption, note, on) != (self.caption, self.note, self.isChecked()):
            self.caption, self.note = caption, note
            self.setChecked(on)
            self.setAccessibleName(f"{caption}，{note}" if note else caption)
            self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.px(200), self.theme.px("tech_touch"))

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        if self.isDown():
            fill_round(p, rect, t.px("radius.key"), t.color("pressed"))
        switch = QRectF(rect.right() - t.px(92), rect.center().y() - t.px(22), t.px(84), t.px(44))
        draw_switch(self, p, switch, on=self.isChecked(), enabled=self.isEnabled())
        room = QRectF(t.px(8), 0, switch.x() - t.px(20), rect.height())
        if self.note:
            upper = room.adjusted(0, t.px(4), 0, -room.height() / 2)
            self.short_text(p, upper, self.caption, "tech", "text")
            lower = room.adjusted(0, room.height() / 2, 0, -t.px(4))
            self.short_text(p, lower, self.note, "tech", "warn_text", bold=True)
        else:
            fits = text_width(self.caption, t.font("tech_body")) <= room.width()
            shape = None if fits else self.shape(self.caption, "tech", room.width())
            if shape is None or shape.height > rect.height():
                self.short_text(p, room, self.caption, "tech_body" if fits else "tech", "text")
            else:
                box = QRectF(room.x(), (rect.height() - shape.height) / 2, room.width(), shape.height)
                self.write(p, shape, self.caption, box, "tech", "text")
        self.focus_ring(p, t.px("radius.key"))
