"""T04: the self-test."""

from __future__ import annotations

from typing import Literal, cast

import structlog

from kiosk.care.readiness import rows, verdict_text
from kiosk.care.readiness_json import from_json
from kiosk.diagnostics.export import choices
from kiosk.diagnostics.visit import Visit
from kiosk.ledger.store import LedgerError
from kiosk.ports.health import QUESTIONS
from kiosk.screens.diagnostics import Order, SelfTest

log = structlog.get_logger(__name__)


class ChecksPage:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._folders: tuple[tuple[str, str], ...] = ()

    async def enter(self) -> None:
        """Where nothing was examined on this visit, the last result that was kept is shown."""
        visit = self._visit
        self._folders = await choices(visit.tools.export_folders, visit.tools.media)
        if visit.found is not None or visit.busy:
            return
        try:
            kept = await visit.tools.logbook.last_checkup()
            visit.found = from_json(kept.result) if kept is not None else None
        except (LedgerError, ValueError) as error:
            log.warning("checkup_not_read", exc_info=error)

    async def leave(self) -> None: ...

    async def obey(self, order: Order) -> None: ...

    def screen(self) -> SelfTest:
        visit, tools = self._visit, self._visit.tools
        running = visit.person is not None
        examiner = visit.examiner
        found = examiner.so_far() if running and examiner is not None else visit.found
        if found is None:
            return SelfTest(visit.head(), (), folders=self._folders)
        doing = examiner.doing if running and examiner is not None else None
        ask = doing.ask if doing is not None else None
        return SelfTest(
            visit.head(),
            rows(found, tools.table, doing),
            running,
            cast(Literal["ready", "limited", "not_ready"], str(found.verdict)) if found.whole and not running else "",
            "" if running else verdict_text(found, tools.titles),
            tools.table.asks.get(str(ask), str(ask)) if ask is not None else "",
            ask in QUESTIONS,
            cast(Literal[1, 2, 3], int(found.level)),
            f"{found.at:%Y-%m-%d %H:%M:%S}",
            self._folders,
        )
