"""A fault plan: at the n-th call of a port that this kind of fault is for, one thing goes wrong, once.

As SQLite is tested: n = 1, 2, 3 … until a run completes in which nothing went wrong any more. The ports are what a journey touches: the
wallet, the two platforms, the drafts' desk, the ledger's commits, the printers and the motor of the card unit; the clock is no call, so its
jumps come at the n-th call of another port.
"""

from __future__ import annotations

import base64
import datetime as dt
import inspect
import os
import pickle
import signal
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

from kiosk.domain.errors import DeviceError, ErrorKind, GatewayUnavailable
from kiosk.ledger.store import LedgerError
from kiosk.ports.clock import SystemClock
from kiosk.ports.devices import PrintEnd, PrintOutcome


class Fault(StrEnum):
    KILL_BEFORE = "kill_before"
    """SIGKILL, and the call was not made."""
    KILL_AFTER = "kill_after"
    """SIGKILL, and the call has had its effect."""
    RAISE = "raise"
    """An exception that nobody foresees (of the receipt printer: what it may raise before the first byte)."""
    SILENT_BEFORE = "silent_before"
    """No answer, and no effect."""
    SILENT_AFTER = "silent_after"
    """No answer, and it was carried out."""
    TWICE = "twice"
    """The request comes twice; the second answer counts."""
    LATE = "late"
    """No answer; the request is carried out after the next call of the same port."""
    STRAGGLER = "straggler"
    """No answer; the request is carried out after a restart, behind the first sweep."""
    CLOCK_AHEAD = "clock_ahead"
    """From here on the clock is ten years ahead (a dead clock battery), until the restart."""
    CLOCK_BACK = "clock_back"
    """From here on the clock is an hour behind (set by hand), until the restart."""


CHANGES: Mapping[str, frozenset[str]] = {
    "wallet": frozenset({"create", "charge", "close", "refund"}),
    "police": frozenset(
        {"decide", "object_to", "defend", "post_payment", "hold", "release", "reserve_number", "commit_number"}
        | {"roll_back_number", "request_filing", "confirm_filing", "withdraw_filing"}
    ),
    "exit_entry": frozenset({"apply", "authorise", "confirm", "cancel"}),
    "drafts": frozenset({"submit", "withdraw"}),
    "ledger": frozenset({"commit"}),
    "printer": frozenset({"print_slip"}),
    "documents": frozenset({"print_pdf"}),
    "unit": frozenset({"accept", "write", "print_back", "eject", "retain"}),
}
"""The calls of each port that change something; the others only ask."""
ASKS: Mapping[str, frozenset[str]] = {
    "wallet": frozenset({"query"}),
    "police": frozenset(
        {
            "identify", "police_photo", "match_face", "vehicles", "verify_vehicle", "open_records", "evidence", "handled",
            "find_decision", "filing_standing", "filing", "fine_status", "ebill", "payable_fine", "find_payment",
        }
    ),
    "exit_entry": frozenset({"registry", "photo_on_file", "match_face", "find_application"}),
    "drafts": frozenset[str](),
}  # fmt: skip
"""What only asks, so that a call that is new to a port is not left out of the plan unseen."""
REMOTE = frozenset({"wallet", "police", "exit_entry", "drafts"})
PRINTERS = frozenset({"printer", "documents"})
SKEW = {Fault.CLOCK_AHEAD: dt.timedelta(days=3653), Fault.CLOCK_BACK: -dt.timedelta(hours=1)}


def applies(fault: Fault, port: str, name: str) -> bool:
    """Whether this fault can come up at this call."""
    changes = name in CHANGES[port]
    match fault:
        case Fault.KILL_BEFORE:
            return changes or port in REMOTE
        case Fault.KILL_AFTER | Fault.CLOCK_AHEAD | Fault.CLOCK_BACK:
            return changes
        case Fault.STRAGGLER:
            return changes and port in REMOTE - {
                "drafts"
            }  # one that is withdrawn never comes back; what it holds is not written down
        case Fault.TWICE | Fault.LATE:
            return changes and port in REMOTE
        case Fault.SILENT_AFTER:
            return changes and port != "unit"
    return (changes or port in REMOTE) and port != "unit"


