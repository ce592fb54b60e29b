"""T01: who comes in. The page says the same whatever was wrong; a lock is counted down on it."""

from __future__ import annotations

import asyncio

from kiosk.diagnostics.tools import Tools
from kiosk.ledger.store import LedgerError
from kiosk.screens.base import Back, Cancelled, Page
from kiosk.screens.diagnostics import StaffEntry, StaffLogin

NOBODY = "本机没有登记运维人员，请先在设置文件里登记。"
NO_RECORD = "审计记录写不进，现在不能进入。请检查磁盘。"
WRONG = {
    "wrong": "工号、密码或动态码不对。",
    "second_factor": "本机现在不能核对动态码，请联系管理员。",
    "locked": "尝试次数太多，请等一等。",
}


async def sign_in(tools: Tools, idle_s: float) -> str | None:
    """The code of the technician's pass; None where nobody came in, or nobody touched anything for `idle_s` seconds."""
    desk, access = tools.desk, tools.access
    desk.allow(back=True, cancel=True)
    try:
        locked = await access.locked_s()
        trouble = "" if access.configured else NOBODY
    except LedgerError:
        locked, trouble = 0, NO_RECORD
    shown = StaffLogin(access.asks_totp, locked, trouble, tools.simulated)
    page = desk.open(shown)
    while True:
        try:
            async with asyncio.timeout(max(idle_s, locked)):
                entry = await _entry(tools, page, shown, locked)
        except (Back, Cancelled, TimeoutError):
            return None
        try:
            answer = await access.enter(entry.code, entry.pin, entry.totp)
        except LedgerError:
            locked, trouble = 0, NO_RECORD
        else:
            if (code := getattr(answer, "code", None)) is not None:
                return str(code)
            locked = int(answer.locked_s)
            trouble = WRONG.get(answer.reason, WRONG["wrong"])
            if not locked and answer.reason == "wrong":
                trouble += f"还可以试 {answer.left} 次。"
        shown = StaffLogin(access.asks_totp, locked, trouble, tools.simulated)
        page.update(shown)  # the code stays; PIN and one-time code were forgotten when they were answered


async def _entry(tools: Tools, page: Page[StaffEntry], shown: StaffLogin, locked: int) -> StaffEntry:
    """What was typed. While the machine is locked its page counts down; an answer of that time is no attempt."""
    answer = asyncio.ensure_future(page.answer())
    try:
        for left in range(locked, 0, -1):
            page.update(StaffLogin(shown.asks_totp, left, shown.trouble, shown.simulated))
            await asyncio.wait((answer,), timeout=1.0)
            if answer.done():
                answer.result()  # Back and Cancelled leave
                answer = asyncio.ensure_future(page.answer())
        if locked:
            page.update(StaffLogin(shown.asks_totp, 0, "", shown.simulated))
        return await answer
    finally:
        if not answer.done():
            answer.cancel()
            await asyncio.gather(answer, return_exceptions=True)
