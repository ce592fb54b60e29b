from __future__ import annotations

import io
import unicodedata

import pytest
import zxingcpp
from PIL import Image

from drivers.receipt_printer import code128
from drivers.receipt_printer.charset import clean, defuse_realtime, encode_text, has_realtime, trusted
from drivers.receipt_printer.encode import Encoder, encode, encode_raster
from drivers.receipt_printer.options import EncodeOptions
from drivers.receipt_printer.simulator import EscposSimulator
from kiosk.domain.slip import Barcode, Block, Feed, Pair, Picture, QrCode, Rule, Text
from tests.drivers.receipt_printer.slips import NUMBER, PAY_URL, decision, signature, slip

START = bytes.fromhex("1b40 1b32 1c26")
END = bytes.fromhex("1b6406 1d5600")


def body(*blocks: Block, **options: object) -> bytes:
    data = encode(slip(*blocks), EncodeOptions(**options)).data  # type: ignore[arg-type]
    assert data.startswith(START)
    assert data.endswith(END)
    return data[len(START) : -len(END)]


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (Text("宁波市公安局"), "c4feb2a8cad0b9abb0b2bed6 0a"),
        (Text("¥100"), "a3a4 313030 0a"),
        (Text("甲——①·乙"), "bcd7 a1aaa1aa a2d9 a1a4 d2d2 0a"),
        (Text("中", "center", bold=True, size=2), "1b6101 1b4501 1d2111 d6d0 0a 1d2100 1b4500 1b6100 1b4a0c"),
        (Text("e\u0301"), "a8a6 0a"),
        (Feed(3), "1b6403"),
        (Rule(), "2d" * 48 + "0a"),
        (Pair("A", "1", right=True), "41" + "20" * 46 + "31 0a"),
        (
            QrCode("中a"),
            "1b4a18 1b6101 1d286b0400 31413200 1d286b0300 314308 1d286b0300 314531 1d286b0700 315030 e4b8ad61"
            "1d286b0300 315130 1b6100 1b4a18",
        ),
        (
            Barcode("12345678"),
            "1b4a0a 1b6101 1d6848 1d7703 1d6600 1d4802 1d6b4906 7b43 0c22384e 1b6100 1b4a0a",
        ),
    ],
)
def test_golden_bytes(block: Block, expected: str) -> None:
    assert body(block, known="gbk") == bytes.fromhex(expected.replace(" ", ""))


def test_partial_cut_and_no_cut() -> None:
    assert encode(slip(), EncodeOptions(cut="partial")).data.endswith(bytes.fromhex("1b64061d5601"))
    assert encode(slip(), EncodeOptions(cut="none")).data.endswith(bytes.fromhex("1b6406"))


@pytest.mark.parametrize(
    ("char", "gb2312", "gbk"),
    [
        ("宁", True, True),
        ("·", True, True),
        ("—", True, True),
        ("㎡", False, True),
        ("玥", False, True),
        ("䶮", False, False),
        ("𠮷", False, False),
        ("鿍", False, False),
        ("€", False, False),
        ("\x1b", False, False),
    ],
)
def test_trusted_characters(char: str, gb2312: bool, gbk: bool) -> None:
    assert trusted(char, "gb2312") is gb2312
    assert trusted(char, "gbk") is gbk


@pytest.mark.parametrize("name", ["王䶮", "𠮷野", "张㛃"])
@pytest.mark.parametrize("known", ["gb2312", "gbk"])
def test_rare_names_are_drawn(name: str, known: str) -> None:
    data = body(Text(name), known=known)
    assert data.startswith(b"\x1dv0\x00")
    width, rows = int.from_bytes(data[4:6], "little"), int.from_bytes(data[6:8], "little")
    assert rows == 30
    assert len(data) == 8 + width * rows
    assert any(data[8:])


def test_only_the_rare_line_is_drawn() -> None:
    data = body(Text("张三"), Text("𠮷"), Text("李四"))
    assert data.startswith("张三".encode("gbk") + b"\n\x1dv0")
    assert data.endswith("李四".encode("gbk") + b"\n")


def test_no_tofu_code_point_instead() -> None:
    data = encode(slip(Text("\U0010fffd")))
    assert "〔U+10FFFD〕".encode("gbk") in data.data
    assert clean("a\ud800") == "a〔U+D800〕"


EVIL = "张\x1b@\x1dV0\x10\x04\x01\x1c.\x7f\x00\x9b\u202e\u200b三\r\n甲\u2028乙"


