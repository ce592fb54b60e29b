"""Secure messaging (ICAO Doc 9303-11 §9.8; ISO/IEC 7816-4 §10): every command and answer encrypted and authenticated.

One object is one side of one session; terminal and chip use the same one, each its own two methods. The counter goes up by one for
each command and each answer, so commands may be wrapped ahead of the answers: `unwrap_answer` takes the counter that belongs to it.
"""

from __future__ import annotations

import hmac
from dataclasses import replace

from drivers.permit_reader.apdu import READ_BINARY_ODD, Answer, Command
from drivers.permit_reader.ciphers import Suite, pad, unpad
from drivers.permit_reader.tlv import TlvError, tlv, walk

_SECURED = 0x0C
_PADDED = b"\x01"
_OBJECT_OF_SW = bytes((0x99, 0x02))
_OBJECT_OF_MAC = bytes((0x8E, 0x08))


class MessagingError(Exception):
    """A secured message is forged, damaged or not secured at all."""


class UnprotectedError(MessagingError):
    """A message came without its checksum."""


class SecureMessaging:
    def __init__(self, suite: Suite, ssc: int = 0) -> None:
        self._suite = suite
        self._ssc = ssc
        self._modulus = 1 << 8 * suite.block

    def wrap(self, command: Command) -> tuple[bytes, int]:
        """The secured command, and the counter its answer will carry. Two counts are used up."""
        suite = self._suite
        ssc = self._next()
        head = bytes((command.cla | _SECURED, command.ins, command.p1, command.p2))
        body = b""
        if command.data:
            sealed = suite.encrypt(pad(command.data, suite.block), ssc)
            body = tlv(0x85, sealed) if command.ins == READ_BINARY_ODD else tlv(0x87, _PADDED, sealed)
        le = command.le
        if le is not None:
            body += bytes((0x97, 1, le & 0xFF)) if le <= 256 else bytes((0x97, 2)) + (le & 0xFFFF).to_bytes(2, "big")
        signed = ssc + pad(head, suite.block) + body
        mac = suite.mac(pad(signed, suite.block) if body else signed)
        self._next()
        body += _OBJECT_OF_MAC + mac
        if len(body) > 255 or (le or 0) > 256:
            return head + b"\0" + len(body).to_bytes(2, "big") + body + b"\0\0", self._ssc
        return head + bytes((len(body),)) + body + b"\0", self._ssc

    def unwrap_answer(self, answer: Answer, counter: int) -> Answer:
        """The plain answer. Raises UnprotectedError for one without a checksum, MessagingError for any other that cannot be trusted."""
        suite = self._suite
        ssc = counter.to_bytes(suite.block, "big")
        objects = self._verified(answer.data, ssc, b"")
        # Chips from before Doc 9303-11 leave the status out. Taken out of an answer on its way, it would have spoilt the checksum.
        status = objects.get(0x99, answer.sw.to_bytes(2, "big"))
        if len(status) != 2:
            raise MessagingError("the status of a secured answer is malformed")
        return Answer(self._opened(objects, ssc), int.from_bytes(status, "big"))

    def unwrap_command(self, command: Command) -> Command:
        """The chip's side. Raises MessagingError."""
        ssc = self._next()
        objects = self._verified(command.data, ssc, pad(command.head, self._suite.block))
        le = objects.get(0x97)
        wanted = None if le is None else int.from_bytes(le, "big") or 256 ** max(1, len(le))
        return replace(command, cla=command.cla & ~_SECURED, data=self._opened(objects, ssc), le=wanted)

    def wrap_answer(self, answer: Answer, *, odd: bool = False) -> Answer:
        """The chip's side."""
        suite = self._suite
        ssc = self._next()
        body = b""
        if answer.data:
            sealed = suite.encrypt(pad(answer.data, suite.block), ssc)
            body = tlv(0x85, sealed) if odd else tlv(0x87, _PADDED, sealed)
        body += _OBJECT_OF_SW + answer.sw.to_bytes(2, "big")
        return Answer(body + tlv(0x8E, suite.mac(pad(ssc + body, suite.block))), answer.sw)

    def rewind(self, counter: int) -> None:
        """Take back what was wrapped ahead and never sent: `counter` belonged to the last answer that came."""
        self._ssc = counter

    # --- inside ---------------------------------------------------------------------------------------------------

    def _next(self) -> bytes:
        self._ssc = (self._ssc + 1) % self._modulus
        return self._ssc.to_bytes(self._suite.block, "big")

    def _verified(self, body: bytes, ssc: bytes, head: bytes) -> dict[int, bytes]:
        """The data objects by tag once the checksum fits."""
        try:
            objects = dict(walk(body))
        except TlvError as error:
            raise MessagingError(f"a secured message is malformed: {error}") from None
        mac = objects.pop(0x8E, b"")
        if not mac:
            raise UnprotectedError("a message came without its checksum")
        tail = tlv(0x8E, mac)
        if not body.endswith(tail):
            raise MessagingError("something follows the checksum of a message")
        signed = body[: -len(tail)]
        whole = ssc + head + signed
        block = self._suite.block
        if not hmac.compare_digest(self._suite.mac(whole if head and not signed else pad(whole, block)), mac):
            raise MessagingError("the checksum of a secured message is wrong")
        return objects

    def _opened(self, objects: dict[int, bytes], ssc: bytes) -> bytes:
        sealed = objects.get(0x87)
        if sealed is not None:
            if sealed[:1] != _PADDED:
                raise MessagingError("a secured message is padded in an unknown way")
            sealed = sealed[1:]
        else:
            sealed = objects.get(0x85, b"")
        if not sealed:
            return b""
        try:
            if len(sealed) % self._suite.block:
                raise ValueError("the blocks are not full")
            return unpad(self._suite.decrypt(sealed, ssc))
        except ValueError:
            raise MessagingError("a secured message does not decrypt") from None
