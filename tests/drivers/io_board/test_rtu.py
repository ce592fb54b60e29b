"""Frames and functions, by the examples of the Modbus specifications."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.io_board import IoTable, points
from drivers.io_board import connect
from drivers.io_board.rtu import (
    EXCEPTIONS,
    Answer,
    Function,
    answers,
    crc16,
    find,
    frame,
    intact,
    pack_bits,
    read_bits,
    silence,
    spans,
    unpack_bits,
    write_coil,
    write_coils,
)
from drivers.io_board.simulator import BoardSimulator
from kiosk.domain.errors import ErrorKind


def test_the_checksum_of_the_specification() -> None:
    """MODBUS over serial line V1.02, appendix B: 02 07 gives 1241, sent as 41 12. And the catalogue's check value."""
    assert crc16(bytes.fromhex("0207")) == 0x1241
    assert frame(0x02, b"\x07") == bytes.fromhex("02074112")
    assert crc16(b"123456789") == 0x4B37
    assert crc16(b"") == 0xFFFF


@pytest.mark.parametrize(
    "frame_hex", ["110100130025 0E84", "1102 00C4 0016 BAA9", "1105 00AC FF00 4E8B", "110F 0013 000A 02 CD01 BF0B"]
)
def test_published_frames(frame_hex: str) -> None:
    """Requests to unit 17 as tutorials of the protocol print them."""
    whole = bytes.fromhex(frame_hex)
    assert intact(whole)
    assert frame(whole[0], whole[1:-2]) == whole


def test_questions_of_the_specification() -> None:
    """MODBUS application protocol V1.1b3, §6.1, §6.2, §6.5, §6.11."""
    assert read_bits(Function.READ_COILS, 0x13, 0x13) == bytes.fromhex("0100130013")
    assert read_bits(Function.READ_INPUTS, 0xC4, 0x16) == bytes.fromhex("0200C40016")
    assert write_coil(0xAC, True) == bytes.fromhex("0500ACFF00")
    assert write_coil(0xAC, False) == bytes.fromhex("0500AC0000")
    bits = [True, False, True, True, False, False, True, True, True, False]
    assert write_coils(0x13, bits) == bytes.fromhex("0F0013000A02CD01")


def test_answers_of_the_specification() -> None:
    coils = unpack_bits(bytes.fromhex("CD6B05"), 19)  # outputs 20 to 38
    assert [coils[at] for at in (0, 1, 2, 3, 17, 18)] == [True, False, True, True, False, True]
    inputs = unpack_bits(bytes.fromhex("ACDB35"), 22)  # inputs 197 to 218
    assert [inputs[at] for at in (0, 1, 2, 3, 7, 20, 21)] == [False, False, True, True, True, True, True]
    assert pack_bits(coils) == bytes.fromhex("CD6B05")


def test_the_simulated_board_answers_as_the_specification_says() -> None:
    board = BoardSimulator(size=0x200)
    board.coils[0x13 : 0x13 + 19] = unpack_bits(bytes.fromhex("CD6B05"), 19)
    board.bits[0xC4 : 0xC4 + 22] = unpack_bits(bytes.fromhex("ACDB35"), 22)
    for question, answer in (
        ("0100130013", "0103CD6B05"),
        ("0200C40016", "0203ACDB35"),
        ("0500ACFF00", "0500ACFF00"),
        ("0F0013000A02CD01", "0F0013000A"),
        ("0101FF0002", "8102"),  # beyond the last coil
        ("0100000000", "8103"),
        ("01000007D1", "8103"),
        ("0500AC1234", "8503"),
        ("0F0013000A01CD", "8F03"),
        ("0300000001", "8301"),
    ):
        assert board._do(bytes.fromhex(question)).hex().upper() == answer, question
    assert board.coils[0xAC]


@pytest.mark.parametrize(
    ("asked", "answer", "fits"),
    [
        ("0100130013", "0103CD6B05", True),
        ("0100130013", "0102CD6B", False),
        ("0100130013", "8102", True),
        ("0100130013", "8202", False),
        ("0200C40016", "0103ACDB35", False),
        ("0500ACFF00", "0500ACFF00", True),
        ("0500ACFF00", "0500AC0000", False),
        ("0F0013000A02CD01", "0F0013000A", True),
        ("0F0013000A02CD01", "0F0013000B", False),
    ],
)
def test_which_answer_fits_which_question(asked: str, answer: str, fits: bool) -> None:
    found = find(frame(1, bytes.fromhex(answer)))
    assert found is not None
    assert answers(bytes.fromhex(asked), found[0]) is fits


