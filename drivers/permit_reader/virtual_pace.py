"""The chip's side of PACE, for the virtual permit."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from drivers.permit_reader.apdu import OK, Answer, Command
from drivers.permit_reader.ciphers import Suite
from drivers.permit_reader.curves import curve
from drivers.permit_reader.messaging import SecureMessaging
from drivers.permit_reader.pace import MRZ, NONCE, KeyPair, agreed, mapped, password_suite, token
from drivers.permit_reader.pace_info import PaceInfo, parse_card_access
from drivers.permit_reader.points import Point, PointError
from drivers.permit_reader.tlv import TlvError, find, need, only, tlv
from kiosk.domain.permit import ChipKey

_BAD_DATA, _NOT_READY, _REFUSED, _NOT_FOUND = 0x6A80, 0x6985, 0x6300, 0x6A88


class ChipPace:
    """Waits for `choose`, then for four steps in order; `secured` holds the session once the terminal has proved itself."""

    def __init__(self, card_access: bytes, key: ChipKey, entropy: Callable[[int], bytes]) -> None:
        self._offers, _ = parse_card_access(card_access)
        self._key = key
        self._entropy = entropy
        self._info: PaceInfo | None = None
        self._nonce = b""
        self._generator: Point | None = None
        self._mine: KeyPair | None = None
        self._theirs: Point | None = None
        self._keys: Suite | None = None
        self.secured: SecureMessaging | None = None

    def choose(self, command: Command) -> int:
        """MSE:Set AT: protocol, password and, where several fit, the domain parameters."""
        self._forget()
        if (command.p1, command.p2) != (0xC1, 0xA4):
            return _BAD_DATA
        try:
            oid, password, parameter = need(command.data, 0x80), need(command.data, 0x83), find(command.data, 0x84)
        except TlvError:
            return _BAD_DATA
        fitting = [info for info in self._offers if info.oid == oid and parameter in (None, bytes((info.parameter,)))]
        if len(fitting) != 1:
            return _BAD_DATA
        if password != bytes((MRZ,)):
            return _NOT_FOUND
        (self._info,) = fitting
        return OK

    def step(self, command: Command) -> Answer:
        info = self._info
        if info is None:
            return Answer(b"", _NOT_READY)
        try:
            return self._step(info, only(command.data, 0x7C))
        except (TlvError, PointError):
            self._forget()
            return Answer(b"", _BAD_DATA)

    def _step(self, info: PaceInfo, content: bytes) -> Answer:
        on = curve(info.parameter)
        if not content:
            self._nonce = self._entropy(NONCE[info.kind])
            return _answer(0x80, password_suite(info.kind, self._key).encrypt(self._nonce))
        if (data := find(content, 0x81)) is not None and self._nonce:
            theirs, mine = on.decode(data), KeyPair.draw(on, on.generator, self._entropy)
            self._generator = mapped(on, self._nonce, mine, theirs)
            return _answer(0x82, on.encode(mine.public))
        if (data := find(content, 0x83)) is not None and self._generator is not None:
            self._theirs = on.decode(data)
            self._mine = KeyPair.draw(on, self._generator, self._entropy)
            self._keys = agreed(info, on, self._mine, self._theirs)
            return _answer(0x84, on.encode(self._mine.public))
        keys, mine_now, theirs_now = self._keys, self._mine, self._theirs
        if keys is None or mine_now is None or theirs_now is None:
            return Answer(b"", _NOT_READY)
        proof = need(content, 0x85)
        self._forget()
        if not hmac.compare_digest(proof, token(info, keys, on.encode(mine_now.public))):
            return Answer(b"", _REFUSED)
        self.secured = SecureMessaging(keys)
        return _answer(0x86, token(info, keys, on.encode(theirs_now)))

    def _forget(self) -> None:
        self._info = self._generator = self._mine = self._theirs = self._keys = None
        self._nonce = b""


def _answer(tag: int, value: bytes) -> Answer:
    return Answer(tlv(0x7C, tlv(tag, value)), OK)
