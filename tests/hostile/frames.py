"""Every parser of bytes from outside, with good input to begin from and what it may raise; and what happens to frames on bad lines.

`python -m tests.hostile.frames --count 1000000` feeds each of them that many mutated frames (`make fuzz`).
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import resource
import signal
import sys
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

HANG_S = 5.0
"""No frame takes milliseconds."""
LARGEST = 1024 * 1024
"""Bytes one frame may make a parser take, at the most."""
TRACED = 3000
"""So many frames are fed with each allocation counted."""
SETTLE = 2000
GROWTH_KB = 4096
"""What the process may grow by over all the rest."""

Feed = Callable[[bytes], object]


@dataclass(frozen=True)
class Target:
    """`make` gives a fresh feeder; a parser that keeps a state is fed frame after frame."""

    make: Callable[[], Feed]
    seeds: Callable[[], Sequence[bytes]]
    refuses: tuple[type[Exception], ...] = ()
    """What it may raise for bytes that are not what they should be."""


class Broken(AssertionError):
    """A parser did what it must not; the text holds the frame that made it, as hex."""


def mutate(frame: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """One to four things that lines, adapters and strangers do to a frame."""
    data = bytearray(frame)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data)) if data else 0
        match chance.randrange(9):
            case 0 if data:
                data[at] ^= 1 << chance.randrange(8)
            case 1 if data:
                data[at] = chance.choice((0x00, 0x01, 0x7F, 0x80, 0xFF, 0x10, 0x0A, 0x0D, 0x02, 0x1D, 0x30))
            case 2:
                del data[at : at + chance.randint(1, 16)]
            case 3:
                data[at:at] = chance.randbytes(chance.randint(1, 16))
            case 4:
                data[at:at] = data[at : at + chance.randint(1, 64)]
            case 5:
                del data[at:]
            case 6:
                other = chance.choice(others)
                data[at:] = other[chance.randrange(len(other) + 1) :]
            case 7 if len(data) > 4:  # lengths and counts stand in two or four bytes
                size = chance.choice((2, 4))
                data[at : at + size] = chance.choice((0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)).to_bytes(4, "big")[
                    -size:
                ]
            case _:
                data = bytearray(chance.randbytes(chance.randint(0, 64)))
    return bytes(data[:8192])


def batter(name: str, count: int, seed: int = 1) -> None:
    """Feed `count` mutated frames. Raises Broken for an exception that is not the parser's own, a hang, or memory that grows."""
    target, chance = TARGETS[name], random.Random(seed)
    seeds = target.seeds()
    feed = target.make()

    def one(frame: bytes) -> None:
        try:
            feed(frame)
        except target.refuses:
            return
        except Exception as error:
            raise Broken(f"{name}: {type(error).__name__}: {error} after {frame.hex()}") from error

    def frame() -> bytes:
        return mutate(chance.choice(seeds), chance, seeds)

    for good in seeds:
        one(good)
    traced = min(count, TRACED)
    tracemalloc.start()
    try:
        for _ in range(traced):
            data = frame()
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            with Watch(name, data):
                one(data)
            if tracemalloc.get_traced_memory()[1] - before > LARGEST:
                raise Broken(f"{name} took more than {LARGEST} bytes for {data.hex()}")
    finally:
        tracemalloc.stop()
    left = count - traced
    grown = 0
    for number in range(left):
        data = frame()
        if number == SETTLE:
            grown = _resident_kb()
        if number % 256 == 0:
            signal.setitimer(signal.ITIMER_REAL, HANG_S)
        one(data)
    signal.setitimer(signal.ITIMER_REAL, 0)
    if left > SETTLE and _resident_kb() - grown > GROWTH_KB:
        raise Broken(f"{name} grew by {_resident_kb() - grown} kB over {left} frames")


class Watch:
    """Raises Broken in the middle of a parser that does not come back."""

    def __init__(self, name: str, data: bytes) -> None:
        self._what = f"{name} does not come back from {data.hex()}"

    def __enter__(self) -> None:
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, HANG_S)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _ring(self, *_: object) -> None:
        raise Broken(self._what)


def _resident_kb() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 1024


# -- targets -------------------------------------------------------------------------------------------------------------


def _id_card() -> Feed:
    from drivers.id_card.samv import Answer, Parser

    parser = Parser()
    return lambda data: [Answer.from_body(body) for body in parser.feed(data)]


def _id_card_frames() -> list[bytes]:
    from drivers.id_card.samv import build

    return [
        build(bytes((0, 0, 0x9F))),
        build(bytes((0, 0, 0x90, 1, 0, 4, 0)) + bytes(1280)),
        build(bytes((0, 0, 0x41))),
    ]