def test_an_answer_is_found_behind_noise_and_not_before_it_is_whole() -> None:
    whole = frame(1, bytes.fromhex("0103CD6B05"))
    for cut in range(len(whole)):
        assert find(b"\x00\x01\xff" + whole[:cut]) is None
    assert find(b"\x00\x01\xff" + whole + b"\x99") == (Answer(1, 1, 0, bytes.fromhex("03CD6B05")), 3 + len(whole))
    assert find(frame(1, b"\x81\x02")) == (Answer(1, 1, 2, b""), 5)
    assert find(whole[:-1] + bytes([whole[-1] ^ 1])) is None


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_survived(data: bytes) -> None:
    found = find(data)
    assert found is None or 5 <= found[1] <= len(data)


def test_silences() -> None:
    assert silence(9600) == pytest.approx(0.00401, abs=1e-5)
    assert silence(19200) == pytest.approx(0.002005, abs=1e-5)
    assert silence(115200) == silence(None) == 0.00175


def test_exceptions_have_a_kind() -> None:
    assert {code: told.kind for code, told in EXCEPTIONS.items() if code in (1, 2, 4, 6)} == {
        1: ErrorKind.UNSUPPORTED, 2: ErrorKind.CONFIG, 4: ErrorKind.HARDWARE, 6: ErrorKind.BUSY,
    }  # fmt: skip


def testspans() -> None:
    assert spans([3, 0, 1, 40]) == ((0, 4), (40, 1))
    assert spans([0, 1, 3], gap=0) == ((0, 2), (3, 1))
    assert spans([]) == ()
    assert spans(range(5000)) == ((0, 2000), (2000, 2000), (4000, 1000))


def test_tables() -> None:
    table = IoTable.model_validate(
        {"lights": {"id_card": 0, "slot": "!2"}, "inputs": {"door": "1", "fan": {"at": 4, "words": ["off", "turning"]}}}
    )
    assert (table.lights["slot"].at, table.lights["slot"].inverted, table.inputs["door"].at) == (2, True, 1)
    assert (table.words("door"), table.words("fan")) == (("closed", "open"), ("off", "turning"))
    assert points("door:0,tamper:!1") == {"door": "0", "tamper": "!1"}
    for wrong in (
        {"lights": {"a": 1, "b": 1}},
        {"inputs": {"lights": 1}},
        {"inputs": {"door": "open"}},
        {"inputs": {"door": -1}},
        {"inputs": {"Door": 1}},
        {"inputs": {"door": True}},
        {"lamps": {"a": 1}},
    ):
        with pytest.raises(ValueError):
            IoTable.model_validate(wrong)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("modbus+serial:///dev/ttyS3?unit=1", "no light and no input"),
        ("modbus+serial:///dev/ttyS3?unit=0&lights=a:1", "unit"),
        ("modbus+serial:///dev/ttyS3?unit=1.5&lights=a:1", "unit"),
        ("modbus+serial:///dev/ttyS3?lights=a:1,b:1", "two names"),
        ("modbus+serial:///dev/ttyS3?lights=a", "not name:number"),
        ("modbus+serial:///dev/ttyS3?lights=a:1&answer=0", "answer"),
        ("modbus+serial:///dev/ttyS3?lights=a:1&colour=red", "colour"),
        ("modbus+file:///dev/x", "not a board"),
        ("relay+serial:///dev/ttyS3", "not a board"),
    ],
)
def test_wrong_addresses_are_told_in_a_sentence(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        connect(url)


def test_addresses() -> None:
    board = connect("modbus+serial:///dev/ttyS3?unit=5&baud=19200&parity=E&lights=id_card:0,slot:!1&inputs=door:3")
    assert (board.lights, board.table.inputs["door"].at, board.driver) == (("id_card", "slot"), 3, "modbus+serial")
    assert (board.capabilities["unit"], board.capabilities["line"]) == (5, "/dev/ttyS3@19200")
    assert connect("modbus+sim:").lights == ("id_card", "scanner", "slot", "printer")
    given = IoTable.model_validate({"lights": {"slot": 7}, "inputs": {"door": 1}})
    board = connect("modbus+tcp://10.0.0.9:4001?inputs=door:9", table=given)
    assert (board.table.lights["slot"].at, board.table.inputs["door"].at) == (7, 9)
