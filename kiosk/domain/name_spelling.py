"""How one character is spelt in a travel document: the syllable in capitals, and what older documents may have written instead.

ü after L and N is YU (LYU, NYU), but in front of E plain U (LUE, NUE); after J Q X Y it always was U. Source: GB/T 28039-2011, and
the print rule of the passport authority since July 2012; before, V or U was printed.
"""

from __future__ import annotations

import re
import unicodedata

SPELLING = re.compile(r"[A-Z]+")
_UMLAUT = {"LV": "LYU", "NV": "NYU", "LVE": "LUE", "NVE": "NUE", "LVAN": "LYUAN", "LVN": "LYUN"}
_FORMER: dict[str, tuple[str, ...]] = {
    "LYU": ("LV", "LU"),
    "NYU": ("NV", "NU"),
    "LUE": ("LVE", "LYUE"),
    "NUE": ("NVE", "NYUE"),
}


def spelt(syllable: str) -> str:
    """A syllable as pypinyin writes it without tones ('lv', 'lüe', 'xu') as documents print it; '' where no letter is left."""
    upper = syllable.upper().replace("Ü", "V")
    letters = "".join(c for c in unicodedata.normalize("NFKD", upper) if "A" <= c <= "Z")
    if letters[:1] in ("J", "Q", "X", "Y"):
        return letters.replace("V", "U")
    return _UMLAUT.get(letters, letters)


def former_spellings(spelling: str) -> tuple[str, ...]:
    """What documents of before 2012 may have for it: LV or LU for LYU. Empty for most syllables."""
    return _FORMER.get(spelling, ())


def letters_only(text: str) -> str:
    """What is left of a typed or read spelling when only A to Z may stay: capitals, without accents, blanks, fillers and hyphens.

    Ü becomes YU after L and N unless E follows, else U.
    """
    upper = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).upper())
    upper = re.sub(r"(?<=[LN])Ü(?!E)", "YU", upper).replace("Ü", "U")
    return "".join(c for c in unicodedata.normalize("NFKD", upper) if "A" <= c <= "Z")


def readings_of(character: str) -> tuple[str, ...]:
    """Every reading the dictionary has for one character, the commonest first; empty for a character it does not know.

    The dictionary takes a fifth of a second to be opened at its first use.
    """
    from pypinyin import Style, pinyin

    if len(character) != 1 or not is_ideograph(character):
        return ()
    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(dict.fromkeys(filter(None, map(spelt, found[0])))) if found else ()


def phrase_readings(characters: str) -> tuple[str, ...]:
    """The readings of characters that make a word of the dictionary (重阳 CHONG YANG); empty where they do not."""
    from pypinyin import Style, pinyin
    from pypinyin.constants import PHRASES_DICT

    if len(characters) < 2 or characters not in PHRASES_DICT:
        return ()
    found = [spelt(options[0]) for options in pinyin(characters, style=Style.NORMAL)]
    return tuple(found) if len(found) == len(characters) and all(found) else ()


def open_dictionary() -> None:
    """Open the dictionary of readings now: off the event loop, so that the first name does not hold up a page."""
    readings_of("一")


def is_ideograph(character: str) -> bool:
    """A Chinese character of any block, the compatibility blocks and 〇 included; also one for private use, as cards write what no block
    has."""
    code = ord(character)
    private = 0xE000 <= code <= 0xF8FF or 0xF0000 <= code <= 0x10FFFD
    return (
        private or code == 0x3007 or 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x3FFFF
    )


def in_gbk(character: str) -> bool:
    """Whether the chip of a permit can store the character: it codes names in GBK."""
    try:
        character.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True
