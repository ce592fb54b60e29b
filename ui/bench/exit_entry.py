"""The simulated exit-entry platform: its usual ways to fail, and how much is in its books."""

from __future__ import annotations

from ui.bench.link import DeviceLink
from ui.bench.look import Look, button
from ui.bench.platform import PlatformPanel, Trouble

_TROUBLES = (
    Trouble("down", "平台不可用", {"id": "any.error_503", "count": None}),
    Trouble("slow", "回答慢（4秒）", {"id": "any.delay", "count": None, "seconds": 4}),
    Trouble("silent", "不回答", {"id": "any.silence", "count": None}),
    Trouble("lost", "受理的回答丢失一次", {"id": "apply.drop_after", "count": 1}),
    Trouble("no_grant", "不能授权签注", {"id": "authorise.error_503", "count": None}),
    Trouble("no_confirm", "收不到制证结果", {"id": "confirm.error_503", "count": None}),
)
_COUNTS = (("申请", "applications"),)
_STATES = (("已受理", "accepted"), ("已授权", "authorised"), ("已制成", "written"), ("已取消", "cancelled"))
_DRAFTS = (("草稿", "open"), ("草稿已撤回", "withdrawn"))


class ExitEntryPanel(PlatformPanel):
    def __init__(self, look: Look, link: DeviceLink) -> None:
        super().__init__(look, link, "exit_entry", "出入境平台", "passport", _TROUBLES, _COUNTS)
        lapse = button("bench.exit_entry.lapse", "未缴费的作废", "quiet", spoken="受理后一直没有缴费的申请作废")
        lapse.setToolTip("受理后一直没有缴费的申请作废，和夜里平台自己做的一样")
        lapse.clicked.connect(lambda: link.do({"do": "lapse"}, "未缴费的申请已作废"))
        self.foot.insertWidget(2, lapse)

    def _counts_text(self) -> str:
        states = self._link.state.get("states", {})
        drafts = self._link.state.get("drafts", {})
        parts = [f"{caption} {states[key]}" for caption, key in _STATES if states.get(key)]
        parts += [f"{caption} {drafts[key]}" for caption, key in _DRAFTS if drafts.get(key)]
        return "　".join([super()._counts_text(), *parts])
