"""Samples of C19 for the name: where it divides, how it is spelt. Fictional people."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from config.name_tables import NameTables, load_names
from kiosk.domain.names import choose, retype, romanise, split_at, split_name
from kiosk.screens.base import Progress
from kiosk.screens.form import SpellName, SplitName
from ui.pages.base import PageWidget
from ui.samples import Sample

_STEPS = Progress(("刷身份证", "补充信息", "照片", "核对", "打印"), 1)
LONGEST = "阿布都热依木·买买提明·吾斯曼·艾合买提江·吐尔逊江"
"""Four dots, 22 characters."""
WITHOUT_DOTS = "阿卜杜热西提买买提吐逊艾合买提江吾布力卡斯木托合提"
RARE = "𬎆𫖯𠮷𣗋"


@cache
def tables() -> NameTables:
    return load_names()


def split(name: str, length: int | None = None) -> SplitName:
    """As the journey asks it."""
    parts = split_name(name, tables())
    return SplitName(name, len(parts.surname) if length is None else length, parts.certain)


def spell(name: str, length: int, old: str | None = None, trouble: str = "") -> SpellName:
    """A name spelt by the shipped tables; `old` is what an older document says."""
    parts = split_at(name, length)
    return SpellName(parts.surname, parts.given, romanise(parts, tables(), old), trouble)


def _open_keys(page: PageWidget[Any]) -> None:
    page._open_keys()  # type: ignore[attr-defined]


def _chosen(screen: SpellName) -> SpellName:
    return replace(screen, spelt=choose(screen.spelt, "surname", 0, "LE"))


def _typed(screen: SpellName, surname: str, given: str) -> SpellName:
    return replace(screen, spelt=retype(screen.spelt, surname, given))


_UNSETTLED = "有的字有几种读音，请先选一种。"
_MANY = "单行曾重乐长"

SAMPLES: dict[str, Sample] = {
    "c19_split": Sample(split("欧阳娜娜"), _STEPS),
    "c19_split_sure": Sample(split("吕小明"), _STEPS),
    "c19_split_two": Sample(split("吕明"), _STEPS),
    "c19_split_three": Sample(split("长孙明", 1), _STEPS),
    "c19_split_five": Sample(split("欧阳上官明"), _STEPS),
    "c19_split_third": Sample(split("爱新觉罗明"), _STEPS),
    "c19_split_one": Sample(split("明"), _STEPS),
    "c19_split_whole": Sample(split("扎西次仁", 4), _STEPS),
    "c19_split_rare": Sample(split(RARE), _STEPS),
    "c19_split_dot": Sample(split("买买提·吐尔逊"), _STEPS),
    "c19_split_longest": Sample(split(LONGEST), _STEPS),
    "c19_split_no_dots": Sample(split(WITHOUT_DOTS), _STEPS),
    "c19_split_latin": Sample(split("JOHN SMITH"), _STEPS),
    "c19_spell": Sample(spell("吕小明", 1), _STEPS),
    "c19_spell_readings": Sample(spell("乐重阳", 1), _STEPS),
    "c19_spell_unsettled": Sample(spell("乐重", 1, trouble=_UNSETTLED), _STEPS),
    "c19_spell_chosen": Sample(_chosen(spell("乐重", 1)), _STEPS),
    "c19_spell_many": Sample(spell(_MANY, 1), _STEPS),
    "c19_spell_many_last": Sample(spell(_MANY, 1), _STEPS, act=lambda page: page.on_next()),
    "c19_spell_compound": Sample(spell("诸葛庄双创", 2), _STEPS),
    "c19_spell_document": Sample(spell("吕小明", 1, "LV<<XIAOMING"), _STEPS),
    "c19_spell_differs": Sample(spell("吕小明", 1, "LUI<<SIOMING"), _STEPS),
    "c19_spell_unreadable": Sample(spell("吕小明", 1, "??"), _STEPS),
    "c19_spell_typed": Sample(_typed(spell("吕小明", 1), "LYU", "XIAO MIN"), _STEPS),
    "c19_spell_empty": Sample(_typed(spell("吕小明", 1, trouble="拼音不能空着，请填写或重新选读音。"), "", ""), _STEPS),
    "c19_spell_one": Sample(spell("扎西", 2), _STEPS),
    "c19_spell_rare": Sample(spell(RARE, 1), _STEPS),
    "c19_spell_dot": Sample(spell("买买提·吐尔逊", 3), _STEPS),
    "c19_spell_longest": Sample(spell(LONGEST, 6), _STEPS),
    "c19_spell_longest_typed": Sample(_typed(spell(LONGEST, 6), "ABDUREHIM" * 4, "MEMETTURSUN" * 3), _STEPS),
    "c19_spell_no_dots": Sample(spell(WITHOUT_DOTS, 25), _STEPS),
    "c19_spell_keys": Sample(spell("吕小明", 1), _STEPS, act=_open_keys),
    "c19_spell_keys_one": Sample(spell("扎西", 2), _STEPS, act=_open_keys),
    "c19_spell_keys_longest": Sample(
        _typed(spell(LONGEST, 6), "ABDUREHIM" * 4, "MEMETTURSUN" * 3), _STEPS, act=_open_keys
    ),
}
