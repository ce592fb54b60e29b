"""Where the photo comes from: taken now, tested elsewhere, or brought to the window. A tap on a card answers."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from kiosk.screens.form import ChoosePhotoWay, PhotoWay
from ui.pages.base import PageWidget
from ui.paint.shapes import Elevation, fill_round
from ui.paint.text import TextShape
from ui.theme import Theme
from ui.widgets.base import Tappable
from ui.widgets.choice_cards import draw_plate

NO_CAMERA = "这台机器现在不能拍照。"
_WAYS: tuple[tuple[PhotoWay, str, str, str], ...] = (
    ("camera", "现在拍照", "在这台机器上拍，约 1 分钟", "camera"),
    ("receipt", "我有相片回执", "照相馆给的单子，上面有条码和号码", "receipt"),
    ("later", "以后到窗口交照片", "先填完表，再带照片到人工窗口", "photo"),
)


class WayCard(Tappable):
    """A picture, what it is, what it takes; greyed with the reason when it cannot be had now."""

    elevation: Elevation = 1

    def __init__(self, theme: Theme, way: PhotoWay, title: str, detail: str, icon: str) -> None:
        super().__init__(theme, f"photo.way.{way}", "")
        self.way: PhotoWay = way
        self._title, self._detail, self._icon, self._reason = title, detail, icon, ""
        self.setFixedHeight(theme.pick(330, 330))
        self.set_reason("")

    def set_reason(self, reason: str) -> None:
        """Why this cannot be chosen; empty: it can."""
        self._reason = reason
        self.setEnabled(not reason)
        self.elevation = 0 if reason else 1
        self.setAccessibleName("，".join(part for part in (self._title, reason or self._detail) if part))
        self.update()

    def _left(self) -> float:
        return self.theme.px(40) + self.theme.pick(160, 128) + self.theme.pick(40, 32)

    def _lines(self) -> TextShape:
        """The reason stands in place of the detail: what cannot be had need not be described."""
        room = self.width() - self._left() - self.theme.px(96)
        return self.shape(self._reason or self._detail, "body", room, balance=True)

    def paint(self, p: QPainter) -> None:
        t = self.theme
        off = bool(self._reason)
        rect = QRectF(self.rect())
        radius = t.px("radius.card")
        draw_plate(self, p, off=off, chosen=False, down=self.isDown(), radius=radius)
        side = t.pick(160, 128)
        tile = QRectF(t.px(40), (rect.height() - side) / 2, side, side)
        edge = t.color("card_edge") if t.high_contrast else None
        fill_round(p, tile, t.px(32), t.color("surface" if off else "tint"), edge, t.px("stroke.divider"))
        picture = t.icon("lock" if off else self._icon, 88, "muted" if off else "icon")
        self.stamp(p, picture, tile.center().x(), tile.center().y())
        below = self._lines()
        gap = t.px(10)
        x = self._left()
        y = (rect.height() - t.line("h2") - gap - below.height) / 2
        title = QRectF(x, y, rect.right() - t.px(96) - x, t.line("h2"))
        self.line_text(p, title, self._title, ("h2", "h3"), "muted" if off else "text", bold=True)
        box = QRectF(x, y + t.line("h2") + gap, below.width, below.height)
        self.write(p, below, self._reason or self._detail, box, "body", "text" if off else "muted")
        if not off:
            self.stamp(p, t.icon("chevron-right", 48, "muted"), rect.right() - t.px(56), rect.center().y())
        self.focus_ring(p, radius)


class ChoosePhotoWayPage(PageWidget[ChoosePhotoWay]):
    def title(self) -> str:
        return "请选择照片怎么交"

    def hint(self) -> str:
        return "点一下卡片就选中。" if self.data.camera else "带锁的现在不能选，卡片上写着原因。"

    def voice(self) -> str:
        there = {"camera": self.data.camera, "receipt": self.data.receipt}
        ways = "、".join(title for way, title, _, _ in _WAYS if there.get(way, True))
        return f"请选择照片怎么交。可以选：{ways}。"

    def help_lines(self) -> tuple[str, ...]:
        return (
            "没有照片，选“现在拍照”。",
            "照相馆拍过证件照，单子上有号码的，选“我有相片回执”。",
            "都没有也可以先填表，照片以后到窗口交。",
        )

    def build(self) -> None:
        self._cards: list[WayCard] = []
        for way, title, detail, icon in _WAYS:
            card = WayCard(self.theme, way, title, detail, icon)
            card.tapped.connect(lambda way=way: self.answer(way))
            self.body.addWidget(card)
            self._cards.append(card)
        self.body.addStretch(1)
        self._show()

    def _show(self) -> None:
        for card in self._cards:
            if card.way == "camera":
                card.set_reason("" if self.data.camera else self.data.why_not or NO_CAMERA)
            elif card.way == "receipt":
                card.reveal(self.data.receipt)

    def refresh(self, screen: ChoosePhotoWay, before: ChoosePhotoWay) -> None:
        self._show()
        self.update()  # the page paints the cards' shadows
