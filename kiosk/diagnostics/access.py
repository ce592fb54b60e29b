"""Who may come into diagnostics: the code of a staff pass, its PIN, and a one-time code where the hall wants one.

Whatever is wrong, the answer is the same, and an unknown code costs the time of a wrong PIN: nobody learns which codes exist. Three
failures lock the machine (`lockout`). Every entry, failure and lock is in the audit chain, never with a PIN, and with a code only if
it exists.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import sqlalchemy as sa
import structlog

from config.sections import Technician
from kiosk.diagnostics.lockout import Lockout, SystemUptime, Uptime, forgive
from kiosk.diagnostics.pin import hash_of_nobody, pin_matches
from kiosk.diagnostics.totp import SecretFileError, matching_step, read_secret
from kiosk.ledger.audit import UNKNOWN, Audit
from kiosk.ledger.schema import access_code
from kiosk.ledger.store import Store
from kiosk.ports.clock import Clock

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entered:
    code: str
    """Whose actions the audit chain names from now on."""


@dataclass(frozen=True, slots=True)
class Denied:
    reason: Literal["wrong", "locked", "second_factor"]
    """wrong: code, PIN or one-time code, it is not said which. second_factor: the machine cannot check this technician's one-time
    codes, whatever was typed; the log says why."""
    left: int
    """Tries left before the lock."""
    locked_s: int
    """Seconds that no entry is taken; 0: the next one may follow at once."""


class Access:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        audit: Audit,
        technicians: Sequence[Technician],
        uptime: Uptime | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._technicians = {technician.code: technician for technician in technicians}
        self._lockout = Lockout(store, uptime or SystemUptime())
        self._nobody = hash_of_nobody(technicians[0].pin_hash if technicians else "")
        self._one_by_one = asyncio.Lock()

    @property
    def configured(self) -> bool:
        """Whether anybody can come in at all."""
        return bool(self._technicians)

    @property
    def asks_totp(self) -> bool:
        """Whether some technician needs a one-time code; the page asks everybody for it then."""
        return any(technician.totp_file is not None for technician in self._technicians.values())

    async def locked_s(self) -> int:
        """Seconds until an entry is taken again; 0: now. Raises LedgerError."""
        return await self._lockout.remaining_s()

    async def troubles(self) -> list[str]:
        """Sentences about secrets that cannot be used; their technicians cannot come in."""
        found: list[str] = []
        for technician in self._technicians.values():
            try:
                await self._in_thread(_secret_of, technician)
            except SecretFileError as error:
                found.append(str(error))
        return found

    async def enter(self, code: str, pin: str, totp: str = "") -> Entered | Denied:
        """One attempt. Raises LedgerError where it could be neither counted nor recorded: then nobody comes in."""
        async with self._one_by_one:
            return await self._enter(code.strip().upper(), pin.strip(), totp)

    async def _enter(self, code: str, pin: str, totp: str) -> Entered | Denied:
        technician = self._technicians.get(code)
        who = technician.code if technician else UNKNOWN
        charge = await self._lockout.charge()
        if charge.refused:
            return await self._deny(who, Denied("locked", 0, charge.locked_s))
        fits = await self._in_thread(pin_matches, pin, technician.pin_hash if technician else self._nobody)
        try:
            secret = await self._in_thread(_secret_of, technician)
        except SecretFileError as error:
            log.error("second_factor_unusable", detail=str(error))
            denied = Denied("second_factor", charge.left, charge.locked_s)
            return await self._deny(who, denied, charge.round)
        if technician and fits and await self._let_in(who, secret, totp):
            await self._audit.write(who, "technician_entered", second="totp" if secret else "none")
            log.info("technician_entered")
            return Entered(who)
        return await self._deny(who, Denied("wrong", charge.left, charge.locked_s), charge.round)

    async def _deny(self, who: str, denied: Denied, lock_round: int = 0) -> Denied:
        """`lock_round`: of the lock that begins now."""
        await self._audit.write(who, "technician_denied", reason=denied.reason, left=denied.left)
        if denied.locked_s and lock_round:
            await self._audit.write(who, "access_locked", seconds=denied.locked_s, round=lock_round)
        log.warning("technician_denied", reason=denied.reason, left=denied.left, seconds=denied.locked_s)
        return denied

    async def _let_in(self, code: str, secret: str, totp: str) -> bool:
        """Whether the one-time code is good. It is used up, and the failures forgotten, in one transaction."""

        def use(connection: sa.Connection) -> bool:
            if secret:
                mine = access_code.c.code == code
                last = connection.execute(sa.select(access_code.c.totp_step).where(mine)).scalar_one_or_none()
                step = matching_step(totp, secret, self._clock.now(), -1 if last is None else last)
                if step is None:
                    return False
                connection.execute(sa.delete(access_code).where(mine))
                connection.execute(sa.insert(access_code).values(code=code, totp_step=step))
            forgive(connection)
            return True

        return await self._store.work(use)

    async def _in_thread(self, work: Callable[..., T], *given: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(None, work, *given)


def _secret_of(technician: Technician | None) -> str:
    """ "" where there is no second factor. Raises SecretFileError."""
    return read_secret(technician.totp_file) if technician and technician.totp_file else ""
