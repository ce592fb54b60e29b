"""The simulated police platform: its usual ways to fail, and how much is in its books."""

from __future__ import annotations

from ui.bench.link import DeviceLink
from ui.bench.look import Look
from ui.bench.platform import PlatformPanel, Trouble

_TROUBLES = (
    Trouble("down", "平台不可用", {"id": "any.error_503", "count": None}),
    Trouble("slow", "回答慢（4秒）", {"id": "any.delay", "count": None, "seconds": 4}),
    Trouble("silent", "不回答", {"id": "any.silence", "count": None}),
    Trouble("lost", "决定的回答丢失一次", {"id": "decide.drop_after", "count": 1}),
    Trouble("no_list", "查违法失败一次", {"id": "open_records.error_500", "count": 1}),
    Trouble("no_posting", "入账不可用", {"id": "post_payment.error_503", "count": None}),
)
_COUNTS = (("决定", "decisions"), ("缴款", "payments"), ("异议", "objections"))


class PolicePanel(PlatformPanel):
    def __init__(self, look: Look, link: DeviceLink) -> None:
        super().__init__(look, link, "police", "交警平台", "shield-check", _TROUBLES, _COUNTS)
