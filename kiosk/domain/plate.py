"""Number plates (GA 36) and their types (号牌种类, GA 24.7).

The serial never holds the letters I and O. A plate is kept without its middle dot and shown with it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
"""The 31 characters of the mainland's provinces, in the order of the plate keypad."""

PLATE_TYPES: dict[str, str] = {
    "01": "大型汽车",
    "02": "小型汽车",
    "03": "使馆汽车",
    "04": "领馆汽车",
    "05": "境外汽车",
    "06": "外籍汽车",
    "07": "普通摩托车",
    "08": "轻便摩托车",
    "09": "使馆摩托车",
    "10": "领馆摩托车",
    "11": "境外摩托车",
    "12": "外籍摩托车",
    "13": "低速车",
    "14": "拖拉机",
    "15": "挂车",
    "16": "教练汽车",
    "17": "教练摩托车",
    "18": "试验汽车",
    "19": "试验摩托车",
    "20": "临时入境汽车",
    "21": "临时入境摩托车",
    "22": "临时行驶车",
    "23": "警用汽车",
    "24": "警用摩托车",
    "25": "原农机号牌",
    "26": "香港入出境车",
    "27": "澳门入出境车",
    "31": "武警号牌",
    "32": "军队号牌",
    "41": "无号牌",
    "42": "假号牌",
    "43": "挪用号牌",
    "51": "大型新能源汽车",
    "52": "小型新能源汽车",
    "99": "其他号牌",
}

_SERIAL = "[A-HJ-NP-Z0-9]"
_OFFICE = f"[{PROVINCES}][A-HJ-NP-Z]"
# The office letter O (provincial police) exists on police plates only.
_POLICE_OFFICE = f"[{PROVINCES}][A-HJ-Z]"
_USUAL = f"{_OFFICE}{_SERIAL}{{5}}"

# Types without an entry have no published pattern (temporary, military, embassy motorcycles, none, false): they are not
# accepted as typed input, and the window handles them.
_PATTERNS: dict[str, re.Pattern[str]] = {
    plate_type: re.compile(pattern)
    for types, pattern in (
        (("01", "02", "05", "06", "07", "08", "13", "14"), _USUAL),
        (("03",), "[0-9]{6}使|使[0-9]{6}"),
        (("04",), f"{_OFFICE}[0-9]{{4}}领"),
        (("15",), f"{_OFFICE}{_SERIAL}{{4}}挂"),
        (("16", "17"), f"{_OFFICE}{_SERIAL}{{4}}学"),
        (("18", "19"), f"{_OFFICE}{_SERIAL}{{4}}试"),
        (("23", "24"), f"{_POLICE_OFFICE}{_SERIAL}{{4}}警"),
        (("26",), f"粤Z{_SERIAL}{{4}}港"),
        (("27",), f"粤Z{_SERIAL}{{4}}澳"),
        (("51",), f"{_OFFICE}[0-9]{{5}}[A-HJK]"),
        (("52",), f"{_OFFICE}[A-HJK]{_SERIAL}[0-9]{{4}}"),
    )
    for plate_type in types
}

_TYPE_OF_LAST = {"挂": "15", "学": "16", "试": "18", "警": "23", "港": "26", "澳": "27", "领": "04", "使": "03"}
_NOISE = re.compile(r"[\s·•‧・∙⋅.\-‐-―−_]+")

PlateTrouble = Literal["type", "length", "characters"]


class PlateError(ValueError):
    """Not a plate of that type. `why`: unknown or unsupported type, wrong number of characters, or wrong characters.

    The plate itself is never repeated.
    """

    def __init__(self, why: PlateTrouble, plate_type: str) -> None:
        known = plate_type if plate_type in PLATE_TYPES else "unknown"
        super().__init__(f"plate refused: {why} (plate type {known})")
        self.why = why


def normalise_plate(text: str) -> str:
    """NFKC, upper case, without spaces, dots and hyphens."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).upper()


def is_plate(plate: str, plate_type: str) -> bool:
    """Whether `plate` stands there exactly as it is kept: nothing is put right first."""
    pattern = _PATTERNS.get(plate_type)
    return pattern is not None and pattern.fullmatch(plate) is not None


def parse_plate(text: str, plate_type: str) -> str:
    """The plate as it is kept (浙B12345). Source: GA 36-2018. Raises PlateError."""
    plate = normalise_plate(text)
    if plate_type not in _PATTERNS:
        raise PlateError("type", plate_type)
    if len(plate) != plate_length(plate_type):
        raise PlateError("length", plate_type)
    if not is_plate(plate, plate_type):
        raise PlateError("characters", plate_type)
    return plate


def plate_length(plate_type: str) -> int:
    """Characters of a plate: eight for new-energy cars (51, 52), else seven."""
    return 8 if plate_type in ("51", "52") else 7


def guess_plate_type(text: str) -> str:
    """The likeliest type of a plate that may still be in the making: its last character, then its length.

    Eight characters are a new-energy plate, 52 (small) unless the serial ends with the energy letter, which is 51 (large).
    Otherwise 02, the small car. Trailers 15, driving school 16, police 23, and so on by their last character.
    """
    plate = normalise_plate(text)
    if plate.startswith("使"):
        return "03"
    if len(plate) > 1 and plate[-1] in _TYPE_OF_LAST:
        return _TYPE_OF_LAST[plate[-1]]
    if len(plate) >= 8:
        return "51" if is_plate(plate, "51") else "52"
    return "02"


_COLOURS = {
    "blue": ("02", "08"),
    "yellow": ("01", "07", "13", "15", "16", "17"),
    "green": ("14", "52"),
    "yellow_green": ("51",),
    "white": ("23", "24"),
    "black": ("03", "04", "05", "06", "26", "27"),
}
"""Ground of the plate, GA 36; of the types without an entry no colour is known for sure."""
_LIKELIEST_FIRST = ("02", "52", "01", "51", "07", "08", "16", "15")


def fitting_types(plate: str) -> tuple[str, ...]:
    """The types whose plates have these characters, the likeliest first: a car, a lorry and a motorcycle may bear the same ones."""
    fitting = [plate_type for plate_type in _PATTERNS if is_plate(plate, plate_type)]
    order = {plate_type: n for n, plate_type in enumerate(_LIKELIEST_FIRST)}
    return tuple(sorted(fitting, key=lambda plate_type: (order.get(plate_type, len(order)), plate_type)))


def plate_colour(plate_type: str) -> str:
    """blue, yellow, green, yellow_green, white or black; empty where it is not known for sure. Source: GA 36."""
    return next((colour for colour, types in _COLOURS.items() if plate_type in types), "")


def plate_type_name(plate_type: str) -> str:
    """小型汽车 …; an unknown code is shown as it is, because the platform may know more types than we do."""
    return PLATE_TYPES.get(plate_type, f"号牌种类 {plate_type}")


def display_plate(plate: str) -> str:
    """With the middle dot after the office letter: 浙B·12345. Embassy plates and unknown shapes stay as they are."""
    plate = normalise_plate(plate)
    if len(plate) >= 6 and plate[0] in PROVINCES and plate[1].isascii() and plate[1].isalpha():
        return f"{plate[:2]}·{plate[2:]}"
    return plate


def mask_plate(plate: str) -> str:
    """浙B·***45: the office and the last two characters stay."""
    plate = normalise_plate(plate)
    shown = display_plate(plate)
    if "·" not in shown:
        return "*" * max(0, len(plate) - 2) + plate[-2:] if len(plate) > 4 else "*" * len(plate)
    return f"{plate[:2]}·{'*' * (len(plate) - 4)}{plate[-2:]}"
