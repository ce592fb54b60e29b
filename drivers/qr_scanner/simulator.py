"""A simulated scan engine: it is shown codes, obeys trigger commands of its dialect and sends what it read.

    {"do": "show", "data": "text"}   {"do": "show", "hex": "cea5"}   hold a code before the window (text goes as UTF-8)
    {"do": "hide"}                                                   take it away
    {"do": "press"}                                                  the button on the engine: read once, asked or not

A plain engine reads a code as soon as it is shown; the others read once per trigger.
"""

from __future__ import annotations

import asyncio
import codecs
import re
from collections.abc import Mapping
from typing import ClassVar

from drivers.qr_scanner.dialects import Dialect
from drivers.simulator import Command, Reply, Simulator
from drivers.transport.base import Wire

_UCS = re.compile(rb"\x7e\x010000[@#*&^][^;\x03]{1,64};\x03|\?", re.DOTALL)
_UCS_KNOWN = (b"SCNMOD", b"SCNTRG", b"ORTSET", b"RRDDUR", b"GRBENA", b"GRBDIS", b"QRYSYS", b"FACDEF", b"CUSDEF")
_MENU = re.compile(rb"\x16[TU]\r|\x16M\r[^.\x16]{1,64}\.", re.DOTALL)
_MENU_KNOWN = {b"TERMID": b"130", b"REVINF": b"1.0", b"DEFALT": b"", b"SUFBK2": b"990D", b"PAPHHF": b""}
_LONGEST_COMMAND = 128
_LONG_CODE = 10_000
SHOWN_LIMIT = 16 * 1024


