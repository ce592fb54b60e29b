"""T07: the settings in force with the looks and knobs of the machine, and the audit chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog

from kiosk.diagnostics import panel
from kiosk.diagnostics.export import choices
from kiosk.diagnostics.visit import Visit
from kiosk.ledger.store import LedgerError
from kiosk.screens.diagnostics import AuditRow, AuditView, Dial, Look, Order, SettingsView, Verb

log = structlog.get_logger(__name__)


class SettingsPage:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._look = Look()
        self._dials: tuple[Dial, ...] = ()

    async def enter(self) -> None:
        self._dials = await panel.dials(self._visit.tools)

    async def leave(self) -> None: ...

    async def obey(self, order: Order) -> None:
        if order.verb is Verb.SHOW:
            self._look = await panel.show(self._visit, order)

    def screen(self) -> SettingsView:
        return SettingsView(self._visit.head(), tuple(self._visit.tools.settings), self._look, self._dials)


class AuditPage:
    """Newest rows first. `before`: shown are rows older than this one; the pages that were turned are remembered for the way back."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._before: list[int | None] = [None]
        self._rows: Sequence[Any] = ()
        self._older = False
        self._whole, self._verdict = True, ""
        self._folders: tuple[tuple[str, str], ...] = ()

    async def enter(self) -> None:
        tools = self._visit.tools
        self._folders = await choices(tools.export_folders, tools.media)
        try:
            chain = await tools.audit.verify()
            self._whole = bool(chain.whole)
            self._verdict = f"已核对 {chain.rows} 行，链条完整。" if self._whole else f"链条不完整：{chain.trouble}"
        except LedgerError as error:
            self._whole, self._verdict = False, f"没有能够核对：{error}"
        await self._read()

    async def leave(self) -> None: ...

    async def obey(self, order: Order) -> None:
        if order.verb is not Verb.PAGE:
            return
        if order.value == "older" and self._older and self._rows:
            self._before.append(self._rows[-1].seq)
        elif order.value == "newer" and len(self._before) > 1:
            self._before.pop()
        await self._read()

    async def _read(self) -> None:
        limit = self._visit.tools.table.session.audit_page
        try:
            rows = await self._visit.tools.audit.rows(self._before[-1], limit + 1)
        except LedgerError as error:
            log.error("audit_not_read", exc_info=error)
            self._visit.say("审计记录读不出来，请检查磁盘。", "bad")
            rows = ()
        self._rows, self._older = rows[:limit], len(rows) > limit

    def screen(self) -> AuditView:
        return AuditView(
            self._visit.head(),
            tuple(
                AuditRow(row.seq, row.at[:19].replace("T", " "), row.who, row.say("zh"), row.what) for row in self._rows
            ),
            self._whole,
            self._verdict,
            self._older,
            len(self._before) > 1,
            self._folders,
        )
