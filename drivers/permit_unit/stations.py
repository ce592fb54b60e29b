"""The stations of a simulated permit unit: chip writer, rewritable printer, camera. The mechanics bring the card there and back."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from drivers.permit_unit.codes import JobKind, JobState, Position, Trouble
from drivers.permit_unit.mechanics import MUTE_CHIPS, Failed, Mechanics
from drivers.permit_unit.messages import Back, PayloadError
from drivers.permit_unit.nvram import LastJob
from drivers.simulator import Fault, FaultBook
from drivers.virtual_permit import VirtualPermit

_LOOK_ALIKE = {"0": "O", "O": "0", "1": "I", "I": "1", "8": "B", "B": "8", "5": "S", "S": "5", "2": "Z", "Z": "2"}


class Stations:
    """Each raises `Failed` with what the command is answered with."""

    def __init__(self, mechanics: Mechanics, faults: FaultBook) -> None:
        self._mechanics = mechanics
        self._faults = faults

    async def write(self, job_id: str, data: bytes) -> None:
        card = self._mechanics.inside()
        numbers = numbers_of(data)
        refused = numbers is None or self._faults.take("WRITE.REFUSED")
        if refused or not _writable(card):
            trouble = Trouble.WRITE_REFUSED if refused else Trouble.CHIP_MUTE
            self._mechanics.note_job(JobKind.WRITE, LastJob(JobState.NOT_DONE, job_id, trouble))
            raise Failed(trouble)
        assert numbers is not None
        await self._mechanics.leg("to_writer", Position.WRITER)
        job = LastJob(JobState.STARTED, job_id, numbers=numbers)
        self._mechanics.note_job(JobKind.WRITE, job)
        await self._mechanics.step("opening_chip")
        if self._faults.take("WRITE.FAILS"):
            await self._give_up(job)
        await self._mechanics.step("writing")
        if self._faults.take("WRITE.MIDWAY"):
            await self._give_up(job)
        card.endorsements += [number for number in numbers if number not in card.endorsements]
        card.chip_writes += 1
        self._mechanics.nvram.save()
        await self._mechanics.step("verifying")
        wrong = self._faults.take("WRITE.VERIFY")
        job.state, job.reason = (JobState.STARTED, Trouble.VERIFY) if wrong else (JobState.DONE, Trouble.NONE)
        self._mechanics.note_job(JobKind.WRITE, job)
        await self._mechanics.leg("from_writer", Position.READER)
        if wrong:
            raise Failed(Trouble.VERIFY)

    async def _give_up(self, job: LastJob) -> None:
        """The chip is as it was. Raises Failed."""
        job.state, job.reason = JobState.NOT_DONE, Trouble.WRITE_FAILED
        self._mechanics.note_job(JobKind.WRITE, job)
        await self._mechanics.leg("from_writer", Position.READER)
        raise Failed(Trouble.WRITE_FAILED)

    def read_chip(self) -> list[str]:
        card = self._mechanics.inside()
        if not _writable(card):
            raise Failed(Trouble.CHIP_MUTE)
        return list(card.endorsements)

    async def print(self, job_id: str, data: bytes) -> None:
        card = self._mechanics.inside()
        try:
            back = Back.read(data)
        except PayloadError:
            raise Failed(Trouble.BAD_DATA) from None
        await self._mechanics.leg("to_printer", Position.PRINTER)
        job = LastJob(JobState.STARTED, job_id)
        self._mechanics.note_job(JobKind.PRINT, job)
        card.back = []
        self._mechanics.nvram.save()
        await self._mechanics.step("erasing")
        if self._faults.take("PRINT.FAILS"):
            job.state, job.reason = JobState.NOT_DONE, Trouble.HEAD
            self._mechanics.note_job(JobKind.PRINT, job)
            await self._mechanics.leg("from_printer", Position.READER)
            raise Failed(Trouble.HEAD)
        await self._mechanics.step("printing")
        card.back = [list(row) for row in back.rows]
        card.print_count += 1
        job.finished = True
        self._mechanics.note_job(JobKind.PRINT, job)
        await self._mechanics.step("checking")
        job.state = JobState.DONE
        self._mechanics.note_job(JobKind.PRINT, job)
        await self._mechanics.leg("from_printer", Position.READER)

    async def photograph(self) -> bytes:
        card = self._mechanics.inside()
        await self._mechanics.step("looking")
        if self._faults.take("PICTURE.NONE"):
            raise Failed(Trouble.CAMERA)
        try:
            return await asyncio.to_thread(_draw, tuple(tuple(row) for row in card.back))
        except OSError as error:  # a machine without fonts
            raise Failed(Trouble.CAMERA) from error

    async def read_line(self) -> str:
        card = self._mechanics.inside()
        await self._mechanics.step("looking")
        if self._faults.take("OCR.EMPTY") or card.body != "permit":
            return ""
        fault = self._faults.take("OCR.NOISE")
        return card.line if fault is None else _misread(card.line, fault)


def numbers_of(data: bytes) -> list[str] | None:
    """Numbers of the grants in the simulator's sealed format (JSON with `grants`, each with `number`); None for anything else."""
    try:
        sealed: Any = json.loads(data.decode())
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        return None
    grants = sealed.get("grants") if isinstance(sealed, dict) else None
    if not isinstance(grants, list) or not grants:
        return None
    numbers: list[str] = []
    for grant in grants:
        number = grant.get("number") if isinstance(grant, dict) else None
        if not isinstance(number, str) or not 0 < len(number) <= 32:
            return None
        numbers.append(number)
    return numbers


def _draw(rows: tuple[tuple[str, ...], ...]) -> bytes:
    from drivers.permit_unit.back import draw_back  # PIL comes with it: in the worker too

    return draw_back(rows)


def _writable(card: VirtualPermit) -> bool:
    return card.body == "permit" and card.chip not in MUTE_CHIPS


def _misread(line: str, fault: Fault) -> str:
    alike = [at for at in range(3, len(line)) if line[at] in _LOOK_ALIKE]
    at = int(fault.number("at", alike[0] if alike else 0))
    if not 0 <= at < len(line):
        return line
    return line[:at] + _LOOK_ALIKE.get(line[at], "?") + line[at + 1 :]
