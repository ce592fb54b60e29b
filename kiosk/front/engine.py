"""Who asks wallets when nobody else does: the polling of open payments, the background tries, the late checks, the refunds.

One task with an agenda; what is due is looked after in a task of its own, a few at a time. The agenda is made from the ledger at the start
and lives in monotonic time, so that a clock that jumps hurries nothing and forgets nothing.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import structlog

from kiosk.domain.errors import GatewayUnavailable
from kiosk.front.agenda import Agenda
from kiosk.front.evidence import UNCLEAR
from kiosk.front.pace import Pace
from kiosk.front.states import OPEN_REFUNDS, OPEN_TRADES, OVER, Kind, TradeAt, Way
from kiosk.front.store import Move, Note, Record, Store
from kiosk.front.till import Till
from kiosk.ledger.states import Stale
from kiosk.ledger.store import LedgerError
from kiosk.ports.clock import Clock

log = structlog.get_logger(__name__)
T = TypeVar("T")
LATE_FOR = dt.timedelta(hours=48)
"""What was closed longer ago is left to the wallet's bill."""
AT_ONCE = 12
"""Orders looked after at the same time; a wallet's client has more lines than that."""
REMEMBERED = 4096
LEDGER_AGAIN = 5.0
"""Seconds until the next try when the ledger could not be used."""


@dataclass(slots=True)
class Plan:
    """What the engine remembers of one trade. Times are the loop's."""

    ends: float = 0.0
    """When its window is over."""
    polls: int = 0
    late: int = 0
    """How many late checks are done."""


