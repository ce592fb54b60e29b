"""A simulated SAM_V reader with its card field: the state machine on the wire, and everything that goes wrong in a hall.

Persons are plain data: `name`, `sex` (0 1 2 9), `nation`, `birth`, `address`, `number`, `issuer`, `from`/`valid_from`,
`to`/`valid_to` (absent: 长期), `kind` (resident, hmt_resident, foreigner_2017, foreigner_2023), `name_latin`, `nationality`,
`pass_number`, `issue_count`, `version`, `old_ref`, `face_seed`, `new_addresses`, `fingerprints`. Dates are YYYYMMDD, ISO or
`date`. Fictional people only.

Verbs besides the common ones: {"do": "place", "person": id or object}, {"do": "remove"}.
"""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

from drivers.id_card.photo import pack_sim_photo
from drivers.id_card.samv import BAUD_COMMANDS, SW3, Answer, Command, Parser
from drivers.id_card.text import pack_addresses, pack_text
from drivers.simulator import Command as ControlCommand
from drivers.simulator import Reply, Simulator
from drivers.transport.base import Wire
from drivers.transport.paced import PacedWire

Person = Mapping[str, Any]
SAM_ID = struct.pack("<HHIII", 5, 1, 20120518, 12345, 314159265)
OTHER_SAM_ID = struct.pack("<HHIII", 5, 3, 20190603, 54321, 271828182)
_SERIAL_NUMBER = bytes(8)
_FRAME_GAP = 0.5  # seconds of silence inside a frame after which a SAM gives it up
_BAUDS = {command: baud for baud, command in BAUD_COMMANDS.items()}


class FindAfterRead(StrEnum):
    """What `find` says to a card that was read and still lies there; real readers differ."""

    BLOCK = "block"
    SECOND_TRY = "second_try"
    ALLOW = "allow"


class State(StrEnum):
    NO_CARD = "no_card"
    IN_FIELD = "in_field"
    FOUND = "found"
    SELECTED = "selected"
    READ = "read"


