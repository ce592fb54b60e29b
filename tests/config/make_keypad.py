"""`python -m tests.config.make_keypad` writes config/keypad.toml: every syllable with its characters, and the words.

Order of the characters of one syllable: a score of
  - the best place in the own lists of keypad_words.toml (everyday, names, places) and among the surnames of names.toml,
  - how many words of pypinyin's phrase dictionary (MIT licence) have the character with this reading, logarithmic,
  - whether GB 2312 has it in its first level, which was itself chosen by frequency.
Which readings a character is listed under: the dictionary's first one, those that the phrases really use, and those that
names.toml gives it.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from pathlib import Path

from pypinyin import Style, pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

from config.area_tables import load_areas
from config.name_tables import load_names

CONFIG = Path(__file__).parents[2] / "config"
FILE = CONFIG / "keypad.toml"
HEAD = """\
# Made by `python -m tests.config.make_keypad` out of keypad_words.toml, names.toml, areas.toml and pypinyin {version}; not edited by hand.
# Characters are those of GB 2312 and the rare ones of names.toml. Order, from often to seldom written: own lists of common
# characters first, then by how many words of pypinyin's phrase dictionary (MIT licence) have the character with that reading.
# v is ü. `order` is the order over all syllables, for syllables that are not typed to the end.
"""


def level(first: int, last: int) -> list[str]:
    """The characters of rows of GB 2312: 16 to 55 are the first level, 56 to 87 the second."""
    cells = (bytes((row + 0xA0, cell)) for row in range(first, last + 1) for cell in range(0xA1, 0xFF))
    return [text for text in (cell.decode("gb2312", "ignore") for cell in cells) if text]


def plain(syllable: str) -> str:
    """Without tone, ü as v; '' for the readings m, n, ng, hm and ê, which are not syllables of their own on a keypad."""
    found: str = to_normal(syllable, v_to_u=False)
    return found if found.isascii() and set(found) & set("aeiouv") else ""


def keyed(spelling: str) -> str:
    """LYU as the keypad types it: lv."""
    return {"LYU": "lv", "NYU": "nv", "LUE": "lve", "NUE": "nve"}.get(spelling, spelling.lower())


def places_in(text: str) -> dict[str, float]:
    """1 for the first character, towards 0 for the last."""
    characters = list(dict.fromkeys("".join(text.split())))
    return {character: 1 - place / len(characters) for place, character in enumerate(characters)}


def characters() -> tuple[dict[str, list[str]], list[str]]:
    """The characters of each syllable, and all in one order."""
    own = tomllib.loads((CONFIG / "keypad_words.toml").read_text("utf-8"))
    names = load_names()
    singles = "".join(  # in the order of the file, which is that of frequency
        tomllib.loads((CONFIG / "names.toml").read_text("utf-8"))["surnames"]["single"]
    )
    lists = [
        (110, 40, places_in(own["everyday"])),
        (75, 30, places_in(own["names"])),
        (85, 30, places_in(own["places"])),
    ]
    surname_places = places_in(singles)
    common = set(level(16, 55))
    used: Counter[tuple[str, str]] = Counter()
    total: Counter[str] = Counter()
    for word, readings in PHRASES_DICT.items():
        for character, options in zip(word, readings, strict=False):
            used[character, plain(options[0])] += 1
            total[character] += 1
    scores: dict[str, dict[str, float]] = {}
    listed = (character for _, _, found in lists for character in found)
    for character in dict.fromkeys((*level(16, 55), *level(56, 87), *names.rare, *singles, *listed)):
        known = [s for s in dict.fromkeys(map(plain, PINYIN_DICT[ord(character)].split(","))) if s] or ["en"]  # 嗯
        as_surname = [keyed(s) for s in names.surname.get(character, ())]
        as_given = [keyed(s) for s in names.given.get(character, ())]
        real = [s for s in known if used[character, s] >= 2 and used[character, s] * 50 >= total[character]]
        best = max((low + (high - low) * lst[character] for high, low, lst in lists if character in lst), default=0.0)
        for syllable in dict.fromkeys((*known[:1], *real, *as_surname, *as_given)):
            share = used[character, syllable] / total[character] if total[character] else float(syllable == known[0])
            score = best * share + 8 * math.log2(1 + used[character, syllable]) + (15 if character in common else 0)
            if character in surname_places and syllable == (as_surname or known)[0]:
                score = max(score, 25 + 65 * surname_places[character] + 4 * math.log2(1 + used[character, syllable]))
            scores.setdefault(syllable, {})[character] = score
    table = {syllable: sorted(found, key=lambda c: (-found[c], ord(c))) for syllable, found in sorted(scores.items())}
    top: dict[str, float] = {}
    for found in scores.values():
        for character, score in found.items():
            top[character] = max(score, top.get(character, 0.0))
    return table, sorted(top, key=lambda c: (-top[c], ord(c)))


def words() -> list[tuple[str, str]]:
    """Words and their syllables, own words first, then surnames of several characters, then places."""
    own = tomllib.loads((CONFIG / "keypad_words.toml").read_text("utf-8"))
    found: dict[str, str] = {}
    for text in own["words"].values():
        for word in text.split():
            found.setdefault(word, read(word, own["readings"]))
    for surname, readings in load_names().compound.items():
        found.setdefault(surname, " ".join(map(keyed, readings)))
    areas = load_areas()
    for area in sorted(areas.areas.values(), key=lambda a: (not a.code.startswith("33"), len(a.code), a.code)):
        short = areas.short_name(area.code) if len(area.code) == 2 else bare(area.name)
        for name in (short, area.name):
            found.setdefault(name, read(name, own["readings"]))
    return [(word, syllables) for word, syllables in found.items() if len(word) > 1]


def bare(name: str) -> str:
    """海曙 for 海曙区; the whole where one character would be left, or the kind of area is more than one character."""
    kept = name.endswith(("自治县", "地区", "林区", "新区")) or len(name) == 2 or name[-1] not in "市区县盟"
    return name if kept else name[:-1]


def read(word: str, known: dict[str, str]) -> str:
    """Syllables of a word; those of a known beginning are taken as written."""
    begin = max((key for key in known if word.startswith(key)), key=len, default="")
    rest = [plain(options[0]) for options in pinyin(word[len(begin) :], style=Style.TONE)]
    return " ".join([*known.get(begin, "").split(), *rest])


def content() -> str:
    from importlib.metadata import version

    table, order = characters()
    lines = [HEAD.format(version=version("pypinyin")), f"order = '{''.join(order)}'\n", "[syllables]"]
    lines += [f"{syllable} = '{''.join(found)}'" for syllable, found in table.items()]
    lines += ["", "[words]", "list = '''", *(f"{word} {syllables}" for word, syllables in words()), "'''", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    FILE.write_text(content(), "utf-8")