class MovedClock(SystemClock):
    """The machine's clock, which several processes move forward together: the seconds stand in a file. `skew` is this process's own
    error."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.skew = dt.timedelta()

    def now(self) -> dt.datetime:
        return super().now() + dt.timedelta(seconds=float(self._file.read_text())) + self.skew

    def set_forward(self, seconds: float) -> None:
        """So far from the real time, for everybody."""
        fresh = self._file.with_name(self._file.name + ".new")
        fresh.write_text(str(seconds))
        fresh.replace(self._file)


class Plan:
    """`at` 0: nothing goes wrong. `fired` tells where it did, `counts` how many calls each kind of fault could come up at."""

    def __init__(self, fault: Fault, at: int, clock: MovedClock) -> None:
        self.fault, self.at, self.fired = fault, at, ""
        self.counts = dict.fromkeys(Fault, 0)
        self._clock = clock
        self._held: tuple[str, str, Callable[[], Awaitable[Any]]] | None = None
        self.straggler = ""
        """What `STRAGGLER` kept back, for `carry_out` in another process."""

    async def call(self, port: str, name: str, real: Callable[..., Awaitable[Any]], args: Any, kwargs: Any) -> Any:
        """Make this call of a port, or let happen what the plan says."""

        async def do() -> Any:
            return await real(*args, **kwargs)

        for fault in Fault:
            self.counts[fault] += applies(fault, port, name)
        if applies(self.fault, port, name) and self.counts[self.fault] == self.at:
            self.fired = f"{port}.{name}"
            return await self._go_wrong(port, name, do, (args, kwargs))
        if self._held is not None and self._held[0] == port:
            try:
                return await do()
            finally:
                await self.let_go()
        return await do()

    async def let_go(self) -> None:
        """A request that was held up on its way arrives. What is answered reaches nobody."""
        held, self._held = self._held, None
        if held is not None:
            await unheard(held[2])

    async def _go_wrong(self, port: str, name: str, do: Callable[[], Awaitable[Any]], said: Any) -> Any:
        match self.fault:
            case Fault.KILL_BEFORE:
                os.kill(os.getpid(), signal.SIGKILL)
            case Fault.KILL_AFTER:
                await do()
                os.kill(os.getpid(), signal.SIGKILL)
            case Fault.RAISE if port == "printer":
                raise DeviceError(ErrorKind.OFFLINE, port, "planned")
            case Fault.RAISE:
                raise RuntimeError(f"planned at {self.fired}")
            case Fault.SILENT_AFTER:
                await do()
            case Fault.TWICE:
                await do()
                return await do()
            case Fault.LATE:
                self._held = (port, name, do)
            case Fault.STRAGGLER:
                self.straggler = base64.b64encode(pickle.dumps((port, name, *said))).decode()
            case Fault.CLOCK_AHEAD | Fault.CLOCK_BACK:
                self._clock.skew = SKEW[self.fault]
                return await do()
        if port in PRINTERS:
            return PrintOutcome(self._job(said), PrintEnd.UNCERTAIN, str(ErrorKind.TIMEOUT), "planned")
        no_answer(port)

    @staticmethod
    def _job(said: Any) -> str:
        args, kwargs = said
        return str(kwargs.get("job_id") or args[1])


def no_answer(port: str) -> NoReturn:
    if port == "ledger":
        raise LedgerError("planned")
    raise GatewayUnavailable(port, "planned")


async def unheard(do: Callable[[], Awaitable[Any]]) -> None:
    from kiosk.domain.errors import Refused

    try:
        await do()
    except (GatewayUnavailable, Refused):
        return  # the answer to a request whose sender is long gone


async def carry_out(straggler: str, ports: Mapping[str, Any]) -> None:
    """What a `STRAGGLER` kept back, in a process that never sent it."""
    port, name, args, kwargs = pickle.loads(base64.b64decode(straggler))
    await unheard(lambda: getattr(ports[port], name)(*args, **kwargs))


class Planned:
    """A port whose calls go through the plan. `ports` collects the real ones by name."""

    def __init__(self, port: str, real: Any, plan: Plan) -> None:
        self._port, self._real, self._plan = port, real, plan

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if not inspect.iscoroutinefunction(real) or name in ("open", "close_line", "check", "aclose"):
            return real

        async def call(*args: Any, **kwargs: Any) -> Any:
            return await self._plan.call(self._port, name, real, args, kwargs)

        return call