@pytest.mark.parametrize("block", [Text(EVIL), Pair(EVIL, "x"), Pair("x", EVIL), QrCode("x", EVIL), Text(EVIL, size=2)])
def test_no_command_gets_in_through_text(block: Block) -> None:
    reference = body(type(block)(**{n: _plain(getattr(block, n)) for n in block.__slots__}))  # type: ignore[arg-type]
    assert body(block) == reference


def _plain(value: object) -> object:
    return "张@V0.三\n甲\n乙" if value == EVIL else value


def test_clean_text_holds_no_control_bytes() -> None:
    text = clean("".join(chr(point) for point in range(0x3000)))
    assert not [char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") and char != "\n"]
    for line in text.split("\n"):
        sent = encode_text("".join(char for char in line if trusted(char, "gbk")), "gbk")
        assert sent is not None
        assert all(byte >= 0x20 and byte != 0x7F for byte in sent)


@pytest.mark.parametrize("data", ["", "a\x10\x04\x01", "a\nb"])
def test_codes_refuse_control_characters(data: str) -> None:
    with pytest.raises(ValueError):
        encode(slip(QrCode(data)))
    with pytest.raises(ValueError):
        encode(slip(Barcode(data)))


def test_real_time_commands_in_pictures_are_defused() -> None:
    assert defuse_realtime(b"\x10\x04\x01\x10\x14\x10\x05") == b"\x10\x0c\x01\x10\x1c\x10\x0d"
    stripes = Image.new("L", (576, 200), 255)
    pixels = stripes.load()
    for x in range(576):
        for y in range(200):
            if 0x1004 >> (15 - x % 16) & 1:
                pixels[x, y] = 0
    out = io.BytesIO()
    stripes.save(out, "PNG")
    data = encode(slip(Picture(out.getvalue(), 72.0))).data
    assert data.count(b"\x10\x0c") > 1000
    assert not has_realtime(data)


def test_barcode_code_sets() -> None:
    assert code128.payload("AB12") == b"{BAB12"
    assert code128.payload("123") == b"{B123"
    assert code128.payload("12345") == b"{C\x0c\x22{B5"
    assert code128.payload("a{b") == b"{Ba{{b"
    # In code set C these digits would be DLE EOT 1 on the line.
    assert code128.payload("160401") == b"{B160401"
    with pytest.raises(ValueError):
        code128.payload("京A12345")


def test_known_answer_of_the_check_symbol() -> None:
    # ISO/IEC 15417 worked example: "PJJ123C" in code set A, check symbol 54.
    assert code128.symbols(b"{APJJ123C")[0] == [103, 48, 42, 42, 17, 18, 19, 35, 54, 106]


def test_overlong_barcode_prints_its_number() -> None:
    data = body(Barcode("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), columns=32)
    assert b"ABCDEFGHIJKLMNOPQRSTUVWXYZ\n" in data
    assert b"\x1dk" not in data


def test_pictures_are_thresholded_and_scaled_down_only() -> None:
    data = body(Picture(signature(), 40.0, "left"))
    assert int.from_bytes(data[4:6], "little") <= 40
    with pytest.raises(ValueError, match="cannot be read"):
        encode(slip(Picture(b"not a picture")))


@pytest.mark.parametrize("columns", [32, 48])
def test_text_takes_a_tenth_of_the_bytes_of_dots(columns: int) -> None:
    options = EncodeOptions(columns=columns)
    assert len(encode(decision(), options).data) * 10 <= len(encode_raster(decision(), options).data)


def test_segments_are_whole_commands() -> None:
    from drivers.receipt_printer.stream import next_command

    for segment in encode(slip(*decision().blocks, Picture(signature()), Text("𠮷"))).segments:
        rest = segment
        while rest:
            command = next_command(rest, kanji=True)
            assert command is not None
            rest = rest[command.size :]


@pytest.mark.parametrize("columns", [32, 48])
@pytest.mark.parametrize("how", [{}, {"text": "raster", "qr": "raster", "barcode": "raster"}])
def test_printed_codes_can_be_read_again(columns: int, how: dict[str, str]) -> None:
    simulator = EscposSimulator(columns)
    options = EncodeOptions(columns=columns, **how)  # type: ignore[arg-type]
    for byte in Encoder(options).encode(decision()).segments:
        assert simulator._receive(byte)
    simulator._print_all()
    (paper,) = simulator.papers
    found = {code.format.name: code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(paper.png)))}
    assert found == {"QRCode": PAY_URL, "Code128": NUMBER}
    if not how:
        assert "罚款" in paper.text
        assert "￥200.00" in paper.text
