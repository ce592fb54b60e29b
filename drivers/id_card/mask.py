"""What of an ID reader's line is personal: the card's serial number, its text, photo, fingerprints and new addresses.

All of these stand in the data of the SAM's answers; the person becomes a fictional one of the same kind of card, the checksum is made
anew, the status bytes stay. Lengths stay too. What is no whole, undamaged frame is hidden.
"""

from __future__ import annotations

from drivers.id_card.photo import pack_sim_photo
from drivers.id_card.samv import MAX_LEN, MIN_LEN, PREAMBLE, SW3, SYNC, Command, checksum
from drivers.id_card.text import CardDataError, card_kind, pack_addresses, pack_text, parse_text
from drivers.transport.tape import Piece
from kiosk.domain.identity import CardKind

_HEAD = len(SYNC) + 2
_COMMANDS = frozenset(command.frame() for command in Command if command is not Command.RF_BYTES)
_NUMBER = "11010119850101000"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ADDRESS = "某省某市样例路1号"


class SamvMasker:
    """Implements `drivers.transport.tape.Masker`."""

    name = "id_card"

    def __init__(self) -> None:
        self._sent = bytearray()
        self._came = bytearray()
        self._asked = b""

    def sent(self, data: bytes) -> list[Piece]:
        """The driver's commands are fixed words, none of which is personal; anything else is hidden."""
        self._sent += data
        return self._commands(last=False)

    def came(self, data: bytes) -> list[Piece]:
        self._came += data
        return self._answers(last=False)

    def end(self) -> tuple[list[Piece], list[Piece]]:
        return self._commands(last=True), self._answers(last=True)

    def _commands(self, *, last: bool) -> list[Piece]:
        pieces: list[Piece] = []
        buffer = self._sent
        while buffer:
            known = next((frame for frame in _COMMANDS if buffer.startswith(frame)), b"")
            if known:
                self._asked = known
                pieces.append(Piece(_take(buffer, len(known))))
            elif not last and any(frame.startswith(bytes(buffer)) for frame in _COMMANDS):
                break
            else:
                start = buffer.find(PREAMBLE, 1)
                pieces.append(Piece.hidden(len(_take(buffer, start if start > 0 else len(buffer)))))
        return pieces

    def _answers(self, *, last: bool) -> list[Piece]:
        pieces: list[Piece] = []
        buffer = self._came
        while buffer:
            start = buffer.find(SYNC)
            if start < 0:
                # The mark may be cut by the end: three of its bytes may still become one.
                keep = 0 if last else next((n for n in (3, 2, 1) if buffer.endswith(SYNC[:n])), 0)
                pieces += _noise(_take(buffer, len(buffer) - keep))
                break
            pieces += _noise(_take(buffer, start))
            if len(buffer) < _HEAD:
                if not last:
                    break
                pieces.append(Piece(_take(buffer, len(buffer))))
                continue
            size = int.from_bytes(buffer[len(SYNC) : _HEAD], "big")
            fits = MIN_LEN <= size <= MAX_LEN
            if fits and len(buffer) < _HEAD + size and not last:
                break
            frame = bytes(buffer[: _HEAD + size])
            if not fits or len(frame) < _HEAD + size or checksum(frame[len(SYNC) :]):
                pieces.append(Piece(_take(buffer, len(SYNC))))  # as the driver does: the search goes on behind the mark
                continue
            pieces.append(_masked(_take(buffer, _HEAD + size), self._asked))
        return pieces


def _take(buffer: bytearray, size: int) -> bytes:
    data = bytes(buffer[:size])
    del buffer[:size]
    return data


def _noise(data: bytes) -> list[Piece]:
    """The bytes of a mark say nothing of anybody; others might."""
    kept = len(data) - len(data.rstrip(b"\xaa"))
    found = [Piece.hidden(len(data) - kept)] if len(data) > kept else []
    return [*found, Piece(data[len(data) - kept :])] if kept else found


def _masked(frame: bytes, asked: bytes) -> Piece:
    """A whole answer with a checksum that fits. The number of the SAM is that of a machine, not of a person."""
    at = _HEAD + 3
    sw3, data = frame[_HEAD + 2], frame[at:-1]
    is_sam_id = asked == Command.SAM_ID.frame() and len(data) == 16
    if not data or (sw3 == SW3.FOUND and not any(data)) or (sw3 == SW3.DONE and is_sam_id):
        return Piece(frame)
    body = frame[:at] + _synthetic(data)
    return Piece(body + bytes([checksum(body[len(SYNC) :])]), ((at, len(frame)),))


def _synthetic(data: bytes) -> bytes:
    """Stands for what the SAM gave of a card, in the same number of bytes."""
    if len(data) >= 4:
        sizes = [int.from_bytes(data[at : at + 2], "big") for at in (0, 2)]
        for head in (4, 6):  # 30 01; 30 10 with the size of the fingerprints before the data
            fingerprint = int.from_bytes(data[4:6], "big") if head == 6 else 0
            if head + sum(sizes) + fingerprint == len(data):
                text = _text(data[head : head + sizes[0]])
                photo = pack_sim_photo(1)[: sizes[1]].ljust(sizes[1], b"\0")
                return data[:head] + text + photo + bytes(fingerprint)
    address = pack_addresses([_ADDRESS])
    if len(data) >= len(address) and len(data) % len(address) == 0:
        return address * (len(data) // len(address))
    return bytes(len(data))


def _text(text: bytes) -> bytes:
    """A fictional person on the same kind of card; zeros, which nobody can read either, where the card could not be read."""
    try:
        parse_text(text)
        kind = card_kind(text)
    except CardDataError:
        return bytes(len(text))
    return pack_text(_person(kind))


def _person(kind: CardKind) -> dict[str, str]:
    digit = "10X98765432"[sum(int(each) * weight for each, weight in zip(_NUMBER, _WEIGHTS, strict=True)) % 11]
    foreign_number = "UTO110185010101"
    return {
        "kind": kind.value,
        "name": "样例",
        "name_latin": "SAMPLE",
        "sex": "1",
        "nation": "01",
        "birth": "19850101",
        "address": _ADDRESS,
        "number": foreign_number if kind is CardKind.FOREIGNER_2017 else _NUMBER + digit,
        "issuer": "3302" if kind is CardKind.FOREIGNER_2017 else "某市公安局",
        "nationality": "UTO",
        "from": "20200101",
        "to": "20400101",
        "pass_number": "H00000000",
        "issue_count": "01",
        "version": "01",
        "old_ref": "001",
    }
