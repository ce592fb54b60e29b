"""PACE with the machine-readable line, generic mapping over elliptic curves (ICAO Doc 9303-11 §4.4, worked example app. G.1).

Both sides share a password (the line). The chip sends a nonce sealed with it; both move the curve's generator to a place only they
can know, agree on a key from there, and show each other that they have the same one.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from drivers.permit_reader.apdu import GENERAL_AUTHENTICATE, MANAGE_SECURITY, OK, Answer, Command
from drivers.permit_reader.bac import key_refused
from drivers.permit_reader.ciphers import PACE, Kind, Suite, derive, key_seed, pad, session, suite
from drivers.permit_reader.conversation import Conversation, broken
from drivers.permit_reader.curves import curve
from drivers.permit_reader.messaging import SecureMessaging
from drivers.permit_reader.pace_info import PaceInfo
from drivers.permit_reader.points import Curve, Point, PointError
from drivers.permit_reader.tlv import TlvError, need, only, tlv
from kiosk.domain.permit import ChipKey

NONCE = {Kind.DES3: 16, Kind.AES128: 16, Kind.AES192: 32, Kind.AES256: 32}
MRZ = 0x01
_CHAINED = 0x10


class PaceNotStarted(Exception):
    """The chip refused before the key was tried, which is in the last step; another way in may still work."""


def password_suite(kind: Kind, key: ChipKey) -> Suite:
    """The cipher that seals the nonce. Raises ValueError for a key no line can have."""
    secret = derive(key_seed(key), PACE, kind)
    return suite(kind, secret, secret)


@dataclass(frozen=True, slots=True)
class KeyPair:
    private: int = field(repr=False)
    public: Point = field(repr=False)

    @classmethod
    def draw(cls, on: Curve, generator: Point, entropy: Callable[[int], bytes]) -> KeyPair:
        """64 bits more than the order has, so that no value is likelier than another (FIPS 186-4 B.4.1)."""
        private = int.from_bytes(entropy(on.size + 8), "big") % (on.order - 1) + 1
        return cls(private, on.times(private, generator))


def mapped(on: Curve, nonce: bytes, mine: KeyPair, theirs: Point) -> Point:
    """The generator's new place: s·G + H."""
    shared = on.times(mine.private, theirs)
    return on.add(on.times(int.from_bytes(nonce, "big"), on.generator), shared)


def token(info: PaceInfo, keys: Suite, public: bytes) -> bytes:
    """What shows the owner of `public` that we have the same keys."""
    data = tlv(0x7F49, tlv(0x06, info.oid), tlv(0x86, public))
    return keys.mac(pad(data, keys.block) if info.kind is Kind.DES3 else data)


def agreed(info: PaceInfo, on: Curve, mine: KeyPair, theirs: Point) -> Suite:
    return session(info.kind, on.coordinate(on.times(mine.private, theirs)[0]))


async def open_with_pace(
    talk: Conversation, key: ChipKey, info: PaceInfo, entropy: Callable[[int], bytes], *, ambiguous: bool = False
) -> None:
    """Turns `talk` into a secured conversation. `ambiguous`: the chip offers several domain parameters.

    Raises PaceNotStarted, DeviceError MEDIA_BAD "KEY" or "SM", and those of the channel.
    """
    sealing = password_suite(info.kind, key)
    chosen = tlv(0x80, info.oid) + tlv(0x83, bytes((MRZ,)))
    if ambiguous:
        chosen += tlv(0x84, bytes((info.parameter,)))
    answer = await talk.send(Command(0, MANAGE_SECURITY, 0xC1, 0xA4, chosen))
    if answer.sw != OK:
        raise PaceNotStarted(f"{answer.sw:04X}")
    first = await _step(talk, b"")
    if first.sw != OK:
        raise PaceNotStarted(f"{first.sw:04X}")
    on = curve(info.parameter)
    sealed = _part(first, 0x80)
    if not sealed or len(sealed) % sealing.block:
        raise broken("the sealed nonce has a wrong length")
    try:
        mapping = KeyPair.draw(on, on.generator, entropy)
        theirs = await _points(talk, on, 0x81, mapping, 0x82)
        generator = mapped(on, sealing.decrypt(sealed), mapping, theirs)
        agreement = KeyPair.draw(on, generator, entropy)
        public = await _points(talk, on, 0x83, agreement, 0x84)
        keys = agreed(info, on, agreement, public)
    except PointError as error:
        raise broken(str(error)) from None
    answer = await _step(talk, tlv(0x85, token(info, keys, on.encode(public))), last=True)
    if answer.sw != OK:
        raise key_refused(answer.sw)
    if not hmac.compare_digest(_part(answer, 0x86), token(info, keys, on.encode(agreement.public))):
        raise broken("the chip's proof is wrong")
    talk.secured = SecureMessaging(keys)


async def _points(talk: Conversation, on: Curve, ours: int, mine: KeyPair, theirs: int) -> Point:
    """Exchange public keys. Raises PointError for one that is none, or that is our own thrown back."""
    answer = await _step(talk, tlv(ours, on.encode(mine.public)))
    if answer.sw != OK:
        raise PaceNotStarted(f"{answer.sw:04X}")  # the key has not been tried yet
    point = on.decode(_part(answer, theirs))
    if point == mine.public:
        raise PointError("the chip sent our own key back")
    return point


async def _step(talk: Conversation, content: bytes, *, last: bool = False) -> Answer:
    return await talk.send(Command(0 if last else _CHAINED, GENERAL_AUTHENTICATE, 0, 0, tlv(0x7C, content), le=256))


def _part(answer: Answer, tag: int) -> bytes:
    try:
        return need(only(answer.data, 0x7C), tag)
    except TlvError as error:
        raise broken(str(error)) from None
