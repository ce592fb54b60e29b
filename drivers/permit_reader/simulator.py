"""The simulated chip on a wire: a virtual card before a virtual reader, and everything that goes wrong between the two.

The wire carries vpcd's messages, whether it ends in this process or at a real vpcd (`drivers.permit_reader.vpcd`). Card and wire live
together as they do there: the wire is hung up when the card leaves.

Verbs besides the common ones: {"do": "place", "card": {fields of VirtualPermit}}, {"do": "remove"}.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from drivers.permit_reader.apdu import GET_RESPONSE, NOT_SATISFIED, READ_BINARY, READ_BINARY_ODD, SELECT, Answer
from drivers.permit_reader.files import COM, DG1, DG2, DG11, SOD
from drivers.permit_reader.vicc import ATR, OFF, ON, ORDERS, RESET, Deframer, frame
from drivers.permit_reader.virtual_card import VirtualChip
from drivers.permit_reader.virtual_files import build_files, chip_key, security_object
from drivers.simulator import Command, Fault, Reply, Simulator
from drivers.transport.base import Wire
from drivers.virtual_permit import VirtualPermit

_PHASES = {"select": (SELECT,), "read": (READ_BINARY, READ_BINARY_ODD), "any": ()}
_FILES = {"COM": COM, "SOD": SOD, "DG1": DG1, "DG2": DG2, "DG11": DG11}
_HEAD = 5
"""Tag and length of a file: what is behind them is read."""
_UNSATISFIED = Answer(b"", NOT_SATISFIED).encode()


def atr_of(historical: bytes) -> bytes:
    """What a reader makes up for a contactless card (PC/SC part 3 §3.1.3.2.3.1): 3B 8n 80 01, historical bytes, check byte."""
    body = bytes((0x80 | len(historical), 0x80, 0x01)) + historical
    check = 0
    for byte in body:
        check ^= byte
    return b"\x3b" + body + bytes((check,))


PERMIT_ATR = atr_of(bytes.fromhex("80318065B0850300"))
BANK_ATR = atr_of(bytes.fromhex("8031C073D6"))
OTHER_ATR = atr_of(b"")


class PermitChipSimulator(Simulator):
    """`photo_bytes`: size of DG2's picture, None as it comes. `latency`: seconds each answer takes."""

    kind = "permit_reader"
    fault_ids: ClassVar[Mapping[str, str]] = {
        "PCSC.MUTE": "the card never answers a command of the phase `at` (any, select, read); default any",
        "PCSC.PULLED": "the card is pulled when a command of the phase `at` (any, select, read) comes; default read",
        "PCSC.6982": "the card calls its session ended (6982) at a command of the phase `at`; default read",
        "PCSC.SM_MAC": "the checksum of a secured answer is wrong",
        "PCSC.61": "an answer comes in pieces (61xx)",
        "PCSC.6C": "a read with another length than the card likes is refused (6Cxx)",
        "PCSC.SHORT": "the card gives at most `size` (100) bytes per read",
        "PCSC.SLOW": "each answer takes `seconds` (0.2)",
        "PCSC.ATR": "the card has an ATR that nobody knows",
        "PCSC.NO_SERVICE": "the PC/SC service does not run, until cleared (in-process reader only)",
        "PCSC.EXCLUSIVE": "another program holds the card for itself (in-process reader only)",
        "CHIP.NO_FILE": "the file `file` (COM, SOD, DG1, DG2, DG11; default DG2) is missing (6A82)",
        "CHIP.SHORT_FILE": "the file `file` (default DG2) ends `keep` bytes (half) after its beginning",
        "CHIP.CORRUPT_FILE": "the file `file` (default DG2) is nonsense from its head on",
        "CHIP.REFUSAL": "a wrong key is refused with 6982 instead of 6300",
        "CHIP.NO_COM": "EF.COM is missing",
        "CHIP.NO_SOD": "EF.SOD is missing",
        "CHIP.BAD_SOD": "the digests in EF.SOD are those of other data",
        "CHIP.GARBLED_SOD": "EF.SOD is nonsense",
        "PACE.REFUSED": "the card offers PACE and then does not begin it",
    }

    def __init__(self, *, photo_bytes: int | None = None, latency: float = 0.0) -> None:
        super().__init__()
        self._photo_bytes = photo_bytes
        self._latency = latency
        self._card: VirtualPermit | None = None
        self._moved = asyncio.Event()
        self._rest = b""
        self.reads = 0
        """How often a terminal has opened a chip."""

    # --- control --------------------------------------------------------------------------------------------------

    def hold(self, card: VirtualPermit | None) -> None:
        """The card now before the reader, or None once it has left. Only from the event loop's thread."""
        if card is self._card:
            return
        self._card = card
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
        self.changed()

    @property
    def card(self) -> VirtualPermit | None:
        return self._card

    @property
    def answers(self) -> bool:
        """Whether a chip lies there that a reader can find at all."""
        card = self._card
        return card is not None and card.chip != "dead" and card.body in ("permit", "bank_card")

    async def wait_moved(self, seen: VirtualPermit | None) -> None:
        """Until another card, or none, lies there than the one the caller has seen."""
        while self._card is seen:
            await self._moved.wait()

    def control(self, command: Command) -> Reply:
        reply = self.control_common(command)
        if reply is not None:
            return reply
        match command.get("do"):
            case "place":
                card = command.get("card")
                if not isinstance(card, Mapping):
                    raise ValueError('a card is needed: {"do": "place", "card": {"line": …, "name": …}}')
                self.hold(VirtualPermit.of(card))
            case "remove":
                self.hold(None)
            case verb:
                raise ValueError(
                    f"the permit's chip cannot {verb!r}; it knows place, remove, fault, clear, unplug, plug, state"
                )
        return {"ok": True, **self.state()}

    def state(self) -> Reply:
        card = self._card
        return {
            "card": None if card is None else card.body,
            "chip": None if card is None else card.chip,
            "protocol": None if card is None else card.protocol,
            "reads": self.reads,
            "faults": self.faults.as_reply(),
        }

    # --- what the card does ---------------------------------------------------------------------------------------

    async def serve(self, wire: Wire) -> None:
        """One card's stay. Before it comes orders are taken and an ATR asked for is owed."""
        deframer = Deframer()
        owed = False
        chip: VirtualChip | None = None
        here = self._card if self.answers else None
        seen = self._card
        reading = asyncio.ensure_future(wire.read())
        moving = asyncio.ensure_future(self.wait_moved(seen))
        try:
            while True:
                if here is not None and chip is None:
                    chip = await self._chip(here)
                    if owed:
                        await wire.write(frame(self._atr(here)))
                await asyncio.wait((reading, moving), return_when=asyncio.FIRST_COMPLETED)
                if moving.done():
                    if here is not None:
                        return
                    seen, here = self._card, self._card if self.answers else None
                    moving = asyncio.ensure_future(self.wait_moved(seen))
                    continue
                data = reading.result()
                if not data:
                    return
                reading = asyncio.ensure_future(wire.read())
                for message in deframer.feed(data):
                    if len(message) == 1 and message[0] in ORDERS:
                        if message[0] in (OFF, ON, RESET) and chip is not None:
                            chip.reset()
                        if message[0] == ATR:
                            owed = here is None
                            if here is not None:
                                await wire.write(frame(self._atr(here)))
                    elif here is not None and chip is not None and not await self._exchange(wire, here, chip, message):
                        return
        finally:
            for task in (reading, moving):
                task.cancel()
            await asyncio.gather(reading, moving, return_exceptions=True)

    async def _exchange(self, wire: Wire, here: VirtualPermit, chip: VirtualChip, command: bytes) -> bool:
        """Answer one command; False when the card has left instead."""
        if delay := self._delay():
            await asyncio.sleep(delay)  # the card may be taken away meanwhile
        if self._strikes("PCSC.PULLED", command, "read"):
            self.hold(None)
        if self._card is not here:
            return False
        if here.chip == "mute" or self._strikes("PCSC.MUTE", command, "any"):
            return True
        if self._strikes("PCSC.6982", command, "read"):
            chip.reset()
            await wire.write(frame(_UNSATISFIED))
            return True
        opened = chip.opened
        answer = self._transported(chip, command)
        if chip.opened != opened:
            self.reads += 1
            self.changed()
        await wire.write(frame(answer))
        return True

    def _transported(self, chip: VirtualChip, command: bytes) -> bytes:
        """The chip's answer as the transport brings it."""
        if command[1:2] == bytes((GET_RESPONSE,)) and self._rest:
            answer, self._rest = self._rest, b""
            return answer
        self._rest = b""
        reads = command[1] in _PHASES["read"]
        if reads and command[-1:] == b"\0" and self.faults.take("PCSC.6C"):
            return b"\x6c\xff"
        fault = self.faults.active("PCSC.SHORT")
        chip.longest_read = int(fault.number("size", 100)) if fault else 256
        answer = chip.answer(command)
        if reads and command[0] & 0x0C and len(answer) > 12 and self.faults.take("PCSC.SM_MAC"):
            answer = answer[:-3] + bytes((answer[-3] ^ 0x01,)) + answer[-2:]
        if len(answer) > 12 and self.faults.take("PCSC.61"):
            half = (len(answer) - 2) // 2
            self._rest = answer[half:]
            return answer[:half] + bytes((0x61, len(self._rest) - 2 & 0xFF))
        return answer

    def _delay(self) -> float:
        fault = self.faults.active("PCSC.SLOW")
        return fault.number("seconds", 0.2) if fault else self._latency

    def _strikes(self, fault_id: str, command: bytes, default: str) -> bool:
        fault = self.faults.active(fault_id)
        if fault is None:
            return False
        phase = _PHASES.get(str(fault.args.get("at", default)), ())
        if phase and command[1] not in phase:
            return False
        return self.faults.take(fault_id) is not None

    def _atr(self, card: VirtualPermit) -> bytes:
        if self.faults.take("PCSC.ATR"):
            return OTHER_ATR
        return BANK_ATR if card.body == "bank_card" else PERMIT_ATR

    async def _chip(self, card: VirtualPermit) -> VirtualChip:
        if card.body != "permit" or card.chip == "no_application":
            return VirtualChip({}, None)
        # Drawing the face takes a while the first time: not on the event loop.
        files = await asyncio.get_running_loop().run_in_executor(None, build_files, card, self._photo_bytes)
        return VirtualChip(files, chip_key(card), bac=card.protocol != "pace", mischief=self)

    # --- what the chip itself does wrong (`virtual_card.Mischief`) ------------------------------------------------

    def file(self, file_id: int, content: bytes | None) -> bytes | None:
        take = self.faults.take
        if self._strikes_file("CHIP.NO_FILE", file_id):
            return None
        if content is not None and (fault := self._strikes_file("CHIP.SHORT_FILE", file_id)):
            content = content[: int(fault.number("keep", len(content) // 2))]
        if content is not None and self._strikes_file("CHIP.CORRUPT_FILE", file_id):
            content = content[:_HEAD] + bytes(byte ^ 0x5A for byte in content[_HEAD:])
        if (file_id == COM and take("CHIP.NO_COM")) or (file_id == SOD and take("CHIP.NO_SOD")):
            return None
        if file_id == SOD and take("CHIP.BAD_SOD"):
            return security_object({DG1: b"other", DG2: b"data"})
        if file_id == SOD and take("CHIP.GARBLED_SOD"):
            return b"\x77\x03\x30\x05\x00"
        return content

    def _strikes_file(self, fault_id: str, file_id: int) -> Fault | None:
        fault = self.faults.peek(fault_id)
        if fault is None or _FILES.get(str(fault.args.get("file", "DG2"))) != file_id:
            return None
        return self.faults.take(fault_id)

    def refuses_pace(self) -> bool:
        return self.faults.take("PACE.REFUSED") is not None

    def key_refusal(self) -> int | None:
        return NOT_SATISFIED if self.faults.take("CHIP.REFUSAL") else None
