"""Basic Access Control: the terminal proves that it knows the machine-readable line (ICAO Doc 9303-11 §4.3, worked example app. D.3)."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from drivers.permit_reader.apdu import GET_CHALLENGE, MUTUAL_AUTHENTICATE, OK, Command
from drivers.permit_reader.channel import trouble
from drivers.permit_reader.ciphers import ENC, MAC, Des3, Kind, derive, key_seed, pad, session
from drivers.permit_reader.conversation import Conversation, broken
from drivers.permit_reader.files import APPLICATION, no_application
from drivers.permit_reader.habits import Habits
from drivers.permit_reader.messaging import SecureMessaging
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.permit import ChipKey

_NONCE, _SECRET = 8, 16
_SEALED, _TOKEN = 32, 40


def basic_keys(key: ChipKey) -> Des3:
    """The document's own keys for the mutual authentication. Raises ValueError for a key no line can have."""
    seed = key_seed(key)[:16]
    return Des3(derive(seed, ENC, Kind.DES3), derive(seed, MAC, Kind.DES3))


def seal(keys: Des3, content: bytes) -> bytes:
    sealed = keys.encrypt(content)
    return sealed + keys.mac(pad(sealed, keys.block))


def unseal(keys: Des3, token: bytes) -> bytes | None:
    """None when length or checksum is wrong."""
    sealed, mac = token[:_SEALED], token[_SEALED:]
    if len(token) != _TOKEN or not hmac.compare_digest(keys.mac(pad(sealed, keys.block)), mac):
        return None
    return keys.decrypt(sealed)


def secure(chip_nonce: bytes, our_nonce: bytes, secret_a: bytes, secret_b: bytes) -> SecureMessaging:
    """The session both sides have agreed on."""
    secret = bytes(a ^ b for a, b in zip(secret_a, secret_b, strict=True))
    counter = int.from_bytes(chip_nonce[-4:] + our_nonce[-4:], "big")
    return SecureMessaging(session(Kind.DES3, secret), counter)


async def open_with_bac(
    talk: Conversation, key: ChipKey, entropy: Callable[[int], bytes], habits: Habits | None = None
) -> None:
    """Select the application and turn `talk` into a secured conversation.

    Raises DeviceError MEDIA_BAD "KEY" or "SM", UNSUPPORTED (no application, or no BAC), and those of the channel.
    """
    keys = basic_keys(key)
    habits = habits or Habits()
    challenge_me = Command(0, GET_CHALLENGE, 0, 0, le=_NONCE)
    selected, *challenged = await talk.send_all((habits.select(0x04, APPLICATION), challenge_me))
    if habits.learn_selection(selected.sw):
        selected, *challenged = await talk.send_all((habits.select(0x04, APPLICATION), challenge_me))
    if selected.sw != OK:
        raise no_application(selected.sw)
    (challenge,) = challenged
    if challenge.sw != OK or len(challenge.data) != _NONCE:
        raise trouble(ErrorKind.UNSUPPORTED, "The chip does not offer basic access control.", f"{challenge.sw:04X}")
    ours, secret = entropy(_NONCE), entropy(_SECRET)
    token = seal(keys, ours + challenge.data + secret)
    answer = await talk.send(Command(0, MUTUAL_AUTHENTICATE, 0, 0, token, le=_TOKEN))
    if answer.sw != OK:
        raise key_refused(answer.sw)
    content = unseal(keys, answer.data)
    if content is None or content[:_NONCE] != challenge.data or content[_NONCE : 2 * _NONCE] != ours:
        raise broken("the chip's proof is wrong")
    talk.secured = secure(challenge.data, ours, secret, content[2 * _NONCE :])


def key_refused(sw: int) -> DeviceError:
    return trouble(ErrorKind.MEDIA_BAD, f"The chip does not accept the key of this line (status {sw:04X}).", "KEY")
