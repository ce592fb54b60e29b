"""The shell of the diagnostics: where one can go, who is signed in, whether anything is simulated or broken on purpose."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from kiosk.screens.diagnostics import Head, Section
from kiosk.screens.diagnostics import Tone as DiagTone
from ui.paint.shapes import fill_rect, fill_round
from ui.paint.text import text_width
from ui.theme import Theme
from ui.widgets.base import Painted, Tappable
from ui.widgets.diag_base import TONE_COLOR, TONE_SIGN, TechText, draw_tag

MODE = "诊断模式"
SECTIONS: dict[Section, tuple[str, str]] = {
    Section.OVERVIEW: ("总览", "dashboard"),
    Section.DEVICE: ("设备", "devices"),
    Section.CHECKS: ("自检", "play-circle"),
    Section.DAY_END: ("日终", "wallet"),
    Section.LOGS: ("日志", "log-search"),
    Section.FAULTS: ("故障注入", "flask"),
    Section.SETTINGS: ("配置", "gear"),
    Section.AUDIT: ("审计", "shield-lock"),
}


class NavItem(Tappable):
    """A section: icon beside its name in the rail, above it in a tab. Where one is, it is filled and cannot be pressed."""

    may_touch_top = True

    def __init__(self, theme: Theme, section: Section, *, current: bool, parent: QWidget) -> None:
        caption, icon = SECTIONS[section]
        super().__init__(theme, f"diag.nav.{section.value}", f"{caption}，当前" if current else caption, parent)
        self._caption, self._icon = caption, icon
        self._current = current
        self.setEnabled(not current)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        radius = t.px("radius.chip")
        color = "on_primary" if self._current else "on_header"
        if self._current:
            fill_round(p, rect, radius, t.color("primary"))
        elif self.isDown():
            fill_round(p, rect, radius, t.color("header_to"), t.color("on_header_muted"), t.px("stroke.divider"))
        if rect.width() > 2.4 * rect.height():
            self.stamp(p, t.icon(self._icon, 36, color), t.px(44), rect.center().y())
            box = rect.adjusted(t.px(84), 0, -t.px(8), 0)
            self.line_text(p, box, self._caption, ("tech_body", "tech"), color, bold=self._current)
        else:
            self.stamp(p, t.icon(self._icon, 36, color), rect.center().x(), t.px(32))
            box = QRectF(0, t.px(52), rect.width(), t.px(38))
            self.line_text(p, box, self._caption, ("tech_body", "tech"), color, "center", bold=self._current)
        self.focus_ring(p, radius)


class ModeSign(Painted):
    """诊断模式, with a wrench on amber: nobody takes this for a citizen's page."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "diag.mode", MODE, parent)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        side = t.px(56)
        tile = QRectF(0, (self.height() - side) / 2, side, side)
        fill_round(p, tile, t.px(14), t.color("diagnostic"))
        self.stamp(p, t.icon("wrench", 36, "on_warn"), tile.center().x(), tile.center().y())
        box = QRectF(tile.right() + t.px(16), 0, self.width() - tile.right() - t.px(16), self.height())
        self.line_text(p, box, MODE, ("tech_head", "tech_body"), "on_header", bold=True)


