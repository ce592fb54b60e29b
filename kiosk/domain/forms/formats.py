"""What a text must be: numbers of documents, telephones, names; and how typed text is put right before it is judged.

Nothing here raises, whatever the text: lone surrogates and control characters arrive from keyboards, scanners and phones too.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping

from config.form_tables import Field, Format
from kiosk.domain.identity import IdNumberError, is_mobile, parse_id_number

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TYPED_DATE = re.compile(r"([0-9]{4})(?:([0-9]{2})([0-9]{2})|[-./年]([0-9]{1,2})[-./月]([0-9]{1,2})日?)")
_CHINA_PHONE = re.compile(r"(?:\+86|0086)0?([1-9][0-9]{8,10})")
_LANDLINE = re.compile(r"0[1-9][0-9]{1,2}[2-9][0-9]{6,7}")
_HONG_KONG_MACAO_PHONE = re.compile(r"0085[23][2-9][0-9]{7}")
_PINYIN = re.compile(r"[A-Z]+")
_HKID = re.compile(r"([A-Z]{1,2})([0-9]{6})\(([0-9A])\)")
_MACAO_ID = re.compile(r"[157][0-9]{6}\([0-9]\)")
_POSTCODE = re.compile(r"[0-9]{6}")
_BARE_HKMO_ID = re.compile(r"([A-Z]{1,2}[0-9]{6}|[157][0-9]{6})/?([0-9A])")
_DOTS = dict.fromkeys(map(ord, "•‧・･∙⋅．●"), "·")
_NAME_MARKS = frozenset("·.-' ()（）〇々")
_SUFFIXES = ("省", "市", "族")
_OLDEST_YEAR = 1850
_OF_OTHER_SIDES = ("81", "82", "83")


def good(format: Format, text: str, today: dt.date) -> bool:
    return _TESTS[format](text, today)


def read_date(text: str) -> dt.date | None:
    """The day of an ISO 8601 text, None where it is none."""
    if not _ISO_DATE.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def writable(text: str) -> bool:
    """Whether every character can be shown and stored. Private-use characters can: cards write rare names with them."""
    return all(c.isprintable() or unicodedata.category(c) == "Co" for c in text)


def in_gbk(text: str) -> bool:
    """Chips and older systems store names in GBK."""
    try:
        text.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def is_citizen_id(text: str, today: dt.date) -> bool:
    """A mainland citizen's number. Residence permits of Hong Kong, Macao, Taiwan residents and foreigners' cards are not."""
    try:
        number = parse_id_number(text, today)
    except IdNumberError:
        return False
    return number.text == text and number.area[:2] not in _OF_OTHER_SIDES and number.area[0] != "9"


def is_hkid(text: str) -> bool:
    """A Hong Kong identity number with its check character in brackets.

    Letters count 10 to 35, a missing first one 36; weights 9 to 2 and 1 for the check character (A is 10); the sum is divisible
    by 11.
    """
    match = _HKID.fullmatch(text)
    if match is None:
        return False
    letters, digits, check = match.groups()
    values = [36] * (2 - len(letters)) + [ord(c) - ord("A") + 10 for c in letters]
    values += [*map(int, digits), 10 if check == "A" else int(check)]
    return sum(value * weight for value, weight in zip(values, range(9, 0, -1), strict=True)) % 11 == 0


def is_macao_id(text: str) -> bool:
    """First digit 1, 5 or 7, six more, and a check digit whose rule is not published, so it is not tested."""
    return _MACAO_ID.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Letters of any script, the dot of names in several parts, and what Latin names carry."""
    return bool(text.strip()) and all(
        c in _NAME_MARKS or unicodedata.category(c) in ("Lo", "Lu", "Ll", "Co") for c in text
    )


def tidy(field: Field, text: str) -> str:
    """Typed text as it is kept: stray blanks, full-width forms and brackets left out are put right, nothing else is guessed."""
    if field.format in ("mobile", "any_phone"):
        return _tidy_phone(text)
    if field.format == "citizen_id":
        return _plain(text)
    if field.format in ("hkid", "macao_id", "hkmo_id"):
        plain = _plain(text)
        bare = _BARE_HKMO_ID.fullmatch(plain)
        return f"{bare[1]}({bare[2]})" if bare else plain
    if field.kind == "date":
        return _tidy_date(_plain(text))
    if field.format == "pinyin":
        return re.sub(r"['’\-]", "", _plain(text))
    if field.format == "postcode" or field.keys == "document":
        return _plain(text)
    return tidy_name(text) if field.format == "name" else " ".join(text.split())


def tidy_name(text: str) -> str:
    """One kind of dot, and no blanks except between the words of a name in letters."""
    words = text.translate(_DOTS).split()
    return (" " if all(map(str.isascii, words)) else "").join(words)


def option_code(options: Mapping[str, str], text: str) -> str:
    """The code for an option's words (浙江, also 浙江省), else the text as it is. `options`: words by code."""
    if text in options:
        return text
    for code, words in options.items():
        if text == words or text in {words + suffix for suffix in _SUFFIXES}:
            return code
    return text


def _plain(text: str) -> str:
    """NFKC, upper case, without white space. Twice, because marks that stood behind a blank now stand behind a letter."""
    for _ in range(2):
        text = unicodedata.normalize("NFKC", "".join(unicodedata.normalize("NFKC", text).split()).upper())
    return text


def _tidy_date(text: str) -> str:
    """20300102, 2030/1/2 and 2030年1月2日 as 2030-01-02."""
    match = _TYPED_DATE.fullmatch(text)
    if match is None:
        return text
    month, day = match[2] or match[4], match[3] or match[5]
    return f"{match[1]}-{month:0>2}-{day:0>2}"


def _tidy_phone(text: str) -> str:
    """Without the country's code; a landline with the 0 of its area."""
    digits = re.sub(r"[-‐-―()]", "", _plain(text))
    match = _CHINA_PHONE.fullmatch(digits)
    if match is not None:
        number = match[1]
        return number if len(number) == 11 and number[0] == "1" else f"0{number}"
    return f"00{digits[1:]}" if re.fullmatch(r"\+[1-9].*", digits) else digits


def _is_any_phone(text: str) -> bool:
    return is_mobile(text) or bool(_LANDLINE.fullmatch(text) or _HONG_KONG_MACAO_PHONE.fullmatch(text))


def _is_past_date(text: str, today: dt.date) -> bool:
    day = read_date(text)
    return day is not None and day <= today and day.year >= _OLDEST_YEAR


def _is_future_date(text: str, today: dt.date) -> bool:
    day = read_date(text)
    return day is not None and day > today


_TESTS: Mapping[Format, Callable[[str, dt.date], bool]] = {
    "name": lambda text, _: is_name(text),
    "pinyin": lambda text, _: _PINYIN.fullmatch(text) is not None,
    "mobile": lambda text, _: is_mobile(text),
    "any_phone": lambda text, _: _is_any_phone(text),
    "citizen_id": is_citizen_id,
    "hkid": lambda text, _: is_hkid(text),
    "macao_id": lambda text, _: is_macao_id(text),
    "hkmo_id": lambda text, _: is_hkid(text) or is_macao_id(text),
    "postcode": lambda text, _: _POSTCODE.fullmatch(text) is not None,
    "past_date": _is_past_date,
    "future_date": _is_future_date,
}
