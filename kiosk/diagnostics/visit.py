"""One technician's visit: who they are, what was just done, and the one thing that is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import structlog

from kiosk.care.checkup import Checkup, Examiner
from kiosk.care.supervisor import LeaseTaken
from kiosk.diagnostics.preview import Watching
from kiosk.diagnostics.tools import Tools
from kiosk.domain.errors import DeviceError
from kiosk.ledger.store import LedgerError
from kiosk.screens.diagnostics import Head, Section, Tone

if TYPE_CHECKING:
    from kiosk.diagnostics.checks import AtThePage

log = structlog.get_logger(__name__)

NOT_RECORDED = "审计记录写不进，操作没有执行。"
BUSY = "上一个操作还没有结束，请先等它结束或停止。"


class Refused(Exception):
    """What was ordered is not done. One Chinese sentence."""


class Visit:
    """`wake` is called when a page has something new to show."""

    def __init__(self, tools: Tools, staff: str, wake: Callable[[], None]) -> None:
        self.tools = tools
        self.staff = staff
        self.wake = wake
        self.note = ""
        self.note_tone: Tone = "ok"
        self.examiner: Examiner | None = None
        """The examination that runs, or ran last."""
        self.found: Checkup | None = None
        """The last examination that ended or was broken off."""
        self.person: AtThePage | None = None
        """Who is asked meanwhile."""
        self.presets: set[str] = set()
        """Presets armed and not disarmed."""
        self.preview = Watching(tools, wake)
        self.interactive = False
        """The work under way waits for the person: time without a touch counts."""
        self._work: asyncio.Task[None] | None = None
        self._worked_until = asyncio.get_running_loop().time()

    # -- words ----------------------------------------------------------------------------------------------------------

    def say(self, note: str, tone: Tone = "ok") -> None:
        self.note, self.note_tone = note, tone
        self.wake()

    def head(self) -> Head:
        tools = self.tools
        simulated = tools.simulated or bool(tools.stand_ins)
        missing = {Section.FAULTS} if not self.virtual() else set()
        missing |= {Section.DAY_END} if tools.day_end is None else set()
        sections = tuple(each for each in Section if each not in missing)
        return Head(self.staff, tools.version, simulated, self.armed(), self.note, self.note_tone, sections)

    # -- what is simulated ----------------------------------------------------------------------------------------------

    def virtual(self) -> dict[str, Any]:
        return {**self.tools.virtual, **self.tools.stand_ins.virtual}

    def armed(self) -> int:
        return sum(len(faults_of(virtual)) for virtual in self.virtual().values())

    # -- what is done ---------------------------------------------------------------------------------------------------

    async def record(self, what: str, /, **detail: Any) -> None:
        """Before it is done: what cannot be recorded is not done. Raises Refused."""
        try:
            await self.tools.audit.write(self.staff, what, **detail)
        except LedgerError as error:
            log.error("audit_not_written", what=what, exc_info=error)
            raise Refused(NOT_RECORDED) from error

    async def record_end(self, what: str, /, **detail: Any) -> None:
        """After it was done: that it was begun is on record already. Put down also when the technician leaves at this very moment."""
        writing = asyncio.ensure_future(self.tools.audit.write(self.staff, what, **detail))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            for error in await asyncio.gather(writing, return_exceptions=True):
                if isinstance(error, LedgerError):
                    log.error("audit_not_written", what=what, exc_info=error)
            raise
        except LedgerError as error:
            log.error("audit_not_written", what=what, exc_info=error)
            self.say("已经执行，但结果没有写进审计记录。", "bad")

    @property
    def busy(self) -> bool:
        return self._work is not None

    def begin(self, work: Coroutine[Any, Any, None], *, interactive: bool = False) -> None:
        """Do something that takes time, one thing at once. What is expected to go wrong is told; pages stay alive meanwhile.

        Raises Refused while something else is under way.
        """
        if self._work is not None:
            work.close()
            raise Refused(BUSY)
        self.interactive = interactive
        self._work = asyncio.ensure_future(self._do(work))

    async def stop(self) -> None:
        """Break off what is under way; returns when it has left off."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    async def wait(self) -> None:
        """Until nothing is under way."""
        if self._work is not None:
            await asyncio.gather(self._work, return_exceptions=True)

    def active_until(self) -> float:
        """Loop time of the last moment at which the machine was at work by itself."""
        if self._work is not None and not self.interactive:
            self._worked_until = asyncio.get_running_loop().time()
        return self._worked_until

    async def _do(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await self.preview.stop()  # the camera may be needed
            await work
        except Refused as refused:
            self.say(str(refused), "bad")
        except LeaseTaken:
            self.say("设备正在被使用，请稍后再试。", "warn")
        except DeviceError as error:
            self.say(f"{self.tools.table.name(error.device)}：{error.hint}", "bad")
        except LedgerError as error:
            log.error("ledger_failed", hint=str(error))
            self.say("账本读写出错，操作没有完成。请检查磁盘。", "bad")
        except Exception:
            log.exception("diagnostics_work_crashed")
            self.say("程序出错，操作没有完成；详情见日志。", "bad")
        finally:
            self._worked_until = asyncio.get_running_loop().time()
            self._work = None
            self.wake()


def faults_of(virtual: Any) -> dict[str, int | None]:
    """The armed faults of a simulator, each with how often it will still happen (None: until cleared)."""
    try:
        found = virtual.control({"do": "state"}).get("faults", {})
    except ValueError:  # one that knows no such command plays no faults
        found = virtual.state().get("faults", {})
    return dict(found) if isinstance(found, dict) else dict.fromkeys(found)