def _card_text() -> Feed:
    from drivers.id_card.text import card_kind, parse_addresses, parse_text

    def feed(data: bytes) -> None:
        block = data[:256].ljust(256, b" \0"[:1])
        parse_addresses(data)
        card_kind(block)
        parse_text(block)

    return feed


def _card_blocks() -> list[bytes]:
    from drivers.id_card.text import pack_text

    person = {
        "name": "测试甲", "sex": "2", "nation": "01", "birth": "19900101", "address": "浙江省宁波市海曙区模拟路 1 号",
        "number": "330203199001010004", "issuer": "宁波市公安局", "from": "20200101", "to": "长期", "kind": "resident",
    }  # fmt: skip
    return [
        pack_text(person),
        pack_text({**person, "kind": "hmt_resident", "pass_number": "H12345678", "issue_count": "1"}),
    ]


def _printer_answers() -> Feed:
    from drivers.receipt_printer.answers import AnswerParser

    return AnswerParser().feed


def _printer_stream() -> Feed:
    from drivers.receipt_printer.stream import next_command

    def feed(data: bytes) -> None:
        rest, kanji = data, len(data) % 2 == 0
        while rest and (command := next_command(rest, kanji)) is not None:
            assert command.size > 0, "a command of no length is read for ever"
            rest = rest[command.size :]

    return feed


def _codes() -> Feed:
    from drivers.qr_scanner.splitter import Splitter, Suffix
    from drivers.qr_scanner.text import text_of

    splitter = Splitter(Suffix.CR)

    def feed(data: bytes) -> None:
        for code in splitter.feed(data):
            text_of(code)

    return feed


def _permit_unit() -> Feed:
    from drivers.permit_unit.frames import FrameParser
    from drivers.permit_unit.messages import (
        Back,
        Hello,
        JobOrder,
        JobRecord,
        PayloadError,
        PictureHead,
        StatusBlock,
        read_numbers,
        read_text_field,
    )

    parser = FrameParser()
    blocks = (StatusBlock, Hello, JobRecord, JobOrder, PictureHead, Back)
    readers: list[Feed] = [*(block.read for block in blocks), read_numbers, lambda data: read_text_field(data, 0)]

    def feed(data: bytes) -> None:
        for frame in parser.feed(data):
            assert len(frame.payload) <= 4096
        for read in readers:
            try:
                read(data)
            except PayloadError:
                continue

    return feed


def _unit_frames() -> list[bytes]:
    from drivers.permit_unit.frames import Frame, Kind

    return [Frame(kind, 7, 3, bytes(range(40))).pack() for kind in Kind] + [bytes(16)]


def _ipp() -> Feed:
    from drivers.document_printer.ipp import decode

    return decode


def _ipp_messages() -> list[bytes]:
    from drivers.document_printer.ipp import Op, Tag, encode

    attributes = [
        ("attributes-charset", Tag.CHARSET, "utf-8"),
        ("printer-state", Tag.ENUM, 3),
        ("printer-state-reasons", Tag.KEYWORD, ["media-empty", "toner-low"]),
    ]
    first = encode(Op.GET_PRINTER_ATTRIBUTES, 1, [(Tag.OPERATION, attributes)])
    return [first, encode(0, 9, [(Tag.OPERATION, attributes[:1]), (Tag.PRINTER, attributes)])]


def _chip_files() -> Feed:
    from drivers.permit_reader import lds, pace_info, sod, tlv

    readers: tuple[Feed, ...] = (
        lds.present_groups, lds.mrz, lds.face, lds.names, pace_info.parse_card_access, sod.listed_digests,
        lambda data: list(tlv.walk(data)),
    )  # fmt: skip

    def feed(data: bytes) -> None:
        for read in readers:
            try:
                read(data)
            except ValueError:  # LdsError, TlvError and UnicodeError are such
                continue

    return feed


@cache
def _chip_images() -> tuple[bytes, ...]:
    from drivers.permit_reader.virtual_files import build_files
    from drivers.virtual_permit import VirtualPermit

    line = "CSC123456788<3012315<900101090"
    card = VirtualPermit(
        line=line, name="测试甲", surname="CE", given="SHIJIA", birth="19900101", id_number="330203199001010004"
    )
    return tuple(each[:4000] for each in build_files(card, 2000).values())


def _line() -> Feed:
    from kiosk.domain.mrz import parse_line

    return lambda data: parse_line(data.decode("latin-1"), dt.date(2026, 11, 21))


def _form_code() -> Feed:
    from kiosk.domain.forms.payload import decode_record

    return lambda data: decode_record(data.decode("latin-1"), ())