class ScanEngineSimulator(Simulator):
    kind = "qr_scanner"
    fault_ids: ClassVar[Mapping[str, str]] = {
        "QR.MUTE": "the engine neither answers nor sends what it reads",
        "QR.NO_ACK": "a command is carried out but not answered",
        "QR.NAK": "a command is refused",
        "QR.ENQ": "a command is not known to the engine",
        "QR.TRUNCATE": "only the first `keep` bytes (half) of a code are sent, with the suffix",
        "QR.NO_SUFFIX": "a code is sent without its suffix",
        "QR.DOUBLE_SUFFIX": "the suffix is sent twice",
        "QR.DUPLICATE": "a code is sent twice at once",
        "QR.LONG": "`size` (10000) bytes are sent instead of the code",
        "QR.GBK": "a Chinese code is sent in GB 18030 instead of UTF-8",
        "QR.NUL": "a NUL byte stands in the middle of the code",
        "QR.BOM": "a UTF-8 byte order mark stands before the code",
        "QR.UNASKED": "a code is sent as soon as it is shown, whether the engine was triggered or not",
    }

    def __init__(self, dialect: Dialect | str = Dialect.PLAIN, *, suffix: bytes = b"\r", aim: bool = False) -> None:
        """`aim`: send the AIM identifier of a QR symbol before each code."""
        super().__init__()
        self.dialect = Dialect(dialect)
        self.suffix = suffix
        self.aim = aim
        self._shown: bytes | None = None
        self._triggered = False
        self._sense = False
        self._unread = False
        self._outboxes: list[asyncio.Queue[bytes]] = []
        self.commands: list[bytes] = []
        """What the driver sent, command by command, for tests and the bench."""
        self.sent = 0

    # --- what a person does

    def control(self, command: Command) -> Reply:
        common = self.control_common(command)
        if common is not None:
            return common
        match command.get("do"):
            case "show":
                self.show(_payload(command))
            case "hide":
                self._shown = None
                self._unread = False
                self.changed()
            case "press":
                if self._shown is None:
                    raise ValueError("no code is held before the engine")
                self._read_code()
            case other:
                raise ValueError(f"a scan engine cannot do {other!r}; it can show, hide and press")
        return {"ok": True, **self.state()}

    def state(self) -> Reply:
        return {
            "dialect": self.dialect.value,
            "showing": self._shown is not None,
            "size": len(self._shown or b""),
            "triggered": self._triggered,
            "sent": self.sent,
            "faults": self.faults.as_reply(),
        }

    def show(self, payload: bytes) -> None:
        """Hold a code before the window until `hide` or the next one. Only from the event loop's thread."""
        self._shown = payload
        told = self.dialect is Dialect.PLAIN or self._sense or self._triggered
        if told or self.faults.take("QR.UNASKED"):
            self._read_code()
        self.changed()

    def _read_code(self) -> None:
        """One successful read: what was read goes out, and the trigger is over."""
        if not self._outboxes:
            self._unread = True  # nobody is connected: read it when somebody is
            return
        self._triggered = self._unread = False
        if self._shown is None or self.faults.take("QR.MUTE"):
            return
        code, suffix = self._spoilt(self._shown), self.suffix
        if fault := self.faults.take("QR.TRUNCATE"):
            code = code[: int(fault.number("keep", len(code) // 2))]
        if fault := self.faults.take("QR.LONG"):
            code = b"X" * int(fault.number("size", _LONG_CODE))
        if self.faults.take("QR.NO_SUFFIX"):
            suffix = b""
        if self.faults.take("QR.DOUBLE_SUFFIX"):
            suffix += suffix
        message = (b"]Q1" if self.aim else b"") + code + suffix
        self._send(message * (2 if self.faults.take("QR.DUPLICATE") else 1))
        self.sent += 1
        self.changed()

    def _spoilt(self, code: bytes) -> bytes:
        """Faults of the content; several may be armed at once."""
        if self.faults.take("QR.GBK"):
            code = _in_gb18030(code)
        if self.faults.take("QR.NUL"):
            code = code[: len(code) // 2] + b"\0" + code[len(code) // 2 :]
        if self.faults.take("QR.BOM"):
            code = codecs.BOM_UTF8 + code
        return code

    # --- the line

    async def serve(self, wire: Wire) -> None:
        outbox: asyncio.Queue[bytes] = asyncio.Queue()
        self._outboxes.append(outbox)
        if self._unread:
            self._read_code()
        hearing = asyncio.ensure_future(self._hear(wire))
        try:
            while not hearing.done():
                sending = asyncio.ensure_future(outbox.get())
                try:
                    await asyncio.wait((hearing, sending), return_when=asyncio.FIRST_COMPLETED)
                    if sending.done():
                        await wire.write(sending.result())
                finally:
                    sending.cancel()
            await hearing
        finally:
            hearing.cancel()
            self._outboxes.remove(outbox)
            self._triggered = self._sense = False

    async def _hear(self, wire: Wire) -> None:
        data = b""
        while heard := await wire.read():
            data += heard
            while (cut := self._next_command(data)) is not None:
                command, data = cut
                if command:
                    self.commands.append(command)
                    self._obey(command)
            data = data[-_LONGEST_COMMAND:]

    def _send(self, message: bytes) -> None:
        for outbox in self._outboxes:
            outbox.put_nowait(message)

    def _next_command(self, data: bytes) -> tuple[bytes, bytes] | None:
        """The first whole command and what follows it; bytes that begin no command are skipped. None: more must come."""
        if self.dialect is Dialect.PLAIN or not data:
            return None
        pattern = _UCS if self.dialect is Dialect.NEWLAND else _MENU
        found = pattern.search(data)
        return None if found is None else (found[0], data[found.end() :])

    def _obey(self, command: bytes) -> None:
        if self.dialect is Dialect.NEWLAND:
            self._obey_newland(command)
        else:
            self._obey_honeywell(command)

    def _obey_newland(self, command: bytes) -> None:
        if command == b"?":
            self._answer(b"!")
            return
        inner = command[6:-2]
        name = inner[1:]
        status = self._verdict(any(name.startswith(known) for known in _UCS_KNOWN))
        self._answer(b"\x02\x010000" + inner + status + b";\x03")
        if status != b"\x06":
            return
        if name.startswith(b"SCNMOD"):
            self._sense = name == b"SCNMOD2"
        elif name == b"SCNTRG1":
            self._start()
        elif name == b"SCNTRG0":
            self._stop()

    def _obey_honeywell(self, command: bytes) -> None:
        if command == b"\x16T\r":
            self._start()
        elif command == b"\x16U\r":
            self._stop()
        else:
            name = command[3:-1]
            status = self._verdict(name[:6] in _MENU_KNOWN)
            if name.endswith(b"?") and status == b"\x06":
                name = name[:-1] + _MENU_KNOWN[name[:6]]
            self._answer(name + status + b".")

    def _verdict(self, known: bool) -> bytes:
        if self.faults.take("QR.NAK"):
            return b"\x15"
        return b"\x05" if self.faults.take("QR.ENQ") or not known else b"\x06"

    def _answer(self, message: bytes) -> None:
        if not (self.faults.take("QR.MUTE") or self.faults.take("QR.NO_ACK")):
            self._send(message)

    def _start(self) -> None:
        self._triggered = True
        if self._shown is not None:
            self._read_code()
        self.changed()

    def _stop(self) -> None:
        self._triggered = False
        self.changed()


def _in_gb18030(code: bytes) -> bytes:
    try:
        return code.decode("utf-8").encode("gb18030")
    except UnicodeDecodeError:  # bytes that are no text have no other spelling
        return code


def _payload(command: Command) -> bytes:
    data, code = command.get("data"), command.get("hex")
    if isinstance(data, str) == isinstance(code, str):
        raise ValueError("show needs data (text) or hex")
    payload = data.encode("utf-8") if isinstance(data, str) else bytes.fromhex(str(code))
    if not 0 < len(payload) <= SHOWN_LIMIT:
        raise ValueError(f"a code holds 1 to {SHOWN_LIMIT} bytes")
    return payload