class Engine:
    def __init__(self, store: Store, till: Till, clock: Clock, pace: Pace) -> None:
        self._store = store
        self._till = till
        self._clock = clock
        self.pace = pace
        self._plans: dict[str, Plan] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._asked: dict[str, float] = {}
        """When the wallet last told how a trade stands; of the newest only."""
        self._asking: dict[str, asyncio.Task[Record]] = {}
        self._waiting: dict[str, set[asyncio.Future[None]]] = {}
        self._reported: set[str] = set()
        """Trades that something says more of than the ledger knows, until the wallet has been asked."""
        self._agenda = Agenda()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._runner: asyncio.Task[None] | None = None

    async def start(self) -> int:
        """Take up everything that is not final; how much that is. Raises LedgerError."""
        now, since = (
            asyncio.get_running_loop().time(),
            (self._clock.now() - LATE_FOR).isoformat(timespec="milliseconds"),
        )
        trades = await self._interrupted()
        closed = await self._store.find(Kind.TRADE, [TradeAt.CLOSED], moved_since=since)
        refunds = await self._store.find(Kind.REFUND, OPEN_REFUNDS)
        for row in trades:
            self.expect(row, at=now)
        for row in closed:
            if row["way"] != Way.NONE:
                self._plans[row.id] = Plan()
                self._agenda.put((Kind.TRADE, row.id), now)
        for row in refunds:
            self._agenda.put((Kind.REFUND, row.id), now)
        self._runner = asyncio.create_task(self._run(), name="front-engine")
        if found := len(trades) + len(refunds):
            log.info("front_takes_up", count=found)
        return found

    async def _interrupted(self) -> list[Record]:
        """The open trades. Of what was interrupted nobody knows how far it came."""
        while True:
            trades = await self._store.find(Kind.TRADE, OPEN_TRADES)
            moves = [Move(row, TradeAt.UNKNOWN, "interrupted") for row in trades if row.state == TradeAt.INTENT]
            if not moves:
                return trades
            try:
                await self._store.commit(*moves)
            except Stale:
                log.debug("front_start_meanwhile_moved")

    async def aclose(self, grace: float = 10.0) -> None:
        """What talks to a wallet at this moment may end; nothing new begins."""
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.wait([self._runner])
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        for task in (left := list(self._tasks)):
            task.cancel()
        if left:
            await asyncio.wait(left)

    def lock(self, number: str) -> asyncio.Lock:
        """One conversation with the wallet about an order at a time."""
        lock = self._locks.get(number)
        if lock is None:
            lock = self._locks[number] = asyncio.Lock()
        return lock

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Work that goes on when the kiosk that asked has hung up."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def expect(self, row: Record, at: float | None = None) -> None:
        """Look after an open trade from now on, first at `at` (the loop's time) or after the first wait."""
        now = asyncio.get_running_loop().time()
        left = (dt.datetime.fromisoformat(row["expires_at"]) - self._clock.now()).total_seconds()
        self._plans[row.id] = Plan(ends=now + min(max(left, 0.0), 86_400.0))
        self._agenda.put((Kind.TRADE, row.id), now + self.pace.poll(0) if at is None else at)

    def expect_refund(self, refund_no: str) -> None:
        wait = self.pace.refunding(1)
        self._agenda.put((Kind.REFUND, refund_no), asyncio.get_running_loop().time() + (wait or 0.0))

    def end(self, number: str) -> None:
        """A kiosk has asked to close this trade: its window is over, whatever comes of the asking."""
        plan = self._plans.setdefault(number, Plan())
        plan.ends = min(plan.ends, asyncio.get_running_loop().time())

    def asked_to_close(self, row: Record, ends: float) -> None:
        """What is left to do after a kiosk's asking: late checks, counted from `ends` (the code's own), or trying again."""
        plan = self._plans.setdefault(row.id, Plan())
        plan.late = 0
        wait = self.pace.background(row["tries"]) if row.state in OPEN_TRADES else self._next_late(row, plan)
        if wait is not None:
            self._agenda.put((Kind.TRADE, row.id), max(asyncio.get_running_loop().time(), ends) + wait)

    def look(self, number: str) -> None:
        """Something says that a look at this trade would pay: a notification."""
        self._reported.add(number)
        self._agenda.put((Kind.TRADE, number), asyncio.get_running_loop().time())

    def told(self, number: str) -> None:
        """The row has changed: whoever waits for it reads it again."""
        for waiting in self._waiting.pop(number, set()):
            _wake(waiting)

    def ends(self, number: str) -> float:
        """When the window of this trade is over (the loop's time)."""
        plan = self._plans.get(number)
        return plan.ends if plan is not None else 0.0

    def over(self, number: str) -> bool:
        """Whether the window of this trade is over."""
        return asyncio.get_running_loop().time() >= self.ends(number)

    async def refresh(self, number: str) -> None:
        """Let the row be as the wallet says now, unless that takes longer than a kiosk waits, or a notification comes before.

        Raises GatewayUnavailable when the wallet gave no usable answer in time.
        """
        task = self._asking.get(number)
        if task is None:
            task = self._asking[number] = self.spawn(self._ask_when_due(number))
            task.add_done_callback(lambda _: self._asking.pop(number, None))
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(number, set())
        waiting.add(told)
        task.add_done_callback(lambda _: _wake(told))
        try:
            async with asyncio.timeout(self.pace.answer):
                await told
        except TimeoutError:
            raise GatewayUnavailable("wallet", "no answer while the kiosk waited") from None
        finally:
            waiting.discard(told)
            if not waiting:
                self._waiting.pop(number, None)
        if task.done():
            task.result()

    # --- inside

    async def _ask_when_due(self, number: str) -> Record:
        async with self.lock(number):
            await asyncio.sleep(max(0.0, self.pace.fresh - self._since(number)))
            return await self._ask(await self._till.trade(number))

    async def _ask(self, row: Record) -> Record:
        before = asyncio.get_running_loop().time()
        row = await self._till.ask(row, over=self.over(row.id))
        self._asked.pop(row.id, None)
        self._asked[row.id] = before
        if len(self._asked) > REMEMBERED:
            del self._asked[next(iter(self._asked))]
        self.told(row.id)
        return row

    def _since(self, number: str) -> float:
        """Seconds since the wallet last told how this trade stands."""
        return asyncio.get_running_loop().time() - self._asked.get(number, -1e9)

    async def _run(self) -> None:
        while True:
            kind, number = await self._agenda.next()
            await self._room.acquire()
            self.spawn(self._attend(kind, number)).add_done_callback(lambda _: self._room.release())

    async def _attend(self, kind: Kind, number: str) -> None:
        loop = asyncio.get_running_loop()
        try:
            wait = await (self._refund(number) if kind is Kind.REFUND else self._trade(number))
        except LedgerError as trouble:
            log.error("front_ledger_unusable", hint=str(trouble))
            wait = LEDGER_AGAIN
        except Exception:
            # Whatever it is: the front must not stop looking after money because of one order.
            log.exception("front_attend_crashed", record=number)
            wait = self.pace.later[-1]
        if wait is None:
            if kind is Kind.TRADE:
                self._plans.pop(number, None)
        elif (kind, number) not in self._agenda:
            self._agenda.put((kind, number), loop.time() + wait)

    async def _trade(self, number: str) -> float | None:
        """Look after one trade once; seconds until the next look."""
        plan = self._plans.setdefault(number, Plan())
        async with self.lock(number):
            row = await self._till.trade(number)
            if row.state in OPEN_TRADES and not self.over(number) and row.state != TradeAt.CLOSING:
                row = await self._poll(row)
                if row.state in OPEN_TRADES:
                    plan.polls += 1
                    left = plan.ends - asyncio.get_running_loop().time()
                    return max(0.0, min(self.pace.poll(plan.polls), left))
            elif row.state in OPEN_TRADES:
                row = await self._till.finish(number, over=self.over(number))
                self.told(number)
                if row.state in OPEN_TRADES:
                    return await self._tried(row, self.pace.background)
                plan.late = 0
                return self._next_late(row, plan)
            elif row.state == TradeAt.CLOSED or (row.state in OVER and number in self._reported):
                row = await self._late(row)
        if number in self._reported and row.state in OVER:
            return self.pace.later[0]  # the wallet could not be asked
        self._reported.discard(number)
        return self._next_late(row, plan)

    async def _poll(self, row: Record) -> Record:
        # A kiosk that asks has just done it.
        if self._since(row.id) < self.pace.every / 2:
            return row
        try:
            return await self._ask(row)
        except GatewayUnavailable as trouble:
            log.warning("poll_unanswered", record=row.id, hint=trouble.hint)
            return row

    async def _late(self, row: Record) -> Record:
        try:
            row = await self._ask(row)
            self._reported.discard(row.id)
        except GatewayUnavailable as trouble:
            log.warning("late_check_unanswered", record=row.id, hint=trouble.hint)
        return row

    def _next_late(self, row: Record, plan: Plan) -> float | None:
        if row.state != TradeAt.CLOSED or row["way"] == Way.NONE or plan.late >= len(self.pace.late):
            return None
        plan.late += 1
        return self.pace.late[plan.late - 1] - (self.pace.late[plan.late - 2] if plan.late > 1 else 0.0)

    async def _tried(self, row: Record, plan: Callable[[int], float | None]) -> float | None:
        """One background try more, on record; staff are told when there were enough."""
        tries = int(row["tries"]) + 1
        data: dict[str, Any] = {"tries": tries}
        if tries == self.pace.cap:
            log.error("front_gives_to_staff", record=row.id, state=row.state)
            data["staff"] = UNCLEAR
        try:
            await self._store.commit(Note(row, "tried", data))
        except Stale:
            log.debug("front_tried_meanwhile_moved", record=row.id)
        return plan(tries)

    async def _refund(self, refund_no: str) -> float | None:
        row = await self._store.get(Kind.REFUND, refund_no)
        if row is None or row.state not in OPEN_REFUNDS:
            return None
        async with self.lock(row["trade_id"]):
            row = await self._till.give_back(refund_no)
            self.told(row["trade_id"])
            if row.state not in OPEN_REFUNDS:
                return None
            return await self._tried(row, self.pace.refunding)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.debug("front_task_raised", error=type(error).__name__)


def _wake(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)