class MachineSign(TechText, Painted):
    """Version and who is signed in."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "diag.machine", "", parent)
        self._version, self._staff = "", ""

    def show_head(self, head: Head) -> None:
        if (head.version, head.staff) != (self._version, self._staff):
            self._version, self._staff = head.version, head.staff
            self.setAccessibleName(f"版本 {head.version}，工号 {head.staff}")
            self.update()

    def paint(self, p: QPainter) -> None:
        t = self.theme
        line = t.line("tech")
        top = (self.height() - 2 * line) / 2
        upper = QRectF(0, top, self.width(), line)
        self.short_text(p, upper, f"v{self._version.removeprefix('v')}", "tech", "on_header_muted")
        self.short_text(p, upper.translated(0, line), f"工号 {self._staff}", "tech", "on_header_muted")


class HeadLine(Painted):
    """The page's name, and what a technician must not forget: 模拟模式, and how many faults are armed."""

    def __init__(self, theme: Theme, title: str, parent: QWidget) -> None:
        super().__init__(theme, "diag.title", title, parent)
        self._title = title
        self._simulated, self._armed = False, 0

    def show_head(self, head: Head) -> None:
        self.show_state(self._title, simulated=head.simulated, armed=head.armed)

    def show_state(self, title: str, *, simulated: bool, armed: int) -> None:
        state = (title, simulated, armed)
        if state != (self._title, self._simulated, self._armed) or not self.accessibleDescription():
            self._title, self._simulated, self._armed = state
            self.setAccessibleName(title)
            said = ["模拟模式"] if simulated else ["真实设备"]
            self.setAccessibleDescription("，".join([*said, f"已注入 {armed} 个故障"] if armed else said))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        t = self.theme
        width = text_width(self._title, t.font("tech_title"))
        for word in self._tags():
            width += t.px(16 + 32) + text_width(word, t.font("tech", bold=True))
        return QSize(round(width) + t.px(16), t.px("tech_button"))

    def _tags(self) -> list[str]:
        return (["模拟模式"] if self._simulated else []) + ([f"故障 {self._armed} 个"] if self._armed else [])

    def paint(self, p: QPainter) -> None:
        t = self.theme
        tags = self._tags()
        used = sum(t.px(16 + 32) + text_width(word, t.font("tech", bold=True)) for word in tags)
        box = QRectF(0, 0, self.width() - used - t.px(4), self.height())
        x = self.line_text(p, box, self._title, ("tech_title", "tech_head", "tech_body"), "text").right() + t.px(20)
        for word in tags:
            bad = word != "模拟模式"
            fill, color = ("bad_tint", "bad_text") if bad else ("warn_tint", "warn_text")
            x += draw_tag(self, p, x, self.height() / 2, word, fill, color, color) + t.px(16)


class NoteBand(Painted):
    """One sentence about what was just done, or could not be done."""

    def __init__(self, theme: Theme, parent: QWidget, name: str = "diag.note") -> None:
        super().__init__(theme, name, "没有消息", parent)
        self._text = ""
        self._tone: DiagTone = "ok"
        self.hide()

    def say(self, text: str, tone: DiagTone) -> bool:
        """Whether it came or went, or needs another height."""
        if (text, tone) == (self._text, self._tone):
            return False
        self._text, self._tone = text, tone
        self.setAccessibleName(text or "没有消息")
        self.setVisible(bool(text))
        self.update()
        return True

    @property
    def text(self) -> str:
        return self._text

    def height_for(self, width: int) -> int:
        return max(self.theme.px(60), self.shape(self._text, "tech_body", self._room(width)).height + self.theme.px(16))

    def _room(self, width: int) -> int:
        return width - self.theme.px(96)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        rect = QRectF(self.rect())
        muted = self._tone == "muted"
        color = TONE_COLOR[self._tone]
        fill = "surface" if muted else f"{self._tone}_tint"
        edge = t.color("outline" if muted else color)
        fill_round(p, rect, t.px("radius.chip"), t.color(fill), edge, t.px("stroke.divider"))
        self.stamp(p, t.icon("info" if muted else TONE_SIGN[self._tone], 34, color), t.px(38), rect.center().y())
        shape = self.shape(self._text, "tech_body", self._room(self.width()))
        box = QRectF(t.px(72), (rect.height() - shape.height) / 2, shape.width, shape.height)
        self.write(p, shape, self._text, box, "tech_body", color)


def paint_rail(p: QPainter, theme: Theme, rect: QRectF) -> None:
    """The dark ground under the sections."""
    fill_rect(p, rect, theme.color("header_from"))
    if theme.high_contrast:  # both grounds are black there
        wide = rect.width() > rect.height()
        line = theme.px("stroke.divider")
        edge = (
            QRectF(rect.x(), rect.bottom() - line, rect.width(), line)
            if wide
            else QRectF(rect.right() - line, rect.y(), line, rect.height())
        )
        fill_rect(p, edge, theme.color("header_line"))
