"""PACE between our terminal and our chip over every curve and cipher, and chips that cheat."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Iterable

import pytest

from drivers.permit_reader import curves
from drivers.permit_reader.apdu import Command
from drivers.permit_reader.channel import goes_on
from drivers.permit_reader.ciphers import Kind
from drivers.permit_reader.conversation import Conversation
from drivers.permit_reader.files import CARD_ACCESS, COM, DG2, SOD
from drivers.permit_reader.lds import face
from drivers.permit_reader.pace import PaceNotStarted, open_with_pace
from drivers.permit_reader.pace_info import PaceInfo, best, encode_info, parse_card_access, protocol
from drivers.permit_reader.procedure import read_chip
from drivers.permit_reader.tlv import TlvError, tlv
from drivers.permit_reader.virtual_card import VirtualChip
from drivers.permit_reader.virtual_files import build_files, chip_key
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.permit import ChipKey
from tests.drivers.permit_reader.conftest import KEY, permit

Twist = Callable[[int, bytes], bytes]


OFFER = tlv(0x31, encode_info(PaceInfo(protocol(Kind.AES128), Kind.AES128, 13)))


class DirectCard:
    """A `CardLine` straight into a virtual chip. `twist` changes its answers, by their number."""

    def __init__(self, chip: VirtualChip, twist: Twist | None = None) -> None:
        self.chip = chip
        self.commands: list[bytes] = []
        self._twist = twist

    async def transmit(self, commands: Iterable[bytes], deadline: float) -> AsyncGenerator[tuple[bytes, bytes], None]:
        for command in commands:
            self.commands.append(command)
            answer = self.chip.answer(command)
            if self._twist is not None:
                answer = self._twist(len(self.commands), answer)
            yield command, answer
            if not goes_on(answer):
                return


def chip_with(*infos: PaceInfo, bac: bool = False) -> VirtualChip:
    card = permit()
    files = {**build_files(card, 3000), CARD_ACCESS: tlv(0x31, *(encode_info(info) for info in infos))}
    return VirtualChip(files, chip_key(card), bac=bac)


def info(kind: Kind, parameter: int, mapping: int = 2) -> PaceInfo:
    return PaceInfo(protocol(kind, mapping), kind, parameter)


async def read(card: DirectCard, key: ChipKey = KEY) -> str:
    return (await read_chip(card, key, answer_timeout=1.0, entropy=os.urandom)).protocol


@pytest.mark.parametrize("parameter", curves.NUMBERS)
async def test_every_curve(parameter: int) -> None:
    assert await read(DirectCard(chip_with(info(Kind.AES128, parameter)))) == "pace"


@pytest.mark.parametrize("kind", Kind)
async def test_every_cipher(kind: Kind) -> None:
    assert await read(DirectCard(chip_with(info(kind, 13)))) == "pace"
    with pytest.raises(DeviceError) as caught:
        await read(DirectCard(chip_with(info(kind, 13))), ChipKey("CA0000002", "900307", "330115"))
    assert (caught.value.kind, caught.value.native) == (ErrorKind.MEDIA_BAD, "KEY")


async def test_several_parameters_are_named_in_the_choice() -> None:
    card = DirectCard(chip_with(info(Kind.AES128, 12), info(Kind.AES256, 16)))
    assert await read(card) == "pace"
    choice = next(raw for raw in map(Command.decode, card.commands) if raw.ins == 0x22)
    assert choice.data.endswith(b"\x84\x01\x0c")


async def test_chip_authentication_mapping_is_used_like_the_plain_one() -> None:
    assert await read(DirectCard(chip_with(info(Kind.AES128, 13, mapping=6)))) == "pace"
    assert best([info(Kind.AES128, 13, 6), info(Kind.AES256, 12)]) == info(Kind.AES256, 12)


@pytest.mark.parametrize(
    "foreign", [info(Kind.AES128, 2, mapping=1), info(Kind.AES128, 13, mapping=4), info(Kind.AES128, 99)]
)
async def test_a_protocol_we_do_not_speak_leaves_bac_or_nothing(foreign: PaceInfo) -> None:
    assert await read(DirectCard(chip_with(foreign, bac=True))) == "bac"
    with pytest.raises(DeviceError) as caught:
        await read(DirectCard(chip_with(foreign)))
    assert caught.value.kind is ErrorKind.UNSUPPORTED
    assert "protocols" in caught.value.hint


class Garbled:
    """A `Mischief` that spoils one file."""

    def __init__(self, file_id: int, content: bytes) -> None:
        self._spoiled = {file_id: content}

    def file(self, file_id: int, content: bytes | None) -> bytes | None:
        return self._spoiled.get(file_id, content)

    def refuses_pace(self) -> bool:
        return False

    def key_refusal(self) -> int | None:
        return None


@pytest.mark.parametrize("content", ["", "310430200601", "30020400", "3103300105", "FFFFFFFFFFFF", "31820FFF"])
async def test_nonsense_in_card_access_leaves_bac(content: str) -> None:
    spoiled = Garbled(CARD_ACCESS, bytes.fromhex(content))
    chip = VirtualChip({**build_files(permit(), 3000), CARD_ACCESS: OFFER}, KEY, mischief=spoiled)
    assert await read(DirectCard(chip)) == "bac"
    if content != "31820FFF":
        with pytest.raises(TlvError):
            parse_card_access(bytes.fromhex(content))


async def test_other_security_infos_are_passed_over() -> None:
    other = tlv(0x30, tlv(0x06, bytes.fromhex("04007F00070202030202")), tlv(0x02, b"\x01"))
    data = tlv(0x31, other, encode_info(info(Kind.AES128, 13)))
    assert parse_card_access(data) == ([info(Kind.AES128, 13)], 1)


async def test_a_chip_that_throws_our_key_back_is_caught() -> None:
    card: DirectCard

    def echo(number: int, answer: bytes) -> bytes:
        sent = Command.decode(card.commands[-1])
        if sent.ins == 0x86 and sent.data[2:3] == b"\x81":
            return b"\x7c\x43\x82" + sent.data[3:] + b"\x90\x00"
        return answer

    card = DirectCard(chip_with(info(Kind.AES128, 13)), echo)
    with pytest.raises(DeviceError) as caught:
        await read(card)
    assert (caught.value.kind, caught.value.native) == (ErrorKind.MEDIA_BAD, "SM")


@pytest.mark.parametrize("at", [0x82, 0x84, 0x86])
async def test_a_changed_answer_is_never_trusted(at: int) -> None:
    def forge(number: int, answer: bytes) -> bytes:
        del number
        if answer[:1] == b"\x7c" and answer[2] == at:
            return answer[:-3] + bytes((answer[-3] ^ 0x01,)) + answer[-2:]
        return answer

    with pytest.raises(DeviceError) as caught:
        await read(DirectCard(chip_with(info(Kind.AES128, 13)), forge))
    assert caught.value.kind is ErrorKind.MEDIA_BAD
    assert caught.value.native in ("SM", "KEY")


@pytest.mark.parametrize("step", [1, 2, 3])
async def test_a_refusal_before_the_proof_is_no_judgment_of_the_key(step: int) -> None:
    seen = 0

    def refuse(number: int, answer: bytes) -> bytes:
        nonlocal seen
        if answer[:1] != b"\x7c":
            return answer
        seen += 1
        return b"\x6a\x80" if seen == step else answer

    card = DirectCard(chip_with(info(Kind.AES128, 13)), refuse)
    with pytest.raises(PaceNotStarted):
        await open_with_pace(Conversation(card, 1.0), KEY, info(Kind.AES128, 13), os.urandom)


@pytest.mark.parametrize("missing", [COM, SOD])
async def test_a_chip_that_tells_failures_only_inside_is_read_rightly(missing: int) -> None:
    """Its outer status is always 9000, so that commands after a failed selection are carried out on the file before."""

    def outer(number: int, answer: bytes) -> bytes:
        del number
        return answer[:-2] + b"\x90\x00" if answer[-14:-12] == b"\x99\x02" or answer[:2] == b"\x99\x02" else answer

    card = permit()
    files = build_files(card, 3000)
    wanted = face(files[DG2]).data
    del files[missing]
    data = await read_chip(
        DirectCard(VirtualChip(files, chip_key(card)), outer), KEY, answer_timeout=1.0, entropy=os.urandom
    )
    assert data.hashes_fit is (None if missing == SOD else True)
    assert data.photo is not None
    assert data.photo.data == wanted
    assert data.personal_number == card.id_number


@pytest.mark.parametrize("pace", [False, True])
async def test_a_face_beyond_short_offsets_is_read(pace: bool) -> None:
    card = permit(protocol="pace" if pace else "bac")
    chip = VirtualChip(build_files(card, 40_000), chip_key(card))
    data = await read_chip(DirectCard(chip), KEY, answer_timeout=1.0, entropy=os.urandom)
    assert data.photo is not None
    assert len(data.photo.data) == 40_000
    assert data.hashes_fit


async def test_files_stay_closed_without_a_session() -> None:
    chip = chip_with(info(Kind.AES128, 13), bac=True)
    assert chip.answer(bytes.fromhex("00A4040C07A0000002471001")) == b"\x90\x00"
    assert chip.answer(bytes.fromhex("00A4020C02") + COM.to_bytes(2, "big")) == b"\x69\x82"
    assert chip.answer(bytes.fromhex("00B0000010")) == b"\x69\x86"
    assert chip.answer(bytes.fromhex("0CB000000D9701048E08ED6705417E96BA5500")) == b"\x69\x82"
    assert chip.answer(b"\x00") == b"\x67\x00"
    assert chip.answer(bytes.fromhex("00D6000001FF")) == b"\x6d\x00"
