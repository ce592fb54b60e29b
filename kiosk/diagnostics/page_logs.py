"""T05: the log."""

from __future__ import annotations

from kiosk.diagnostics.export import choices
from kiosk.diagnostics.logring import LEVELS, Wanted
from kiosk.diagnostics.visit import Visit
from kiosk.screens.diagnostics import Logs, Order, Verb

_LONGEST_TEXT = 60


class LogsPage:
    """`until` is the line it stands still at; None follows the log."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._wanted = Wanted()
        self._paused = False
        self._until: int | None = None
        self._folders: tuple[tuple[str, str], ...] = ()

    async def enter(self) -> None:
        tools = self._visit.tools
        self._folders = await choices(tools.export_folders, tools.media)

    async def leave(self) -> None: ...

    async def obey(self, order: Order) -> None:
        match order.verb:
            case Verb.FILTER:
                self._filter(order.key, order.value)
            case Verb.PAUSE:
                self._paused = order.value == "yes"
                self._until = self._visit.tools.ring.newest if self._paused else None
            case Verb.PAGE:
                self._turn(order.value)

    def _filter(self, key: str, value: str) -> None:
        now = self._wanted
        match key:
            case "level":
                self._wanted = Wanted(value if value in LEVELS else "", now.device, now.text)
            case "device":
                self._wanted = Wanted(now.level, value, now.text)
            case "text":
                self._wanted = Wanted(now.level, now.device, " ".join(value.split())[:_LONGEST_TEXT])
        if not self._paused:
            self._until = None

    def _turn(self, way: str) -> None:
        ring, limit = self._visit.tools.ring, self._visit.tools.table.session.log_page
        shown = ring.page(self._wanted, limit, self._until)
        if way == "older" and shown.older:
            self._until = shown.lines[0].seq - 1
        elif way == "newer" and shown.newer:
            last = shown.lines[-1].seq if shown.lines else 0
            self._until = ring.after(self._wanted, limit, last)
            if self._until is None and self._paused:
                self._until = ring.newest

    def screen(self) -> Logs:
        tools, wanted = self._visit.tools, self._wanted
        page = tools.ring.page(wanted, tools.table.session.log_page, self._until)
        names = sorted(tools.supervisor.devices, key=tools.table.checkup.place)
        return Logs(
            self._visit.head(),
            tuple(line.row() for line in page.lines),
            wanted.level,
            wanted.device,
            wanted.text,
            tuple((name, tools.table.name(name)) for name in names),
            self._paused,
            page.older,
            page.newer,
            page.total,
            self._folders,
        )
