"""T03: one device."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from kiosk.care.socket import plugged
from kiosk.care.supervisor import DeviceState
from kiosk.diagnostics.acts import able
from kiosk.diagnostics.logring import Wanted
from kiosk.diagnostics.page_overview import tile
from kiosk.diagnostics.visit import Visit
from kiosk.ledger.store import LedgerError
from kiosk.ports.health import COUNTERS, Resettable
from kiosk.screens.diagnostics import Act, DeviceDetail, Fact, Order

log = structlog.get_logger(__name__)
_EVENTS = 20
_ABILITIES = ("firmware", "version", "model", "serial", "columns", "duplex", "symbologies", "sam_id")
"""Capabilities worth a line; others are for programs."""


class DevicePage:
    def __init__(self, visit: Visit, name: str) -> None:
        self._visit = visit
        self._name = (
            name
            if name in visit.tools.supervisor.devices
            else min(visit.tools.supervisor.devices, key=visit.tools.table.checkup.place)
        )
        self._totals: Mapping[str, int] = {}

    async def enter(self) -> None:
        """Read what the logbook holds; a ledger that cannot be read leaves the figures out."""
        tools = self._visit.tools
        try:
            await tools.counting.settle()
            self._totals = dict((await tools.logbook.totals()).get(self._name, {}))
        except LedgerError as error:
            log.error("logbook_not_read", exc_info=error)
            self._visit.say("日志簿读不出来，累计数字不全。", "bad")

    async def leave(self) -> None: ...

    async def obey(self, order: Order) -> None: ...

    def screen(self) -> DeviceDetail:
        visit, tools, name = self._visit, self._visit.tools, self._name
        table, state = tools.table, tools.supervisor.state(name)
        device = tools.supervisor.devices[name]
        kind = name.partition(".")[0]
        acts = table.device[kind].acts if kind in table.device else {"check": "查询状态"}
        why = "上一个操作还没有结束" if visit.busy else "设备没有打开" if state.absent else ""
        order = sorted(tools.supervisor.devices, key=table.checkup.place)
        return DeviceDetail(
            visit.head(),
            tile(state, table, tools.counting.supplies),
            self._facts(state),
            tuple(
                Fact(table.counters.get(key, COUNTERS.get(key, key)), f"{value:,}")
                for key, value in sorted(self._totals.items(), key=lambda item: _place(item[0]))
            ),
            tuple(
                Fact(supply.caption, supply.words(), "warn" if supply.low else "ok")
                for supply in tools.counting.supplies
                if supply.device == name
            ),
            tuple(Act(act, words, not why, why) for act, words in acts.items() if able(device, act)),
            tuple(line.row() for line in tools.ring.latest(Wanted(device=name), _EVENTS)),
            isinstance(plugged(device), Resettable),
            "to_device" if name in tools.stand_ins else "to_simulator" if tools.stand_ins.possible(name) else "",
            tuple((other, table.name(other)) for other in order),
        )

    def _facts(self, state: DeviceState) -> tuple[Fact, ...]:
        table, status = self._visit.tools.table, state.status
        device = self._visit.tools.supervisor.devices[self._name]
        facts = [
            Fact("驱动", state.driver + ("（模拟）" if state.simulated else "")),
            Fact("连接", table.value(str(status.link)), state.remedy.tone),
            Fact("自", f"{state.since:%Y-%m-%d %H:%M:%S}"),
        ]
        facts += [Fact(table.finding(part), table.value(value)) for part, value in status.parts.items()]
        facts += [Fact(key, str(value)) for key, value in device.capabilities.items() if key in _ABILITIES]
        if status.trouble is not None:
            facts.append(Fact("错误类型", str(status.trouble), "bad"))
        if status.detail:
            facts.append(Fact("说明", status.detail, state.remedy.tone))
        if state.remedy.todo:
            facts.append(Fact("怎么办", state.remedy.todo, state.remedy.tone))
        return tuple(facts)


def _place(counter: str) -> tuple[int, str]:
    names = list(COUNTERS)
    return (names.index(counter) if counter in names else len(names), counter)