class SamvSimulator(Simulator):
    """`latency`: seconds a command takes inside the SAM, one number or by command name. `baud`: pace the wire like a UART."""

    kind = "id_card"
    fault_ids: ClassVar[Mapping[str, str]] = {
        "SAM.80": "a card is not found",
        "SAM.81": "a card is found but cannot be selected",
        "SAM.41": "reading fails",
        "SAM.31": "the card does not authenticate the module",
        "SAM.32": "the module does not authenticate the card",
        "SAM.33": "the information on the card fails verification",
        "SAM.40": "the card is of another kind (bank, bus)",
        "SAM.47": "getting a random number fails",
        "SAM.10": "the module saw a wrong checksum",
        "SAM.11": "the module saw a wrong length",
        "SAM.21": "the module calls the command illegal",
        "SAM.24": "the module does not know the command",
        "SAM.60": "the module failed its self-test",
        "SAM.66": "the module is not authorised",
        "SAM.CARDLEFT": "the card is taken away when the command `at` (select, read) comes; default read",
        "SAM.STUCK": "a card that was read is never found again, not even after a reset",
        "SAM.TWO": "two cards lie in the field: found, never selected",
        "SAM.NOADDR": "no new address on the card (91)",
        "SAM.ADDRS": "four new addresses on the card (280 bytes)",
        "SAM.TYPE": "the type letter is `letter` (Q)",
        "SAM.TEXTLEN": "the text has `bytes` (0) bytes",
        "SAM.NOPHOTO": "the photo has no bytes",
        "SAM.PHOTO": "the photo cannot be decoded",
        "SAM.NUL": "fields are padded with U+0000",
        "SAM.SURROGATE": "half a surrogate pair stands in the name",
        "SAM.NATION": "the nation code is `code` (99)",
        "SAM.SEX": "the sex code is `code` (0)",
        "SAM.LONG": "the card is valid without end (长期)",
        "SAM.EXPIRED": "the card is no longer valid",
        "SAM.BADDATE": "the date of birth is no day of the calendar",
        "SAM.BADCHK": "the check digit of the number is wrong",
        "SAM.FP512": "30 10 gives 512 bytes of fingerprint",
        "SAM.FP0": "30 10 gives no fingerprint",
        "SAM.SLOW9600": "bytes come as slowly as at 9600 baud",
        "SAM.BAUD": "the reader speaks at `baud` (9600) whatever the line is set to",
        "SAM.ID": "another SAM answers",
    }

    def __init__(
        self,
        persons: Mapping[str, Person] | None = None,
        *,
        find_after_read: str = FindAfterRead.BLOCK,
        reset_rearms: bool = True,
        latency: float | Mapping[str, float] = 0.0,
        baud: int | None = None,
    ) -> None:
        super().__init__()
        self.persons: dict[str, Person] = dict(persons or {})
        self._find_after_read = FindAfterRead(find_after_read)
        self._reset_rearms = reset_rearms
        self._latency = latency
        self._paced_baud = baud
        self._speed = 115200
        self._person: Person | None = None
        self._person_id: str | None = None
        self._state = State.NO_CARD
        self._finds_after_read = 0
        self.reads = 0

    # --- what a person does ---------------------------------------------------------------------------------------

    def control(self, command: ControlCommand) -> Reply:
        reply = self.control_common(command)
        if reply is not None:
            return reply
        match command.get("do"):
            case "place":
                self.place(command.get("person", ""))
            case "remove":
                self.remove()
            case verb:
                raise ValueError(
                    f"an ID reader cannot {verb!r}; it knows place, remove, fault, clear, unplug, plug, state"
                )
        return {"ok": True, **self.state()}

    def place(self, person: str | Person) -> None:
        """Lay a card on the reader: a known person's id, or the person as data. Raises ValueError."""
        if isinstance(person, Mapping):
            chosen, name = person, None
        elif person in self.persons:
            chosen, name = self.persons[person], person
        else:
            raise ValueError(f"no such person; known are {', '.join(sorted(self.persons)) or 'none'}")
        pack_text(chosen)  # a person that fits on no card is told now, not at the wire
        self._person, self._person_id = chosen, name
        self._enter(State.IN_FIELD)

    def remove(self) -> None:
        """Take the card away; nothing happens when there is none."""
        self._person = self._person_id = None
        self._enter(State.NO_CARD)

    def state(self) -> Reply:
        return {
            "card": self._state.value,
            "person": self._person_id,
            "reads": self.reads,
            "faults": self.faults.as_reply(),
        }

    # --- what the reader does -------------------------------------------------------------------------------------

    async def serve(self, wire: Wire) -> None:
        wire = PacedWire(wire, lambda: 9600 if self.faults.active("SAM.SLOW9600") else self._paced_baud)
        complaints: list[SW3] = []
        parser = Parser(min_len=3, on_bad=complaints.append)
        reading = asyncio.ensure_future(wire.read())
        try:
            while True:
                gap = _FRAME_GAP if parser.in_frame else None
                await asyncio.wait((reading,), timeout=gap)
                if not reading.done():
                    parser.reset()
                    await wire.write(Answer(SW3.BAD_LENGTH).frame())
                    continue
                data = reading.result()
                if not data:
                    return
                reading = asyncio.ensure_future(wire.read())
                if not self._hears(wire):
                    continue
                bodies = parser.feed(data)
                for complaint in complaints:
                    await wire.write(Answer(complaint).frame())
                complaints.clear()
                for body in bodies:
                    await wire.write((await self._answer(body)).frame())
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    def _hears(self, wire: Wire) -> bool:
        """At another speed than ours the line carries nothing but framing errors."""
        fault = self.faults.active("SAM.BAUD")
        speed = int(fault.number("baud", 9600)) if fault else self._speed
        line_speed = getattr(wire, "baud", None)
        return line_speed is None or line_speed == speed

    async def _answer(self, body: bytes) -> Answer:
        if len(body) < 2:
            return Answer(SW3.BAD_LENGTH)
        try:
            command = Command(int.from_bytes(body[:2], "big"))
        except ValueError:
            return Answer(SW3.BAD_COMMAND)
        if len(body) != (3 if command is Command.RF_BYTES else 2):
            return Answer(SW3.BAD_LENGTH)
        if delay := self._delay(command):
            await asyncio.sleep(delay)  # the card may be taken away meanwhile: the state is looked at afterwards
        for code in ("10", "11", "21", "24", "60", "66"):
            if self.faults.take(f"SAM.{code}"):
                return Answer(int(code, 16))
        match command:
            case Command.RESET:
                return self._reset()
            case Command.STATUS | Command.RF_BYTES:
                return Answer(SW3.DONE)
            case Command.SAM_ID:
                return Answer(SW3.DONE, data=OTHER_SAM_ID if self.faults.take("SAM.ID") else SAM_ID)
            case Command.FIND:
                return self._find()
            case Command.SELECT:
                return self._select()
            case Command.READ_BASE | Command.READ_WITH_FINGERPRINT:
                return self._read(fingerprint=command is Command.READ_WITH_FINGERPRINT)
            case Command.READ_NEW_ADDRESS:
                return self._new_address()
            case Command.READ_MANAGEMENT:
                return self._management()
            case _:
                self._speed = _BAUDS[command]
                return Answer(SW3.DONE)

    def _delay(self, command: Command) -> float:
        if isinstance(self._latency, Mapping):
            return float(self._latency.get(command.name.lower(), 0.0))
        return self._latency

    def _reset(self) -> Answer:
        stays = self._state is State.READ and (not self._reset_rearms or self.faults.active("SAM.STUCK"))
        if self._person is not None and not stays:
            self._enter(State.IN_FIELD)
        return Answer(SW3.DONE)

    def _find(self) -> Answer:
        if self._state is State.NO_CARD or self.faults.take("SAM.80"):
            return Answer(SW3.NO_CARD)
        if self._state is State.READ:
            self._finds_after_read += 1
            blocked = self._find_after_read is FindAfterRead.BLOCK or self.faults.active("SAM.STUCK")
            if blocked or (self._find_after_read is FindAfterRead.SECOND_TRY and self._finds_after_read < 2):
                return Answer(SW3.NO_CARD)
        self._enter(State.FOUND)
        return Answer(SW3.FOUND, data=bytes(4))

    def _select(self) -> Answer:
        self._take_card_at("select")
        if self._state not in (State.FOUND, State.SELECTED):
            return Answer(SW3.SELECT_FAILED)
        if self.faults.take("SAM.81") or self.faults.active("SAM.TWO"):
            self._enter(State.IN_FIELD)
            return Answer(SW3.SELECT_FAILED)
        if self.faults.take("SAM.40"):
            self._enter(State.IN_FIELD)
            return Answer(SW3.WRONG_CARD)
        self._enter(State.SELECTED)
        return Answer(SW3.DONE, data=_SERIAL_NUMBER)

    def _read(self, *, fingerprint: bool) -> Answer:
        self._take_card_at("read")
        if self._state is not State.SELECTED or self._person is None:
            return Answer(SW3.READ_FAILED)
        for code in ("41", "31", "32", "33", "47"):
            if self.faults.take(f"SAM.{code}"):
                self._enter(State.IN_FIELD)
                return Answer(int(code, 16))
        text, photo = self._text(self._person), self._photo(self._person)
        sizes = len(text).to_bytes(2, "big") + len(photo).to_bytes(2, "big")
        self.reads += 1
        self._finds_after_read = 0
        self._enter(State.READ)
        if not fingerprint:
            return Answer(SW3.DONE, data=sizes + text + photo)
        size = 0 if self.faults.take("SAM.FP0") else 512 if self.faults.take("SAM.FP512") else 1024
        return Answer(SW3.DONE, data=sizes + size.to_bytes(2, "big") + text + photo + bytes(size))

    def _new_address(self) -> Answer:
        if self._state not in (State.SELECTED, State.READ) or self._person is None:
            return Answer(SW3.READ_FAILED)
        addresses = list(self._person.get("new_addresses", ()))
        if self.faults.take("SAM.NOADDR"):
            addresses = []
        if self.faults.take("SAM.ADDRS"):
            addresses = [f"浙江省宁波市测试区迁移路{n}号" for n in range(1, 5)]
        return Answer(SW3.DONE, data=pack_addresses(addresses)) if addresses else Answer(SW3.NO_ITEM)

    def _management(self) -> Answer:
        if self._state not in (State.SELECTED, State.READ):
            return Answer(SW3.READ_FAILED)
        return Answer(SW3.DONE, data=bytes(28))

    def _text(self, person: Person) -> bytes:
        take = self.faults.take
        changed = dict(person)
        if fault := take("SAM.NATION"):
            changed["nation"] = str(fault.args.get("code", "99"))
        if fault := take("SAM.SEX"):
            changed["sex"] = str(fault.args.get("code", "0"))
        if take("SAM.SURROGATE"):
            changed["name"] = "\ud842" + str(person.get("name", ""))[1:]
        if take("SAM.LONG"):
            changed["to"] = changed["valid_to"] = None
        if take("SAM.EXPIRED"):
            changed["to"] = "20200101"
        if take("SAM.BADDATE"):
            changed["birth"] = "19901332"
        if take("SAM.BADCHK"):
            number = str(person.get("number", ""))
            changed["number"] = number[:-1] + ("1" if number[-1:] != "1" else "2")
        text = pack_text(changed, pad="\0" if take("SAM.NUL") else " ")
        if fault := take("SAM.TYPE"):
            letter = str(fault.args.get("letter", "Q"))[:1].encode("utf-16-le")
            text = text[:248] + letter + text[250:]
        if fault := take("SAM.TEXTLEN"):
            text = text.ljust(int(fault.number("bytes", 0)), b"\0")[: int(fault.number("bytes", 0))]
        return text

    def _photo(self, person: Person) -> bytes:
        if self.faults.take("SAM.NOPHOTO"):
            return b""
        if self.faults.take("SAM.PHOTO"):
            return os.urandom(1024)
        return pack_sim_photo(int(person.get("face_seed", 0)))

    def _take_card_at(self, command: str) -> None:
        fault = self.faults.active("SAM.CARDLEFT")
        if fault is not None and fault.args.get("at", "read") == command:
            self.faults.take("SAM.CARDLEFT")
            self.remove()

    def _enter(self, state: State) -> None:
        if state is not self._state:
            self._state = state
            self.changed()
