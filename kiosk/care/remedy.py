"""What a device's status means for a technician: one tone, one word, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from kiosk.domain.errors import ACTIONS, Action
from kiosk.ports.devices import DeviceStatus, Link

Tone = Literal["ok", "warn", "bad", "muted"]


class Remedy(NamedTuple):
    tone: Tone
    state: str
    """正常, 缺纸, 离线 …"""
    action: Action
    todo: str
    """One Chinese sentence; "" where nothing is to be done."""


class _Part(NamedTuple):
    tone: Tone
    state: str
    action: Action
    todo: str


PARTS: Mapping[tuple[str, str], _Part] = {
    ("paper", "out"): _Part("bad", "缺纸", Action.REFILL, "装上新纸，合上盖子。"),
    ("paper", "low"): _Part("warn", "缺纸预警", Action.REFILL, "纸快用完，准备换纸。"),
    ("paper", "jammed"): _Part("bad", "卡纸", Action.CLEAR, "打开盖子，取出卡住的纸。"),
    ("cover", "open"): _Part("bad", "盖子打开", Action.CLEAR, "合上盖子。"),
    ("cutter", "jammed"): _Part("bad", "切刀卡住", Action.MAINTENANCE, "断电后清理切刀，再上电。"),
    ("head", "hot"): _Part("warn", "打印头过热", Action.RETRY, "等打印头冷却，会自动恢复。"),
    ("presenter", "not_taken"): _Part("warn", "凭证没取走", Action.CLEAR, "取走出纸口的凭证。"),
    ("presenter", "jammed"): _Part("bad", "出纸口卡纸", Action.CLEAR, "取出出纸口卡住的纸。"),
    ("head", "overheated"): _Part("warn", "打印头过热", Action.RETRY, "等打印头冷却，会自动恢复。"),
    ("toner", "out"): _Part("bad", "墨粉用完", Action.REFILL, "更换墨粉盒。"),
    ("toner", "low"): _Part("warn", "墨粉不足", Action.REFILL, "准备墨粉盒。"),
    ("queue", "paused"): _Part("bad", "队列暂停", Action.RESET, "在打印系统里恢复队列。"),
    ("queue", "closed"): _Part("bad", "队列不接收", Action.RESET, "在打印系统里让队列接收任务。"),
    ("queue", "full"): _Part("warn", "队列已满", Action.RETRY, "等队列里的任务打完。"),
    ("stream", "stalled"): _Part("bad", "没有画面", Action.RESET, "检查摄像头的线，或复位。"),
    ("stream", "frozen"): _Part("bad", "画面不动", Action.RESET, "复位摄像头。"),
    ("stream", "covered"): _Part("bad", "镜头被遮住", Action.CLEAR, "清洁或露出镜头。"),
    ("sam", "selftest_failed"): _Part("bad", "安全模块自检失败", Action.MAINTENANCE, "更换读卡器或安全模块。"),
    ("sam", "unauthorised"): _Part("bad", "安全模块未授权", Action.MAINTENANCE, "联系供应商更换安全模块。"),
    ("media", "jammed"): _Part("bad", "卡证卡住", Action.CLEAR, "按说明打开设备，取出证件。"),
    ("bin", "full"): _Part("bad", "回收箱满", Action.CLEAR, "清空回收箱并登记证件。"),
    ("bin", "missing"): _Part("bad", "没有回收箱", Action.CLEAR, "装回回收箱。"),
    ("bin", "high"): _Part("warn", "回收箱快满", Action.CLEAR, "清空回收箱并登记证件。"),
    ("tamper", "tampered"): _Part("bad", "被撬动", Action.SUSPEND, "停用本机，检查机柜。"),
    ("door", "open"): _Part("warn", "柜门打开", Action.CLEAR, "关好柜门。"),
    ("power", "battery"): _Part("warn", "市电中断", Action.RETRY, "检查市电；本机由电池供电。"),
    ("keys", "stuck"): _Part("warn", "按键卡住", Action.MAINTENANCE, "清洁或更换按键盘。"),
    ("lights", "stuck"): _Part("warn", "灯不受控", Action.MAINTENANCE, "检查灯和继电器板。"),
    ("battery", "replace"): _Part("warn", "要换电池", Action.MAINTENANCE, "更换 UPS 电池。"),
    ("battery", "low"): _Part("warn", "电池电量低", Action.RETRY, "等电池充满。"),
    ("power", "low"): _Part("bad", "电池快用完", Action.SUSPEND, "办完手上的业务后关机。"),
}
"""States of parts that are not as they should be; the first that applies is told, bad ones before warnings."""

_LINKS: Mapping[Link, _Part] = {
    Link.CLOSED: _Part("muted", "未打开", Action.RETRY, ""),
    Link.OPENING: _Part("muted", "正在打开", Action.NONE, ""),
    Link.READY: _Part("ok", "正常", Action.NONE, ""),
    Link.BUSY: _Part("ok", "使用中", Action.NONE, ""),
    Link.DEGRADED: _Part("warn", "部分可用", Action.MAINTENANCE, "看“说明”一行，按提示处理。"),
    Link.OFFLINE: _Part("bad", "离线", Action.RESET, "检查电源和连接线。"),
    Link.FAULT: _Part("bad", "故障", Action.MAINTENANCE, "看“说明”一行，按提示处理。"),
}

TODO: Mapping[Action, str] = {
    Action.NONE: "",
    Action.RETRY: "再试一次。",
    Action.RESET: "复位设备；还不行就断电重新上电。",
    Action.CLEAR: "取出挡住的东西，关好盖子。",
    Action.REFILL: "补充耗材。",
    Action.MAINTENANCE: "请联系维修。",
    Action.CONFIGURE: "检查本机的设置。",
    Action.SUSPEND: "停用本机，检查机柜。",
}


def remedy(status: DeviceStatus) -> Remedy:
    """The worst that is known of a device. A part that is unknown is not told as good or bad: the link's word stands."""
    found = sorted(
        (part for name, value in status.parts.items() if (part := PARTS.get((name, value))) is not None),
        key=lambda part: part.tone != "bad",
    )
    link = _LINKS[status.link]
    worst = found[0] if found and (found[0].tone == "bad" or link.tone != "bad") else link
    if worst is link and status.trouble is not None and link.tone in ("bad", "warn"):
        action = ACTIONS[status.trouble]
        return Remedy(link.tone, link.state, action, TODO[action] or link.todo)
    return Remedy(*worst)
