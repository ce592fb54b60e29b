"""The profile files say what was published, and a wrong file is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.photo_rules import PROFILES, load_photo_profile
from config.tables import TablesError
from kiosk.ports.photo import photo_receipt_number, photo_receipt_valid


def test_national_numbers() -> None:
    national = load_photo_profile("national")
    assert national.file.sizes[-1] == (354, 472)
    assert (national.file.bytes_min, national.file.bytes_max) == (20 * 1024, 80_000)
    assert national.file.quality_min == 85
    crop = national.crop
    assert [round(354 * end) for end in (crop.head_width.low, crop.head_width.high)] == [188, 283]
    assert [round(354 * end) for end in (crop.eye_distance.low, crop.eye_distance.high)] == [81, 117]
    assert [40 * end for end in (crop.head_length.low, crop.head_length.high)] == [28, 33]
    assert set(national.background.accepted) == {"white", "light_grey", "light_blue"}


def test_strict_numbers_in_pixels() -> None:
    strict = load_photo_profile("strict_guangdong")
    assert strict.file.sizes == ((354, 472),)
    crop = strict.crop

    def pixels(name: str, of: int) -> tuple[int, int]:
        band = getattr(crop, name)
        assert band.rule
        return round(of * band.low), round(of * band.high)

    assert pixels("eye_distance", 354) == (82, 118)
    assert pixels("head_width", 354) == (230, 283)
    assert pixels("head_length", 472) == (331, 390)
    assert pixels("top_gap", 472) == (25, 45)
    assert pixels("eye_line", 472) == (176, 251)
    assert strict.background.treatment == "replace"
    assert strict.gates == load_photo_profile("national").gates


def test_consular_numbers_in_millimetres() -> None:
    crop = load_photo_profile("consular").crop
    assert [round(33 * end) for end in (crop.head_width.low, crop.head_width.high)] == [15, 22]
    assert [round(48 * end) for end in (crop.head_length.low, crop.head_length.high)] == [28, 33]
    assert [round(48 * end) for end in (crop.top_gap.low, crop.top_gap.high)] == [3, 5]
    assert round(48 * crop.chin_gap.low) == 7


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_has_its_own_name(name: str) -> None:
    assert load_photo_profile(name).id == name


def test_the_halls_own_file_says_only_what_differs(tmp_path: Path) -> None:
    own = 'id = "yinzhou"\ntitle = "照片"\nbased_on = "national"\n[crop]\ntop_gap = { low = 0.06, high = 0.08 }\n'
    (tmp_path / "yinzhou.toml").write_text(own, "utf-8")
    profile = load_photo_profile("yinzhou", tmp_path)
    assert profile.crop.top_gap.rule, "a band replaces the one below as a whole"
    assert profile.crop.eye_line == load_photo_profile("national").crop.eye_line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id = 3", "id"),
        ('id = "other"\ntitle = ""\nbased_on = "national"', "its id says other"),
        ('id = "own"\ntitle = ""\nbased_on = "own"', "circle"),
        ('id = "own"\ntitle = ""\nbased_on = "national"\n[gates]\nroll_mx = 3.0', "gates.roll_mx"),
        ('id = "own"\ntitle = ""\nbased_on = "national"\n[gates]\nroll_max = "8"', "gates.roll_max"),
        ('id = "own"\ntitle = ""\nbased_on = "national"\n[crop]\neye_line = {low = 0.6, high = 0.5}', "crop.eye_line"),
        ('id = "own"\ntitle = ""\nbased_on = "national"\n[file]\nsizes = [[354, 472], [390, 567]]', "ratios"),
        ("id = ", "own.toml"),
    ],
)
def test_a_wrong_file_is_refused_with_its_fault(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "own.toml").write_text(text, "utf-8")
    with pytest.raises(TablesError, match=told):
        load_photo_profile("own", tmp_path)


@pytest.mark.parametrize("name", ["../national", "nowhere", "", "National"])
def test_names_are_no_paths(name: str) -> None:
    with pytest.raises(TablesError):
        load_photo_profile(name)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("MA44030120250001", "MA44030120250001"),
        (" ma44-0301 2025-0001 ", "MA44030120250001"),
        ("\uff2d\uff21\uff14\uff14\uff10\uff13\uff10\uff11", "MA440301"),
        ("1234567", None),
        ("ABCDEFGHIJ", None),
        ("12345678\u56de\u6267", None),
        ("A" * 31 + "1", "A" * 31 + "1"),
        ("A" * 32 + "1", None),
        ("", None),
    ],
)
def test_receipt_numbers(text: str, number: str | None) -> None:
    assert photo_receipt_number(text) == number
    assert photo_receipt_valid(text) is (number is not None)
