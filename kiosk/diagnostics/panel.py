"""T07: how citizens' pages look in each theme and size, and the machine's own knobs. Every order is on record before it is carried out."""

from __future__ import annotations

import asyncio

from kiosk.diagnostics.tools import Tools
from kiosk.diagnostics.visit import Refused, Visit
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.panel import NO_BACKLIGHT, NO_CARD, NO_TOOL, Knob
from kiosk.screens.diagnostics import LOOK_SCALES, LOOK_THEMES, Dial, Look, Order

CAPTIONS = {"volume": "音量", "brightness": "亮度"}
LEAST = {"volume": 0, "brightness": 20}
"""Per cent. A screen that shows nothing could not be made brighter again."""
WITHIN_S = 5.0
_WHY = {
    NO_CARD: "本机没有声卡。",
    NO_TOOL: "没有安装音量程序（wpctl 或 amixer）。",
    NO_BACKLIGHT: "屏幕亮度不能由程序调节，请用屏幕上的按键。",
}
_KIND = {ErrorKind.PERMISSION: "程序没有调节的权限。", ErrorKind.TIMEOUT: "没有应答。"}


async def dials(tools: Tools) -> tuple[Dial, ...]:
    """How each knob stands now."""
    return tuple(await asyncio.gather(*(_dial(name, knob) for name, knob in tools.knobs.items())))


async def _dial(name: str, knob: Knob) -> Dial:
    caption, least = CAPTIONS.get(name, name), LEAST.get(name, 0)
    try:
        async with asyncio.timeout(WITHIN_S):
            return Dial(name, caption, await knob.level(), least)
    except DeviceError as error:
        return Dial(name, caption, None, least, why(error))
    except TimeoutError:
        return Dial(name, caption, None, least, _KIND[ErrorKind.TIMEOUT])


def why(error: DeviceError) -> str:
    return _WHY.get(error.native) or _KIND.get(error.kind) or f"没有成功：{error.hint}"


async def turn(visit: Visit, order: Order) -> None:
    """Raises Refused for a knob that is not there, and a level that cannot be."""
    if order.key not in visit.tools.knobs:
        raise Refused("本机没有这个旋钮。")
    if not (order.value.isascii() and order.value.isdigit()) or not LEAST.get(order.key, 0) <= int(order.value) <= 100:
        raise Refused(f"要在 {LEAST.get(order.key, 0)} 到 100 之间。")
    visit.begin(_turn(visit, order.key, int(order.value)))


async def _turn(visit: Visit, name: str, percent: int) -> None:
    await visit.record("panel_turned", what=name, percent=percent, outcome="asked")
    caption, outcome, note = CAPTIONS.get(name, name), "broken_off", ""
    try:
        async with asyncio.timeout(WITHIN_S):
            reached = await visit.tools.knobs[name].turn(percent)
        outcome, note = "done", f"{caption}现在是 {reached}%。"
    except TimeoutError:
        outcome, note = "timeout", f"{caption}：{_KIND[ErrorKind.TIMEOUT]}"
    except DeviceError as error:
        outcome, note = str(error.kind), f"{caption}：{why(error)}"
    finally:
        await visit.record_end("panel_turned", what=name, percent=percent, outcome=outcome)
    visit.say(note, "ok" if outcome == "done" else "bad")


async def show(visit: Visit, order: Order) -> Look:
    """What is to be previewed. Raises Refused for a look that does not exist."""
    if order.key not in LOOK_THEMES or order.value not in map(str, LOOK_SCALES):
        raise Refused("没有这种外观。")
    await visit.record("look_previewed", theme=order.key, percent=int(order.value))
    return Look(order.key, int(order.value))
