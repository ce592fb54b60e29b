"""The till alone: real ledger, client, front on a socket, scanner driver and its engine; a robot instead of the citizen.

Time can be moved: `skip` moves the loop's clock and the wall clock together, as a machine that stood still for so long sees them.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from config.payer_codes import load_payer_codes
from config.settings import load
from config.tables import load_tables
from drivers.qr_scanner.simulator import ScanEngineSimulator
from drivers.registry import Registry
from kiosk.journeys.kit import Books, Kit
from kiosk.journeys.till import Bill, take_payment
from kiosk.journeys.walker import IdleGuard
from kiosk.ledger.states import Kind
from kiosk.ledger.store import Record, Store
from kiosk.screens import common, pay
from kiosk.screens.base import Button
from kiosk.screens.robot import WAIT, RobotDesk
from tests.ledger.parts import MORNING, Counter, HandClock, charges, open_counter

RECEIVING = "https://qr.alipay.com/fkx00000example"
CODES = ("280000000000000001", "130000000000000002", "6200000000000000003")
LATER = Button("later", "以后再缴")
FEN = 250_00
_TEMPLATE: list[Path] = []
Act = Callable[[Any], Any]


@dataclass
class Paydesk:
    counter: Counter
    kit: Kit
    engine: ScanEngineSimulator
    order_id: str
    offset: float = 0.0
    until: dt.datetime | None = None
    """How long the sum holds."""
    acts: dict[type[Any], list[Act] | Act] = field(default_factory=dict)

    @property
    def front(self) -> Any:
        return self.counter.front

    @property
    def desk(self) -> RobotDesk:
        return cast(RobotDesk, self.kit.desk)

    def skip(self, seconds: float) -> None:
        self.offset += seconds

    def bill(self, how: str) -> None:
        """How the hall collects fines; the wallet behind stays the same."""
        settings = self.kit.settings
        police = settings.police.model_copy(update={"bill": how})
        self.kit = replace(self.kit, settings=settings.model_copy(update={"police": police}))

    def script(self, **fields: Any) -> None:
        self.counter.script(**fields)

    def hold_up(self, code: str) -> Any:
        """The phone is held before the window; nothing is tapped."""
        self.engine.show(code.encode())
        return WAIT

    async def take(self, *, qr: Sequence[Act] | Act = (), scan: Sequence[Act] | Act = ()) -> Record | None:
        """Pay, acting on each page in turn: an act is asked at each look of its page until it returns something; WAIT is something too.
        One act that stands alone is asked every time."""
        acts = {pay.PayByQr: qr, pay.ScanPayerCode: scan}
        self.acts = {kind: one if callable(one) else list(one) for kind, one in acts.items()}
        rows = await self.counter.decisions(self.order_id)
        bill = Bill(
            self.order_id, charges(rows), "交通违法罚款", "应缴罚款 2 笔", "没有扣款。", LATER, "决定不变。", self.until
        )
        return await take_payment(bill, self.kit)

    def reply(self, screen: Any) -> Any:
        if isinstance(screen, common.Message):
            return screen.buttons[-1].id
        acts = self.acts[type(screen)]
        if callable(acts):
            said = acts(screen)
            return WAIT if said is None else said
        if not acts:
            return WAIT
        said = acts[0](screen)
        if said is None:
            return WAIT
        acts.pop(0)
        return said

    def looks(self, kind: type[Any]) -> list[Any]:
        return [screen for screen in (*self.desk.shown, *self.desk.updates) if isinstance(screen, kind)]

    def troubles(self) -> list[str]:
        found = dict.fromkeys(s.trouble for s in (*self.desk.shown, *self.desk.updates) if hasattr(s, "trouble"))
        return [trouble for trouble in found if trouble]

    async def payments(self) -> list[str]:
        return await self.counter.states(Kind.PAYMENT)

    async def ends(self, *payments: str) -> None:
        """The citizen has gone: these payments, at most one kept, and every book says the same."""
        self.counter.leave()
        self.skip(600)
        await self.counter.sweeper.sweep()
        await self.counter.sweeper.sweep()
        assert tuple(await self.payments()) == payments
        kept = [row for row in payments if row == "paid"]
        assert len(kept) <= 1
        assert self.counter.kept_fen() == self.counter.posted_fen() == FEN * len(kept)
        assert await self.counter.breaches() == []
        totals = self.front.ledger.totals()
        for row in await self.counter.store.find(Kind.PAYMENT):
            assert totals.get(row.id, 0) == (FEN if row.state == "paid" else 0)


def when(state: str, answer: Any = WAIT, trouble: str | None = None) -> Act:
    """Act on the page in this state (and with this trouble); before, wait. `answer` may be called."""

    def act(screen: Any) -> Any:
        if screen.state != state or (trouble is not None and trouble not in screen.trouble):
            return None
        return answer() if callable(answer) else answer

    return act


async def _template(folder: Path) -> Path:
    if not _TEMPLATE or not _TEMPLATE[0].exists():
        store = Store(f"sqlite:///{folder / 'template.db'}", HandClock())
        await store.open()
        await store.close()
        _TEMPLATE[:] = [folder / "template.db"]
    return _TEMPLATE[0]


@asynccontextmanager
async def paydesk(folder: Path, *, scanner: bool = True, idle_s: float = 90.0, **wallet: Any) -> AsyncIterator[Paydesk]:
    """Two decisions of 250 yuan stand, nothing is paid. `wallet` changes the section of the settings."""
    loop = asyncio.get_running_loop()
    real = loop.time
    file = Path(shutil.copy(await _template(folder), folder / "ledger.db"))
    async with open_counter(file) as counter:
        base = load(None, "ci")
        section = {"poll_s": 0.05, "code_s": 60.0, "confirm_s": 60.0, "late_s": 1.0, **wallet}
        settings = base.model_copy(
            update={
                "wallet": type(base.wallet)(**{**base.wallet.model_dump(), **section}),
                "session": base.session.model_copy(update={"idle_s": idle_s}),
            }
        )
        counter.cashier._expires_in, counter.cashier._confirm_in = settings.wallet.code_s, settings.wallet.confirm_s
        counter.cashier._late = settings.wallet.late_s
        order_id, _ = await counter.decided()
        engine = ScanEngineSimulator()
        reader = Registry().connect("qr_scanner", "sim:", simulator=engine)
        if scanner:
            await reader.open()
        desk = RobotDesk({})
        books = Books(counter.store, counter.orders, counter.registrar, counter.cashier, cast(Any, None))
        absent = cast(Any, None)
        kit = Kit(
            settings, load_tables(), counter.clock, desk, IdleGuard(desk, idle_s, 5), absent, absent, None, absent,
            counter.platform, books, scanner=cast(Any, reader), payer_codes=load_payer_codes(),
        )  # fmt: skip
        place = Paydesk(counter, kit, engine, order_id)
        desk._replies.update(dict.fromkeys((pay.PayByQr, pay.ScanPayerCode, common.Message), place.reply))
        loop.time = lambda: real() + place.offset  # type: ignore[method-assign]
        clock = counter.clock
        began = real()
        clock.now = lambda: MORNING + dt.timedelta(seconds=loop.time() - began)  # type: ignore[method-assign]
        try:
            yield place
        finally:
            loop.time = real  # type: ignore[method-assign]
            await reader.close()
