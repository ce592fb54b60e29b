"""Reading drawn codes, and codes made by another library (zxing's own writer), in camera pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from drivers.qr_scanner.decode import Decoder, decode
from drivers.qr_scanner.decode_options import DecodeOptions
from drivers.qr_scanner.draw import Look, draw_phone, render, room, symbol
from drivers.qr_scanner.symbology import Symbology
from kiosk.ports.devices import Frame
from tests.drivers.qr_scanner.measure_decode import SCENES, rates

ALL = DecodeOptions(
    formats=frozenset({Symbology.QR, Symbology.CODE128, Symbology.DATA_MATRIX, Symbology.PDF417}), second_opinion=False
)
ZXING_ONLY = DecodeOptions(formats=frozenset({Symbology.QR}), enhance=False, second_opinion=False)


def read(frame: Frame, options: DecodeOptions | None = None) -> list[bytes]:
    return [found.raw for found in decode(frame.bgr, frame.width, frame.height, options or DecodeOptions())]


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTPS://EXAMPLE.CN/A",
        "一次办：违法处理".encode(),
        "违法处理决定书".encode("gbk"),
        b"a\x00b\x01c",
        bytes(range(128, 256)),
        b"0123456789" * 60,
    ],
)
def test_payloads_come_out_byte_for_byte(raw: bytes) -> None:
    assert read(render(raw, Look(size=0.8, rotation=7, phone=False))) == [raw]


@pytest.mark.parametrize(
    "look",
    [
        Look(),
        Look(rotation=15),
        Look(rotation=45),
        Look(rotation=180),
        Look(tilt_x=40),
        Look(tilt_y=-40, rotation=80),
        Look(tilt_x=35, tilt_y=35, rotation=-130, blur=1.2),
        Look(size=0.2),
        Look(size=0.9, phone=False),
        Look(blur=2.5),
        Look(motion=6),
        Look(contrast=0.15),
        Look(noise=25),
        Look(inverted=True),
        Look(mirrored=True),
        Look(glare=0.5),
        Look(x=0.2, y=0.3, size=0.3),
    ],
    ids=str,
)
def test_phones_held_in_many_ways(look: Look) -> None:
    assert read(render("https://pay.example.cn/c/8sPq-4f20", look, seed=3)) == [b"https://pay.example.cn/c/8sPq-4f20"]


def test_sharpening_and_contrast_find_what_plain_reading_misses() -> None:
    rescued = 0
    for seed in range(12):
        frame = render(f"https://pay.example.cn/c/{seed:06d}", Look(size=0.3, blur=3.0 + seed * 0.1), seed=seed)
        plain, enhanced = read(frame, ZXING_ONLY), read(frame, DecodeOptions(second_opinion=False))
        assert set(plain) <= set(enhanced)
        rescued += len(enhanced) - len(plain)
    assert rescued >= 3


def test_several_codes_the_largest_first() -> None:
    picture = draw_phone(room(1280, 720), symbol("small"), Look(size=0.25, x=0.2, phone=False))
    picture = draw_phone(picture, symbol("large"), Look(size=0.5, x=0.7, phone=False))
    found = decode(picture.tobytes(), 1280, 720)
    assert [code.raw for code in found] == [b"large", b"small"]
    (x, y), *_ = found[0].corners
    assert 640 < x < 1280
    assert 0 < y < 720
    assert found[0].area > found[1].area > 0


@pytest.mark.parametrize(
    ("format_name", "symbology"),
    [
        ("QRCode", Symbology.QR),
        ("Code128", Symbology.CODE128),
        ("DataMatrix", Symbology.DATA_MATRIX),
        ("PDF417", Symbology.PDF417),
    ],
)
def test_other_symbologies_only_when_configured(format_name: str, symbology: Symbology) -> None:
    made = zxingcpp.create_barcode("NB01-2026112100017", zxingcpp.barcode_format_from_str(format_name))
    code = np.array(made.to_image(scale=4, add_quiet_zones=True), dtype=np.uint8)
    picture = draw_phone(room(1280, 720), code, Look(size=0.8, rotation=4, phone=False))
    found = decode(picture.tobytes(), 1280, 720, ALL)
    assert [(code.raw, code.symbology) for code in found] == [(b"NB01-2026112100017", symbology)]
    others = ALL.formats - {symbology}
    assert decode(picture.tobytes(), 1280, 720, DecodeOptions(formats=others, second_opinion=False)) == []


def test_micro_qr() -> None:
    picture = draw_phone(room(1280, 720), symbol(b"12345", micro=True, error="l"), Look(size=0.4, phone=False))
    assert [code.raw for code in decode(picture.tobytes(), 1280, 720)] == [b"12345"]


class OnlyPyzbar(Decoder):
    """A decoder whose zxing finds nothing, to see what the second opinion lets through."""

    def _zxing(self, grey: Any, formats: Any, *, errors: bool = False) -> list[Any]:
        return []


class BlindToWholePictures(Decoder):
    """A decoder whose zxing finds nothing until it is shown where to look."""

    def _zxing(self, grey: Any, formats: Any, *, errors: bool = False) -> list[Any]:
        return [] if grey.shape == (720, 1280) else super()._zxing(grey, formats, errors=errors)


@pytest.mark.parametrize("raw", ["违法处理决定书".encode("gbk"), "违法罚款".encode(), bytes(range(128, 256))])
def test_where_pyzbar_sees_a_code_zxing_reads_its_very_bytes(raw: bytes) -> None:
    frame = render(raw, Look(size=0.6, rotation=25, tilt_x=20, phone=False))
    assert [code.raw for code in BlindToWholePictures().decode(frame.bgr, 1280, 720)] == [raw]


def test_steeply_tilted_codes_are_turned_upright_without_pyzbar() -> None:
    options = DecodeOptions(formats=frozenset({Symbology.QR}), second_opinion=False)
    rescued = 0
    for seed in range(20):
        look = Look(rotation=seed * 37.0, tilt_x=50 * (-1) ** seed, tilt_y=44 * (-1) ** (seed // 2), size=0.45, blur=1)
        frame = render(f"https://pay.example.cn/c/{seed:06d}?t=8f3a9c21d07b45e6", look, seed=seed)
        rescued += len(read(frame, options)) - len(read(frame, ZXING_ONLY))
    assert rescued >= 2


@pytest.mark.parametrize(
    ("raw", "passes"),
    [
        (b"HTTPS://EXAMPLE.CN/A", True),
        (b"a\x00b", True),
        ("违法处理决定书".encode("gbk"), False),
        ("浙江宁波".encode("gbk"), False),
        ("违法罚款".encode(), False),  # zbar takes this UTF-8 for Shift-JIS
        (b"\xe9", False),
        (bytes(range(128, 256)), False),
    ],
)
def test_the_second_opinion_passes_nothing_that_may_be_altered(raw: bytes, passes: bool) -> None:
    frame = render(raw, Look(size=0.6, phone=False))
    found = OnlyPyzbar().decode(frame.bgr, frame.width, frame.height)
    assert [code.raw for code in found] == ([raw] if passes else [])


def test_a_picture_without_a_code_has_none() -> None:
    assert read(render(None)) == []


@pytest.mark.parametrize(
    ("width", "height", "size"), [(0, 0, 0), (2, 2, 11), (2, 2, 13), (-1, -1, 3), (10**6, 10**6, 12)]
)
def test_a_frame_that_is_not_whole_is_a_value_error(width: int, height: int, size: int) -> None:
    with pytest.raises(ValueError):
        decode(bytes(size), width, height)


@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_no_picture_breaks_the_decoder(width: int, height: int, data: st.DataObject) -> None:
    seed = data.draw(st.integers(0, 2**32 - 1))
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    assert isinstance(decode(pixels.tobytes(), width, height), list)


def test_looks_are_read_from_commands() -> None:
    assert Look.read({"rotation": 10, "inverted": True}) == Look(rotation=10.0, inverted=True)
    for wrong in ({"spin": 1}, {"rotation": "10"}, {"rotation": float("nan")}, {"inverted": 1}, {"blur": True}):
        with pytest.raises(ValueError):
            Look.read(wrong)


def test_the_same_look_and_seed_give_the_same_pixels() -> None:
    look = Look(rotation=20, tilt_x=20, blur=1, glare=0.4, noise=5)
    first, second = render("x", look, seed=7), render("x", look, seed=7)
    assert first.bgr == second.bgr
    assert first.bgr != render("x", look, seed=8).bgr


def test_tilted_and_blurred_codes_are_read_where_pyzbar_alone_fails() -> None:
    """A small share of what `measure_decode` measures; rates only, no times."""
    told = rates(SCENES["slanted, soft"], 20)
    assert told["zxing path"][0] >= 0.95
    assert told["pyzbar alone"][0] <= 0.30
