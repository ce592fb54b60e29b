"""Orders to simulators: arm faults, disarm them, whole presets. And what T06 shows of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kiosk.diagnostics.visit import Refused, Visit, faults_of
from kiosk.ports.bench import VirtualDevice
from kiosk.screens.diagnostics import Act, FaultBoard, FaultCard, FaultRow, Order, Switch

ONCE, UNTIL = "once", "until"


async def arm(visit: Visit, order: Order) -> None:
    name, _, fault = order.key.partition(":")
    virtual = _virtual(visit, name)
    count = _count(order.value)
    known = known_faults(visit, name, virtual)
    if known and fault not in known:
        raise Refused("模拟器没有这个故障。")
    await visit.record("fault_armed", device=name, fault=fault, times=str(order.value or ONCE))
    arm_fault(virtual, fault, count)
    visit.say(f"已注入：{visit.tools.table.fault(name, fault, fault)}。", "warn")


async def disarm(visit: Visit, order: Order) -> None:
    name, _, fault = order.key.partition(":")
    named = {name: _virtual(visit, name)} if name else visit.virtual()
    await visit.record("fault_cleared", device=name or "all", fault=fault or "all")
    for each, virtual in named.items():
        if not faults_of(virtual) and not fault:
            continue
        _control(virtual, {"do": "clear", "id": fault} if fault else {"do": "clear"}, each)
    if not name:
        for preset in visit.tools.table.preset:
            for step in preset.arm:
                if step.undo and preset.id in visit.presets and (undone := visit.virtual().get(step.device)):
                    _control(undone, step.undo, step.device)
        visit.presets.clear()
    visit.say("故障已清除。")


async def preset(visit: Visit, order: Order) -> None:
    found = next((each for each in visit.tools.table.preset if each.id == order.key), None)
    if found is None or not _possible(visit, found.id):
        raise Refused("没有这个预设，或者它需要的设备不是模拟的。")
    await visit.record("fault_preset", preset=found.id)
    visit.presets.add(found.id)
    for step in found.arm:
        virtual = _virtual(visit, step.device)
        if step.do == "control":
            _control(virtual, step.command, step.device)
        else:
            arm_fault(virtual, step.id, None if step.until_cleared else step.count)
    visit.say(f"已注入预设：{found.caption}。", "warn")


def arm_fault(virtual: VirtualDevice, fault: str, count: int | None) -> None:
    """`count` None: until cleared. Raises Refused."""
    command: dict[str, Any] = {"do": "fault", "id": fault, "count": count}
    try:
        virtual.control(command)
    except ValueError as error:
        if count is not None:
            raise Refused("模拟器不接受这个故障。") from error
        # A camera's faults last until they are cleared where nothing else is said, and it knows no null.
        _control(virtual, {"do": "fault", "id": fault}, "")


def _control(virtual: VirtualDevice, command: Mapping[str, Any], _: str) -> None:
    try:
        virtual.control(command)
    except ValueError as error:
        raise Refused("模拟器不接受这个操作。") from error


def _count(value: str) -> int | None:
    if value in ("", ONCE):
        return 1
    if value == UNTIL:
        return None
    if value.isascii() and value.isdigit() and 0 < int(value) <= 1000:
        return int(value)
    raise Refused("次数要填 1 到 1000 的整数。")


def _virtual(visit: Visit, name: str) -> VirtualDevice:
    virtual: VirtualDevice | None = visit.virtual().get(name)
    if virtual is None:
        raise Refused("只有模拟的设备才能注入故障。")
    return virtual


def _possible(visit: Visit, preset_id: str) -> bool:
    found = next(each for each in visit.tools.table.preset if each.id == preset_id)
    return all(step.device in visit.virtual() for step in found.arm)


# -- T06 ----------------------------------------------------------------------------------------------------------------


class FaultsPage:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._known = {name: known_faults(visit, name, virtual) for name, virtual in visit.virtual().items()}

    async def enter(self) -> None: ...

    async def leave(self) -> None: ...

    async def obey(self, order: Order) -> None: ...

    def screen(self) -> FaultBoard:
        visit = self._visit
        cards = [self._card(name, virtual) for name, virtual in visit.virtual().items()]
        presets = tuple(
            Act(each.id, each.caption, _possible(visit, each.id), "" if _possible(visit, each.id) else "设备不是模拟的")
            for each in visit.tools.table.preset
        )
        return FaultBoard(visit.head(), tuple(card for card in cards if card.rows), presets)

    def _card(self, name: str, virtual: Any) -> FaultCard:
        table, armed = self._visit.tools.table, faults_of(virtual)
        known = self._known.setdefault(name, known_faults(self._visit, name, virtual))
        rows = [FaultRow(fault, caption, _armed(armed, fault)) for fault, caption in known.items()]
        rows += [FaultRow(fault, fault, _armed(armed, fault)) for fault in armed if fault not in known]
        return FaultCard(name, table.name(name), tuple(rows))


def known_faults(visit: Visit, name: str, virtual: Any) -> dict[str, str]:
    """Fault ids and captions: the device's own first, then those of its line. Of a platform only what is armed is shown: its faults
    are one for each operation."""
    table = visit.tools.table
    own = dict(table.device[name].fault) if name in table.device else {}
    try:
        told: Mapping[str, Any] = virtual.control({"do": "faults"})
        if "operations" in told:
            return {}
        known: Mapping[str, str] = told["faults"]
    except (ValueError, KeyError):  # it cannot tell; the table can
        return own
    ordered = sorted(
        known, key=lambda fault: (fault.startswith("LINE."), list(own).index(fault) if fault in own else 0)
    )
    return {fault: table.fault(name, fault, str(known[fault])) for fault in ordered}


def _armed(armed: Mapping[str, int | None], fault: str) -> str:
    if fault not in armed:
        return ""
    left = armed[fault]
    return "直到清除" if left is None else f"{left} 次"


def switches(visit: Visit) -> tuple[Switch, ...]:
    """The few faults of the overview."""
    table, virtual = visit.tools.table, visit.virtual()
    found = []
    for key in table.session.switches:
        name, _, fault = key.partition(":")
        if name in virtual:
            caption = f"{table.name(name)}：{table.fault(name, fault, fault)}"
            found.append(Switch(key, caption, fault in faults_of(virtual[name])))
    return tuple(found)
