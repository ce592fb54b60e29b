"""The photo is taken here: a large mirror, one thing to change at a time, and no button to press for it."""

from __future__ import annotations

import time
from typing import NamedTuple

from kiosk.ports.photo import PhotoHint
from kiosk.screens.form import TakePhoto
from ui.pages.base import PageWidget
from ui.widgets.bars import Action
from ui.widgets.photo_guide import HintBand, PhotoMirror
from ui.widgets.photo_signs import Sign
from ui.widgets.text import Banner


class Words(NamedTuple):
    say: str
    more: str
    sign: Sign


OPENING = Words("正在打开摄像头", "请稍等", "camera")
HINTS: dict[PhotoHint, Words] = {
    PhotoHint.NO_FACE: Words("请站到摄像头前", "摄像头在屏幕上方，请露出全脸", "user"),
    PhotoHint.SEVERAL_FACES: Words("只能一个人拍", "请旁边的人让开一点", "users"),
    PhotoHint.TOO_FAR: Words("请靠近一点", "让头填满虚线圈", "closer"),
    PhotoHint.TOO_CLOSE: Words("请往后一点", "让头退回虚线圈里", "away"),
    PhotoHint.OFF_CENTRE: Words("请站到中间", "把头放进虚线圈里", "user"),
    PhotoHint.LEANING: Words("请把头摆正", "头不要歪向一边", "lean"),
    PhotoHint.TURNED: Words("请正对摄像头", "不要转头、抬头或者低头", "turn"),
    PhotoHint.EYES: Words("请睁开双眼", "头发不要挡住眼睛", "eye"),
    PhotoHint.GLARE: Words("请摘下眼镜", "镜片反光，挡住了眼睛", "glasses"),
    PhotoHint.MOUTH: Words("请把嘴合上", "自然就好，不用笑", "mouth"),
    PhotoHint.TOO_DARK: Words("光线太暗", "请找工作人员开灯", "dark"),
    PhotoHint.TOO_BRIGHT: Words("光线太亮", "请避开照在脸上的强光", "bright"),
    PhotoHint.UNEVEN_LIGHT: Words("脸上一边亮一边暗", "请避开旁边照过来的光", "half"),
    PhotoHint.COLOUR_CAST: Words("灯光有颜色", "请找工作人员调灯光", "colour"),
    PhotoHint.BACKGROUND: Words("背景不合适", "请找工作人员", "background"),
    PhotoHint.BLURRED: Words("请不要动", "画面有点模糊", "hand"),
    PhotoHint.HOLD_STILL: Words("很好，请不要动", "看着摄像头，正在拍", "hand"),
    PhotoHint.OK: Words("拍好了", "请稍等", "check"),
}
WAYS: dict[Sign, str] = {
    "left": "请往左一点",
    "right": "请往右一点",
    "up": "请把身子抬高一点",
    "down": "请把身子放低一点",
}
PLACING = frozenset(
    (
        PhotoHint.NO_FACE,
        PhotoHint.SEVERAL_FACES,
        PhotoHint.TOO_FAR,
        PhotoHint.TOO_CLOSE,
        PhotoHint.OFF_CENTRE,
    )
)
"""Hints about where to stand: a head to aim at helps then, and confuses who already stands right."""
_ASIDE = 0.14
"""Of the frame's width: about as far from the middle as the profiles let a face stand."""


def way_to_middle(screen: TakePhoto) -> Sign | None:
    """To which side the citizen should move, as they see themselves in the mirror; None when that cannot be told."""
    frame, cut = screen.frame, screen.outline or screen.box
    if frame is None or cut is None:
        return None
    x, y, wide, high = cut
    aside = (x + wide / 2) / frame.width - 0.5
    if x < 0 or x + wide > frame.width or abs(aside) >= _ASIDE:
        return (
            "right" if aside > 0 else "left"
        )  # mirrored: right in the frame is left for them, and they must come back
    if y < 0:
        return "down"
    if y + high > frame.height:
        return "up"
    return None


class TakePhotoPage(PageWidget[TakePhoto]):
    """The photo takes itself; the button is another way only."""

    def title(self) -> str:
        return "请看摄像头，准备拍照"

    def hint(self) -> str:
        return "摘下帽子，露出全脸。站好会自动拍，不用按。"

    def voice(self) -> str:
        opening = super().voice()
        if self.data.frame is None or self.data.hint is PhotoHint.NO_FACE:
            return opening
        return self.news()

    def news(self) -> str:
        """The place in front of the camera is found by ear as well."""
        if self.data.frame is None:
            return ""
        words = self._words()
        return f"{words.say}。{words.more}。"

    def help_lines(self) -> tuple[str, ...]:
        return (
            "头放进虚线圈，正对屏幕上方的摄像头，眼睛睁开。",
            "照着蓝底的提示做。绿框走完一圈，照片就拍好了。",
            "拍不好，点“换一种方式”，可以用相片回执或者到窗口交。",
        )

    def back_action(self) -> Action | None:
        return None  # the way back and the other ways are the same page

    def next_action(self) -> Action | None:
        if self.data.hint is PhotoHint.OK:
            return None
        return Action("换一种方式", "secondary", "list")

    def build(self) -> None:
        theme = self.theme
        self.body.setSpacing(theme.pick(24, 16))
        self._way: Sign | None = None
        self._since = float("-inf")
        self._mirror = PhotoMirror(theme, "photo.mirror")
        self.body.addWidget(self._mirror, 1)
        self._band = HintBand(theme, "photo.hint")
        self.body.addWidget(self._band)
        note = "画面只用来拍这张照片，不录像。"
        self._note = Banner(theme, "photo.privacy", "ok", note, "shield-lock")
        self.body.addWidget(self._note)
        self._show()

    def _turn_to(self) -> Sign | None:
        """A side once shown stays as long as a hint does: a face near a limit would make it jump."""
        if self.data.hint is not PhotoHint.OFF_CENTRE:
            self._way, self._since = None, float("-inf")
            return None
        now = time.monotonic()
        found = way_to_middle(self.data)
        held = (now - self._since) * 1000 < self.theme.ms("hint_hold_ms")
        if found is not None and found != self._way and (self._way is None or not held):
            self._way, self._since = found, now
        return self._way

    def _words(self) -> Words:
        screen = self.data
        if screen.frame is None and screen.hint is PhotoHint.NO_FACE:
            return OPENING
        words = HINTS[screen.hint]
        if self._way is not None:
            return words._replace(say=WAYS[self._way], sign=self._way)
        return words

    def _show(self) -> None:
        screen = self.data
        way = self._turn_to()
        done = screen.hint is PhotoHint.OK
        progress = 1.0 if done else screen.progress if screen.hint is PhotoHint.HOLD_STILL else 0.0
        placing = screen.hint in PLACING
        self._mirror.set_state(screen.frame, progress, screen.outline, placing=placing, way=way, done=done)
        words = self._words()
        self._band.show_hint(words.say, words.more, words.sign, progress, done=done)

    def refresh(self, screen: TakePhoto, before: TakePhoto) -> None:
        self._show()

    def on_next(self) -> None:
        if self.data.hint is not PhotoHint.OK:
            self.answer("other")

    def clear(self) -> None:
        self._mirror.clear()
        super().clear()
