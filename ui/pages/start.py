"""C03: what to bring, how long it takes, what it costs; terms and the separate consent to the camera, both unticked."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from kiosk.screens.common import ServiceStart, StartAnswer
from ui.pages.base import PageWidget
from ui.paint.shapes import fill_round
from ui.paint.text import TextShape
from ui.theme import Theme
from ui.widgets.bars import Action
from ui.widgets.buttons import BigButton
from ui.widgets.cards import Panel
from ui.widgets.overlay import Overlay
from ui.widgets.rows import CheckBoxRow, Pager
from ui.widgets.text import Banner, TextBlock, _Flowing


class FactRow(_Flowing):
    """Icon tile, a small question, its answer."""

    def __init__(self, theme: Theme, name: str, icon: str, label: str, value: str) -> None:
        super().__init__(theme, name, f"{label}：{value}")
        self._icon, self._label, self._value = icon, label, value
        self._shape: TextShape | None = None

    def _left(self) -> int:
        return self.theme.px(152)

    def _shaped(self, width: int) -> TextShape:
        room = width - self._left()
        if self._shape is None or self._shape.width != room:
            self._shape = self.shape(self._value, "h3", room)
        return self._shape

    def heightForWidth(self, width: int) -> int:
        return max(self.theme.px(136), self.theme.line("label") + self._shaped(width).height + self.theme.px(32))

    def paint(self, p: QPainter) -> None:
        t = self.theme
        side = t.px(112)
        tile = QRectF(0, (self.height() - side) / 2, side, side)
        edge = t.color("card_edge") if t.high_contrast else None
        fill_round(p, tile, t.px(24), t.color("tint"), edge, t.px("stroke.divider"))
        self.stamp(p, t.icon(self._icon, 64, "icon"), tile.center().x(), tile.center().y())
        shape = self._shaped(self.width())
        label_h = t.line("label")
        top = (self.height() - label_h - shape.height) / 2
        self.line_text(p, QRectF(self._left(), top, shape.width, label_h), self._label, "label", "muted")
        self.write(p, shape, self._value, QRectF(self._left(), top + label_h, shape.width, shape.height), "h3")


class TermsOverlay(Overlay):
    """The whole notice, turned like pages."""

    def __init__(self, page: ServiceStartPage, terms: tuple[str, ...]) -> None:
        theme = page.theme
        super().__init__(theme, "c03.terms", "自助办理须知", page.window(), personal=False, width=984)
        self._parts = _pages_of(terms, 130 if theme.large else 260)
        column = self.card.column
        column.addWidget(TextBlock(theme, "c03.terms.title", "自助办理须知", "h2"))
        self._text = TextBlock(theme, "c03.terms.text", self._parts[0], "body")
        self._text.setMinimumHeight(theme.px(700))
        column.addWidget(self._text)
        pager = Pager(theme, "c03.terms.pager", len(self._parts))
        pager.turned.connect(lambda i: self._text.set_text(self._parts[i]))
        column.addWidget(pager)
        close = BigButton(theme, "c03.terms.close", "看完了，返回", "primary")
        close.tapped.connect(page.close_terms)
        column.addWidget(close)


def _pages_of(paragraphs: tuple[str, ...], limit: int) -> list[str]:
    """Paragraphs grouped into pages of about `limit` characters; a long paragraph is cut after a full stop or clause."""
    pages: list[str] = []
    current = ""
    for paragraph in paragraphs:
        rest = paragraph
        while rest:
            room = limit - len(current)
            piece = rest if len(rest) <= room else ""
            if not piece and room >= limit // 2:
                cut = max((rest.rfind(mark, 0, room) + 1 for mark in "。；，"), default=0) or room
                piece = rest[:cut]
            if piece:
                current = f"{current}\n{piece}" if current else piece
                rest = rest[len(piece) :]
            if rest:
                pages.append(current)
                current = ""
    if current or not pages:
        pages.append(current)
    return pages


class ServiceStartPage(PageWidget[ServiceStart]):
    show_steps = False
    entered = False

    def title(self) -> str:
        return self.data.title

    def hint(self) -> str:
        return "照片和证件信息只用于本次办理，结束后清除。"

    def back_action(self) -> Action:
        return Action("返回首页", "secondary", "arrow-left")

    def next_action(self) -> Action:
        return Action("开始办理", "primary", "arrow-right", icon_after=True, waiting=not self._terms.isChecked())

    def build(self) -> None:
        theme, screen = self.theme, self.data
        self._overlay: TermsOverlay | None = None
        panel = Panel(theme, "c03.facts", "办理须知", padding=18 if theme.large else 28)
        rows = (
            ("id-card", "要带什么", screen.bring),
            ("clock", "要多久", screen.duration),
            ("wallet", "要付多少", screen.cost),
        )
        for i, (icon, label, value) in enumerate(rows):
            panel.column.addWidget(FactRow(theme, f"c03.fact.{i}", icon, label, value))
        self.body.addWidget(panel)
        self._face: CheckBoxRow | None = None
        self._decline: Banner | None = None
        self._terms = CheckBoxRow(theme, "c03.terms_box", screen.terms_text)
        self._terms.ticked.connect(self._changed)
        self.body.addWidget(self._terms)
        if screen.terms:
            read = BigButton(theme, "c03.read", "查看自助办理须知全文", "link", "form")
            read.tapped.connect(self.open_terms)
            self.body.addWidget(read)
        if screen.ask_face:
            self._face = CheckBoxRow(theme, "c03.face_box", screen.face_consent_text)
            self._face.ticked.connect(self._changed)
            self.body.addWidget(self._face)
            self._decline = Banner(theme, "c03.decline", "info", screen.without_face, "user-check")
            self.body.addWidget(self._decline)
        self.body.addStretch(1)

    def _changed(self) -> None:
        self._terms.set_alarm(False)
        self.complain("")
        self.chrome_changed.emit()

    def open_terms(self) -> None:
        if self._overlay is None:
            self._overlay = TermsOverlay(self, self.data.terms)
            self._overlay.open()

    def close_terms(self) -> None:
        if self._overlay is not None:
            overlay, self._overlay = self._overlay, None
            overlay.hide()
            overlay.setParent(None)
            overlay.deleteLater()

    def on_next(self) -> None:
        if not self._terms.isChecked():
            self._terms.set_alarm(True)
            self.complain("请先阅读并勾选自助办理须知。")
            return
        self.answer(StartAnswer(face_consent=self._face is not None and self._face.isChecked()))

    def keep(self) -> object:
        return (self._terms.isChecked(), self._face is not None and self._face.isChecked())

    def restore(self, kept: tuple[bool, bool]) -> None:
        self._terms.setChecked(kept[0])
        if self._face is not None:
            self._face.setChecked(kept[1])

    def clear(self) -> None:
        self.close_terms()
        super().clear()