def _modbus() -> Feed:
    from drivers.io_board import rtu

    def feed(data: bytes) -> None:
        rtu.find(data)
        rtu.intact(data)
        rtu.unpack_bits(data[:4], min(len(data[:4]) * 8, 32))

    return feed


def _nut() -> Feed:
    from drivers.ups import protocol

    def feed(data: bytes) -> None:
        for word in protocol.words(data.decode("latin-1")):
            protocol.supply(word)
            protocol.number(word)

    return feed


def _evdev() -> Feed:
    from drivers.nav_pad.events import EventParser

    return EventParser().feed


def _signature() -> Feed:
    from drivers.signature_pad import stu

    def feed(data: bytes) -> None:
        stu.parse_pen(data)
        stu.parse_model(data)
        stu.parse_capability(data)

    return feed


def _control() -> Feed:
    from drivers.control import dispatch
    from drivers.id_card.simulator import SamvSimulator

    simulator = SamvSimulator()
    return lambda data: dispatch(simulator, data)


def _modbus_frames() -> list[bytes]:
    from drivers.io_board import rtu

    return [rtu.frame(1, bytes((1, 1, 0x0D))), rtu.frame(1, bytes((2, 2, 0xFF, 0x01))), rtu.frame(1, bytes((0x81, 2)))]


def _events() -> list[bytes]:
    import struct

    return [
        struct.pack("qqHHi", 1, 2, 1, code, value) + struct.pack("qqHHi", 1, 2, 0, 0, 0)
        for code, value in ((103, 1), (28, 0))
    ]


TARGETS: Mapping[str, Target] = {
    "id_card": Target(_id_card, _id_card_frames),
    "id_card_text": Target(_card_text, _card_blocks, (ValueError,)),
    "printer_answers": Target(
        _printer_answers, lambda: [b"\x10\x04\x12", bytes((0x10, 0, 0, 0)), b"\x5f12345\x00", b"\x16"]
    ),
    "printer_stream": Target(
        _printer_stream,
        lambda: [b"\x1b@\x1dV\x00", b"\x1d(k\x04\x001A2\x00", b"\x1dv0\x00\x01\x00\x02\x00ab", "打印".encode("gbk")],
    ),
    "scanner_codes": Target(
        _codes, lambda: [b"https://pay.example/abc\r", "浙江".encode("gbk") + b"\r", b"\x02x\x03\r\n"]
    ),
    "permit_unit": Target(_permit_unit, _unit_frames),
    "ipp": Target(_ipp, _ipp_messages, (ValueError,)),
    "chip_files": Target(_chip_files, _chip_images),
    "permit_line": Target(_line, lambda: [b"CSC123456788<3012315<900101090"], (ValueError,)),
    "form_code": Target(_form_code, lambda: [b"OT1:ABCDEF0123456789 $%*+-./:", b"OT1:" + b"0" * 400], (ValueError,)),
    "modbus": Target(_modbus, _modbus_frames, (ValueError,)),
    "nut": Target(
        _nut, lambda: [b'VAR ups ups.status "OL CHRG"', b'LIST VAR ups "a \\" b"', b"ERR UNKNOWN-UPS"], (ValueError,)
    ),
    "evdev": Target(_evdev, _events),
    "signature_pad": Target(
        _signature, lambda: [bytes((1, 0xA3, 0x10, 0x20, 0x30, 0x40, 0)), bytes((8, 0x53)), bytes(16)], (ValueError,)
    ),
    "control_line": Target(
        _control, lambda: [b'{"do": "state"}', b'{"do": "fault", "id": "SAM.41", "count": 2}', b'{"do": "unplug"}']
    ),
}


def main(argv: Sequence[str] | None = None) -> int:
    words = argparse.ArgumentParser(
        prog="python -m tests.hostile.frames", description="Mutated frames into every parser."
    )
    words.add_argument("--count", type=int, default=1_000_000, help="frames for each parser (default: 1000000)")
    words.add_argument(
        "--only", action="append", choices=sorted(TARGETS), metavar="NAME", help=", ".join(sorted(TARGETS))
    )
    words.add_argument("--seed", type=int, default=1)
    chosen = words.parse_args(argv)
    signal.signal(signal.SIGALRM, _stuck)
    broken = 0
    for name in chosen.only or TARGETS:
        try:
            batter(name, chosen.count, chosen.seed)
        except Broken as error:
            broken += 1
            print(f"BROKEN  {str(error)[:2000]}", flush=True)
        else:
            print(f"held    {name}: {chosen.count} frames", flush=True)
    return 1 if broken else 0


def _stuck(*_: object) -> None:
    raise Broken("a parser does not come back")


if __name__ == "__main__":
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    sys.exit(main())
