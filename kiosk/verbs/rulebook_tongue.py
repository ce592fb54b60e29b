"""The two languages of the rule book, and how it writes settings and sentences with blanks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from config.notes import Note
from config.rule_tables import Rules

Lang = Literal["zh", "en"]
SHORT = 48
LAWS: Mapping[str, str] = {
    "道路交通安全法": "Road Traffic Safety Law (2021)",
    "行政处罚法": "Administrative Penalty Law (2021)",
    "行政复议法": "Administrative Review Law (2023, in force 2024-01-01)",
    "行政诉讼法": "Administrative Litigation Law (2017)",
    "行政强制法": "Administrative Coercion Law (2011)",
    "居民身份证法": "Resident Identity Card Law",
    "公安部令105": "Ministry of Public Security order 105, as amended by 157: procedure for road traffic offences",
    "公安部令162": "order 162 (2021): driving licences",
    "公安部令163": "order 163 (in force 2022-04-01): points",
    "公安部令164": "order 164 (2021): registration of motor vehicles",
    "公安机关办理行政案件程序规定": "procedure of the police in administrative cases",
    "GB 11643": "identity numbers",
    "GA 24.7": "codes of plate types",
    "自助处理平台业务规则": "business rules of the national self-service platform, no law",
    "银行代收交通罚款结果码": "result codes of banks that collect traffic fines",
    "本厅设置": "the hall's own setting",
}


@dataclass(frozen=True, slots=True)
class Tongue:
    lang: Lang
    rules: Rules
    notes: Mapping[str, Note]
    """Of `rules.toml`."""

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def value(self, value: object) -> str:
        """A setting as it is written in the table file, more or less."""
        match value:
            case bool():
                return self.say("是" if value else "否", "yes" if value else "no")
            case frozenset():
                return ", ".join(sorted(map(str, value))) or "–"
            case tuple() if value and isinstance(value[0], BaseModel):
                return "\n".join(self.row(row) for row in value)
            case tuple():
                return ", ".join(map(str, value)) or "–"
            case dict():
                return "\n".join(f"{key}: {self.row(row)}" for key, row in value.items())
            case _:
                return str(value)

    def row(self, row: BaseModel) -> str:
        shown = ((name, getattr(row, name)) for name in type(row).model_fields)
        return "; ".join(
            f"{name} {self.value(value)}" for name, value in shown if value not in ((), frozenset(), "", None)
        )

    def marks(self, key: str) -> str:
        note = self.notes.get(key)
        return note.marks if note is not None else ""

    def read(self, key: str) -> str:
        """A setting beside the rule that reads it: its value where it is short, else the chapter with all of it."""
        section, _, name = key.partition(".")
        value = self.value(getattr(getattr(self.rules, section), name))
        shown = (
            f" = {value}" if len(value) <= SHORT and "\n" not in value else self.say("（见设置）", " (see Settings)")
        )
        return f"{key}{shown} [{self.marks(key)}]"


def blanks(sentence: str) -> str:
    """A sentence with its blanks shown as such."""
    return re.sub(r"\{[a-z_]+\}", "〔…〕", sentence)
