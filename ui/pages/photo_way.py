"""Where the photo comes from: taken now, tested elsewhere, or brought to the window. A tap on a card answers."""

from __future__ import annotations

from kiosk.screens.form import ChoosePhotoWay, PhotoWay
from ui.pages.base import PageWidget
from ui.widgets.way_card import WayCard

NO_CAMERA = "这台机器现在不能拍照。"
_WAYS: tuple[tuple[PhotoWay, str, str, str], ...] = (
    ("camera", "现在拍照", "在这台机器上拍，约 1 分钟", "camera"),
    ("receipt", "我有相片回执", "照相馆给的单子，上面有条码和号码", "receipt"),
    ("later", "以后到窗口交照片", "先填完表，再带照片到人工窗口", "photo"),
)


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
        self._cards: list[tuple[PhotoWay, WayCard]] = []
        for way, title, detail, icon in _WAYS:
            card = WayCard(self.theme, f"photo.way.{way}", title, detail, icon)
            card.tapped.connect(lambda way=way: self.answer(way))
            self.body.addWidget(card)
            self._cards.append((way, card))
        self.body.addStretch(1)
        self._show()

    def _show(self) -> None:
        for way, card in self._cards:
            if way == "camera":
                card.set_reason("" if self.data.camera else self.data.why_not or NO_CAMERA)
            elif way == "receipt":
                card.reveal(self.data.receipt)

    def refresh(self, screen: ChoosePhotoWay, before: ChoosePhotoWay) -> None:
        self._show()
        self.update()  # the page paints the cards' shadows
