"""The chip of a virtual permit: takes command APDUs, gives answers, and keeps the state a real one keeps.

No timing, no wire: `PermitChipSimulator` plays it on a line. It asks for BAC or PACE as the card's `protocol` says, and gives its
files only inside a secured session; a plain command ends the session (ICAO Doc 9303-11 §9.8.2).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Protocol

from drivers.permit_reader import apdu
from drivers.permit_reader.apdu import END_OF_FILE, NOT_FOUND, NOT_SATISFIED, OK, READ_BINARY_ODD, Answer, Command
from drivers.permit_reader.bac import basic_keys, seal, secure, unseal
from drivers.permit_reader.files import APPLICATION, CARD_ACCESS
from drivers.permit_reader.messaging import MessagingError, SecureMessaging
from drivers.permit_reader.tlv import TlvError, need, tlv
from drivers.permit_reader.virtual_pace import ChipPace
from kiosk.domain.permit import ChipKey

_MASTER_FILE = b"\x3f\x00"
_REFUSED, _BAD_DATA, _BAD_LENGTH, _BAD_OFFSET = 0x6300, 0x6A80, 0x6700, 0x6B00
_UNKNOWN_INS, _BAD_PARAMETERS, _BAD_MESSAGE, _NO_MESSAGE = 0x6D00, 0x6A86, 0x6988, 0x6982
_NONCE = 8


class Mischief(Protocol):
    """What a chip may do wrong by itself, asked each time."""

    def file(self, file_id: int, content: bytes | None) -> bytes | None:
        """What the chip has under this identifier; None: nothing."""
        ...

    def refuses_pace(self) -> bool: ...

    def key_refusal(self) -> int | None:
        """The status for a wrong key, None for the usual one."""
        ...


class VirtualChip:
    """`files` by identifier; `key` None: a chip without the travel document application.

    `bac`: basic access control is offered; PACE is offered when the files hold EF.CardAccess. `entropy` gives random bytes.
    """

    def __init__(
        self,
        files: Mapping[int, bytes],
        key: ChipKey | None,
        *,
        bac: bool = True,
        mischief: Mischief | None = None,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._files = dict(files)
        self._key = key
        self._bac = bac
        self._mischief = mischief
        self._entropy = entropy
        self.longest_read = 256
        """How many bytes it gives at once; less is what small chips do."""
        self.opened = 0
        """How often a terminal has proved that it knows the key."""
        self.reset()

    def reset(self) -> None:
        """Power was switched off and on."""
        self._secured: SecureMessaging | None = None
        self._in_application = False
        self._file: bytes | None = None
        self._challenge = b""
        access = self._files.get(CARD_ACCESS)
        self._pace = ChipPace(access, self._key, self._entropy) if access and self._key else None

    def answer(self, raw: bytes) -> bytes:
        try:
            command = Command.decode(raw)
        except ValueError:
            return Answer(b"", _BAD_LENGTH).encode()
        if not command.cla & 0x0C:
            self._secured = None
            return self._carry_out(command).encode()
        session = self._secured
        if session is None:
            return Answer(b"", _NO_MESSAGE).encode()
        try:
            plain = session.unwrap_command(command)
        except MessagingError:
            self._secured = None
            return Answer(b"", _BAD_MESSAGE).encode()
        answer = self._carry_out(plain)
        return session.wrap_answer(answer, odd=plain.ins == READ_BINARY_ODD).encode()

    # --- commands -------------------------------------------------------------------------------------------------

    def _carry_out(self, command: Command) -> Answer:
        match command.ins:
            case apdu.SELECT:
                return Answer(b"", self._select(command))
            case apdu.READ_BINARY | apdu.READ_BINARY_ODD:
                return self._read(command)
            case apdu.GET_CHALLENGE if self._bac and self._in_application:
                self._challenge = self._entropy(_NONCE)
                return Answer(self._challenge, OK)
            case apdu.MUTUAL_AUTHENTICATE if self._bac and self._in_application:
                return self._authenticate(command)
            case apdu.MANAGE_SECURITY | apdu.GENERAL_AUTHENTICATE if self._pace is not None:
                return self._agree(self._pace, command)
            case _:
                return Answer(b"", _UNKNOWN_INS)

    def _select(self, command: Command) -> int:
        if command.p1 == 0x04:
            found = self._key is not None and command.data == APPLICATION
            if found:
                self._in_application, self._file = True, None
            return OK if found else NOT_FOUND
        if command.p1 not in (0x00, 0x02) or len(command.data) not in (0, 2):
            return _BAD_PARAMETERS
        if command.data in (b"", _MASTER_FILE):
            self._in_application, self._file = False, None
            return OK
        file_id = int.from_bytes(command.data, "big")
        if (file_id == CARD_ACCESS) == self._in_application:
            return NOT_FOUND
        if file_id != CARD_ACCESS and self._secured is None:
            return NOT_SATISFIED
        content = self._files.get(file_id)
        if self._mischief is not None:
            content = self._mischief.file(file_id, content)
        if content is None:
            return NOT_FOUND
        self._file = content
        return OK

    def _read(self, command: Command) -> Answer:
        if self._file is None:
            return Answer(b"", 0x6986)
        if self._in_application and self._secured is None:
            return Answer(b"", NOT_SATISFIED)
        wanted = min(command.le or 0, self.longest_read)
        if command.ins == READ_BINARY_ODD:
            try:
                offset = int.from_bytes(need(command.data, 0x54), "big")
            except TlvError:
                return Answer(b"", _BAD_DATA)
            wanted -= 3 if wanted > 0x7F else 2
        elif command.p1 & 0x80:
            return Answer(b"", _BAD_PARAMETERS)  # short file identifiers are switched off
        else:
            offset = command.p1 << 8 | command.p2
        if offset > len(self._file) or (offset == len(self._file) and wanted):
            return Answer(b"", _BAD_OFFSET)
        part = self._file[offset : offset + wanted]
        data = tlv(0x53, part) if command.ins == READ_BINARY_ODD else part
        return Answer(data, END_OF_FILE if len(part) < wanted else OK)

    def _agree(self, pace: ChipPace, command: Command) -> Answer:
        if command.ins == apdu.MANAGE_SECURITY:
            if self._mischief is not None and self._mischief.refuses_pace():
                return Answer(b"", _BAD_DATA)
            return Answer(b"", pace.choose(command))
        answer = pace.step(command)
        if pace.secured is not None:
            self._secured, pace.secured = pace.secured, None
            self.opened += 1
        elif answer.sw == _REFUSED:
            return Answer(b"", self._refusal())
        return answer

    def _refusal(self) -> int:
        return (self._mischief.key_refusal() if self._mischief else None) or _REFUSED

    def _authenticate(self, command: Command) -> Answer:
        challenge, self._challenge = self._challenge, b""
        assert self._key is not None
        if not challenge:
            return Answer(b"", 0x6985)
        keys = basic_keys(self._key)
        content = unseal(keys, command.data)
        if content is None or content[_NONCE : 2 * _NONCE] != challenge:
            return Answer(b"", self._refusal())
        theirs, secret = content[:_NONCE], self._entropy(16)
        self._secured = secure(challenge, theirs, content[2 * _NONCE :], secret)
        self.opened += 1
        return Answer(seal(keys, challenge + theirs + secret), OK)
