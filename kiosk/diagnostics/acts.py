"""Orders to one device: let it do something, start afresh, stand aside for its simulator."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from kiosk.care.socket import plugged
from kiosk.care.supervisor import Holder
from kiosk.diagnostics.visit import Refused, Visit
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ledger.store import LedgerError
from kiosk.ports.controls import Flash
from kiosk.ports.devices import Device, PrintEnd, PrintOutcome
from kiosk.ports.health import Resettable
from kiosk.screens.diagnostics import Order

REFILLED = "refilled_"
WAIT_S = 20.0
"""For a card, a code, a frame."""
LONGEST_S = 120.0
"""For any act: a driver that keeps no deadline is broken off."""
Act = Callable[[Any], Awaitable[tuple[str, str]]]


async def _check(device: Any) -> tuple[str, str]:
    status = await device.check()
    return str(status.link), f"应答：{status.link}。"


async def _read(device: Any) -> tuple[str, str]:
    """What stands on the card is nobody's business here."""
    await device.wait_card(WAIT_S)
    return "read", "读到一张卡，内容已丢弃。"


async def _frame(device: Any) -> tuple[str, str]:
    frame = await device.latest(5.0)
    return "frame", f"拍到一帧：{frame.width}×{frame.height}。"


async def _scan(device: Any) -> tuple[str, str]:
    scan = await device.scan(WAIT_S)
    return "scanned", f"扫到一个码：{scan.symbology}，{len(scan.raw)} 字节，内容已丢弃。"


async def _print_test(device: Any) -> tuple[str, str]:
    outcome: PrintOutcome = await device.print_test()
    said = {
        PrintEnd.DONE: "测试页已打印。",
        PrintEnd.FAILED: f"测试页没有打印：{outcome.detail}",
        PrintEnd.UNCERTAIN: f"不能确认测试页是否打印完整：{outcome.detail}",
    }
    return str(outcome.end), said[outcome.end]


async def _lights(device: Any) -> tuple[str, str]:
    for name in device.lights:
        await device.light(name, Flash.CONTINUOUS)
    await asyncio.sleep(3.0)  # to be looked at
    for name in device.lights:
        await device.light(name, Flash.OFF)
    return "done", "所有的灯亮过三秒。"


ACTS: Mapping[str, tuple[str, Act]] = {
    "check": ("check", _check),
    "read": ("wait_card", _read),
    "frame": ("latest", _frame),
    "scan": ("scan", _scan),
    "print_test": ("print_test", _print_test),
    "lights": ("light", _lights),
}
"""Act and the method a device needs for it."""


def able(device: Device, act: str) -> bool:
    """Whether the driver that is plugged in can do it."""
    return act.startswith(REFILLED) or (act in ACTS and hasattr(plugged(device), ACTS[act][0]))


async def do(visit: Visit, order: Order) -> None:
    device = _device(visit, order.key)
    if order.value.startswith(REFILLED):
        await _refilled(visit, order.key, order.value.removeprefix(REFILLED))
    elif not able(device, order.value):
        raise Refused("这台设备不能这样操作。")
    else:
        visit.begin(_do(visit, order.key, order.value))


async def _refilled(visit: Visit, name: str, supply: str) -> None:
    items = [item for item in visit.tools.table.supplies.item if (item.device, item.id) == (name, supply)]
    if not items:
        raise Refused("这台设备没有这种耗材。")
    await visit.record("consumable_refilled", device=name, what=supply)
    try:
        await visit.tools.counting.refilled(name, supply)
    except LedgerError as error:
        raise Refused("没有登记成功，请检查磁盘。") from error
    visit.say(f"已登记：{visit.tools.table.name(name)} {items[0].caption}。")


async def _do(visit: Visit, name: str, act: str) -> None:
    device = cast(Any, visit.tools.supervisor.devices[name])
    await visit.record("device_act", device=name, act=act, outcome="asked")
    visit.say("正在操作设备。")
    outcome = "failed"
    try:
        async with visit.tools.supervisor.lease(Holder.DIAGNOSTICS):
            try:
                async with asyncio.timeout(LONGEST_S):
                    outcome, note = await ACTS[act][1](plugged(device))
            except TimeoutError:
                outcome, note = "timeout", "设备没有在时间内完成。"
            except DeviceError as error:
                outcome, note = str(error.kind), _trouble(error)
        visit.say(note, "ok" if outcome in _GOOD else "bad")
    except asyncio.CancelledError:
        outcome = "broken_off"
        raise
    finally:
        await visit.record_end("device_act", device=name, act=act, outcome=outcome)


_GOOD = ("read", "frame", "scanned", "done", "ready", "busy", "degraded")


def _trouble(error: DeviceError) -> str:
    if error.kind in (ErrorKind.NO_MEDIA, ErrorKind.TIMEOUT):
        return f"时间到了，什么也没有等到。{error.hint}"
    return f"没有成功：{error.hint}"


async def reset(visit: Visit, order: Order) -> None:
    if not isinstance(plugged(_device(visit, order.key)), Resettable):
        raise Refused("这台设备不能复位。")
    visit.begin(_reset(visit, order.key))


async def _reset(visit: Visit, name: str) -> None:
    supervisor = visit.tools.supervisor
    device = plugged(supervisor.devices[name])
    assert isinstance(device, Resettable)
    await visit.record("device_reset", device=name, outcome="asked")
    visit.say("正在复位设备。")
    outcome, note = "ok", "设备已复位。"
    async with supervisor.lease(Holder.DIAGNOSTICS):
        try:
            async with asyncio.timeout(LONGEST_S):
                await device.reset()
        except TimeoutError:
            outcome, note = "timeout", "设备没有在时间内复位。"
        except DeviceError as error:
            outcome, note = str(error.kind), _trouble(error)
        await supervisor.look_now(name)
    await visit.record_end("device_reset", device=name, outcome=outcome)
    visit.say(note, "ok" if outcome == "ok" else "bad")


async def swap(visit: Visit, order: Order) -> None:
    """The simulator in, with a reason, or out again."""
    _device(visit, order.key)
    reason = " ".join(order.value.split())
    if order.key not in visit.tools.stand_ins:
        if not visit.tools.stand_ins.possible(order.key):
            raise Refused("这台设备不能换成模拟器。")
        if len(reason) < 2:
            raise Refused("请写明换成模拟器的原因。")
    visit.begin(_swap(visit, order.key, reason))


async def _swap(visit: Visit, name: str, reason: str) -> None:
    stand_ins, caption = visit.tools.stand_ins, visit.tools.table.name(name)
    if name in stand_ins:
        await visit.record("simulator_out", device=name, reason=reason or "—")
        await stand_ins.take_away(name)
        visit.say(f"{caption}已换回真实设备。")
    else:
        await visit.record("simulator_in", device=name, reason=reason)
        await stand_ins.put(name)
        visit.say(f"{caption}已换成模拟器，用完请换回。", "warn")


def _device(visit: Visit, name: str) -> Device:
    device = visit.tools.supervisor.devices.get(name)
    if device is None:
        raise Refused("本机没有这个设备。")
    return device
