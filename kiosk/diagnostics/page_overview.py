"""T02: every device at a glance."""

from __future__ import annotations

from collections.abc import Sequence

from config.diagnostics_tables import DiagnosticsTable
from kiosk.care.forecast import Supply
from kiosk.care.supervisor import DeviceState
from kiosk.diagnostics.faults import switches
from kiosk.diagnostics.logring import Wanted
from kiosk.diagnostics.visit import Visit
from kiosk.screens.diagnostics import Order, Overview, Tile


def tile(state: DeviceState, table: DiagnosticsTable, supplies: Sequence[Supply] = ()) -> Tile:
    """The driver's own word, without the patience that citizens are shown: a technician wants to see a cable being touched."""
    low = [supply for supply in supplies if supply.device == state.name and supply.low]
    line = f"{state.driver} · 自 {state.since:%H:%M:%S}"
    second = state.remedy.todo or state.status.detail
    tone, word = state.remedy.tone, state.remedy.state
    if low and not second:
        second = "，".join(f"{supply.caption}{supply.words()}" for supply in low)
        tone, word = ("warn", f"{low[0].caption}不足") if tone == "ok" else (tone, word)
    return Tile(
        state.name,
        table.name(state.name),
        table.icon(state.name),
        tone,
        word,
        (line, second) if second else (line,),
        state.latency_ms,
        state.simulated,
    )


class OverviewPage:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    async def enter(self) -> None:
        day_end = self._visit.tools.day_end
        if day_end is not None and day_end.alarms and not self._visit.note:
            self._visit.say(f"有 {len(day_end.alarms)} 项对账报警没有处理，本机暂停缴款。请看“日终”。", "bad")

    async def leave(self) -> None:
        await self._visit.preview.stop()

    async def obey(self, order: Order) -> None: ...

    def screen(self) -> Overview:
        visit, tools = self._visit, self._visit.tools
        if not visit.busy:
            visit.preview.start()
        states = sorted(tools.supervisor.states().values(), key=lambda state: tools.table.checkup.place(state.name))
        log = tools.ring.latest(Wanted("INFO"), tools.table.session.overview_lines)
        return Overview(
            visit.head(),
            tuple(tile(state, tools.table, tools.counting.supplies) for state in states),
            tuple(line.row() for line in reversed(log)),
            visit.preview.shown,
            switches(visit),
        )
