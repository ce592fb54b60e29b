"""`kiosk rulebook`: every rule, limit and legal text of the machine as one document for a hall's lawyers, made from the tables that the
machine itself reads. What stands there is what it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from config.endorsement_tables import FILE, EndorsementTables, load_endorsements
from config.notes import notes_of
from config.tables import Tables, TablesError, load_tables, own_table
from kiosk.domain.endorsement_rule import PermitRule
from kiosk.domain.endorsement_rules_option import OPTION_RULES
from kiosk.domain.endorsement_rules_person import PERSON_RULES
from kiosk.domain.rule import Act, AppliesTo, Rule
from kiosk.domain.rules_fine import FINE_RULES, NEXT, NUMBER_RULES, SAID
from kiosk.domain.rules_person import CARD_RULES, FACE_RULES, LICENCE_RULES
from kiosk.domain.rules_record import RECORD_RULES
from kiosk.domain.rules_set import SET_RULES
from kiosk.domain.rules_vehicle import FILING_RULES, VEHICLE_RULES
from kiosk.verbs import rulebook_law as law
from kiosk.verbs.report import Report
from kiosk.verbs.rulebook_page import Grid, Heading, Part, Text, as_html, as_markdown
from kiosk.verbs.rulebook_tongue import LAWS, Lang, Tongue, blanks
from kiosk.verbs.rulebook_zh import ASKS

ACTS = {
    Act.REFUSE: ("不受理", "no handling"),
    Act.SKIP: ("该条不可选", "record cannot be chosen"),
    Act.WARN: ("提示，可以办理", "told, handling goes on"),
}
SPECIAL = {
    AppliesTo.FILING: ("不能备案", "no filing"),
    AppliesTo.NUMBER: ("不接受这个编号", "number not taken"),
    AppliesTo.FINE: ("不能缴款", "no payment"),
}
OUTCOMES = {"refuse": ("不受理", "no application"), "window": ("到窗口", "to the window")}
NEXTS = {
    "retype": ("重新输入编号", "type another number"),
    "again": ("稍后再查", "ask again"),
    "copy": ("补打凭证", "print the voucher once more"),
    "window": ("到窗口", "to the window"),
}
GROUPS: tuple[tuple[str, str, Sequence[Rule[Any]]], ...] = (
    ("身份证和人脸", "Identity card and face", (*CARD_RULES, *FACE_RULES)),
    ("驾驶证", "Driving licence", LICENCE_RULES),
    ("车辆", "Vehicle", VEHICLE_RULES),
    ("备案非本人车辆", "Filing somebody else's vehicle", FILING_RULES),
    ("每条记录", "Each record", RECORD_RULES),
    ("所选记录合计", "The records chosen together", SET_RULES),
    ("仅缴款：编号", "Paying alone: the number", NUMBER_RULES),
    ("仅缴款：决定", "Paying alone: the decision", FINE_RULES),
)
PERMIT_GROUPS: tuple[tuple[str, str, Sequence[PermitRule[Any]]], ...] = (
    ("申请人和通行证", "Person and permit", PERSON_RULES),
    ("每一种签注", "Each kind of endorsement", OPTION_RULES),
)


class _Asks:
    """The Chinese sentences of rules that share a code are handed out in order."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    def of(self, code: str) -> str:
        at = self._taken[code]
        self._taken[code] += 1
        return ASKS[code][at]


def book(tables: Tables, endorsements: EndorsementTables, notes: str, lang: Lang) -> tuple[Part, ...]:
    """The whole document. `notes` is the text of the rules file, whose comments carry the marks."""
    tongue = Tongue(lang, tables.rules, notes_of(notes))
    say, asks = tongue.say, _Asks()
    parts: list[Part] = [Heading(1, say("一次办规则手册", "OneTrip rule book")), *_preface(tongue)]
    parts.append(Heading(2, say("交通违法处理规则", "Rules of handling traffic violations")))
    parts.append(Text(say(*law.ORDER)))
    for zh, en, rules in GROUPS:
        parts += [Heading(3, say(zh, en)), _rules(tongue, rules, asks)]
    parts += [Heading(3, say("不停止办理的情形", "What stops nothing")), law.passing(tongue)]
    parts += law.chapters(tongue, tables)
    parts.append(Heading(2, say("第二部分：往来港澳台签注规则", "Part two: rules of endorsements")))
    parts.append(Text(say(*law.HELD_BACK)))
    for zh, en, permit_rules in PERMIT_GROUPS:
        parts += [Heading(3, say(zh, en)), _permit_rules(tongue, permit_rules, asks)]
    parts += law.endorsement_limits(tongue, endorsements)
    return tuple(parts)


def _preface(tongue: Tongue) -> Iterable[Part]:
    say = tongue.say
    yield Text(say(*law.PREFACE))
    yield Text(say(*law.MARKS))
    if tongue.lang == "en":
        yield Grid(("Source", "What it is"), tuple(LAWS.items()))


def _head(tongue: Tongue) -> tuple[str, ...]:
    if tongue.lang == "zh":
        return ("编号", "处置", "何时适用", "对群众的提示", "技术员看到的原因", "依据", "设置")
    return ("Code", "What follows", "When (what technicians read)", "What the citizen reads", "Source", "Settings")


def _line(
    tongue: Tongue, ask: str, code: str, act: str, sentence: str, reason: str, rest: tuple[str, ...]
) -> tuple[str, ...]:
    when = (ask, blanks(sentence), reason) if tongue.lang == "zh" else (reason, blanks(sentence))
    return (code, act, *when, *rest)


def _rules(tongue: Tongue, rules: Iterable[Rule[Any]], asks: _Asks) -> Grid:
    rows: list[tuple[str, ...]] = []
    for rule in rules:
        act = tongue.say(*SPECIAL.get(rule.applies_to, ACTS[rule.act]))
        if rule.applies_to is AppliesTo.FINE:
            act += "\n" + tongue.say(*NEXTS[NEXT.get(rule.code, "window")])
        elif rule.alarm:
            act += "\n" + tongue.say("通知工作人员", "staff are called")
        said = ", ".join(sorted(SAID.get(rule.code, ())))
        reason = rule.reason + (f"\n{said}" if said else "")
        settings = "\n".join(tongue.read(key) for key in rule.reads)
        sentence = rule.sentence(_Shown())
        rows.append(_line(tongue, asks.of(rule.code), rule.code, act, sentence, reason, (rule.source, settings)))
    return Grid(_head(tongue), tuple(rows))


def _permit_rules(tongue: Tongue, rules: Iterable[PermitRule[Any]], asks: _Asks) -> Grid:
    rows = [
        _line(
            tongue,
            asks.of(rule.code),
            rule.code,
            tongue.say(*OUTCOMES[rule.outcome]),
            rule.say(_Shown()).refusal.message,
            rule.reason,
            (rule.source,),
        )
        for rule in rules
    ]
    return Grid(_head(tongue)[:-1], tuple(rows))


class _Shown(dict[str, str]):
    """Every blank filled with itself."""

    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


def rulebook(lang: Lang, out: Path | None, directory: Path | None) -> Report:
    """What the command does. Tables that cannot be read, or a file that cannot be written, are a report that is not good."""
    try:
        tables, endorsements = load_tables(directory), load_endorsements(own_table(directory, FILE))
    except TablesError as error:
        return Report({"version": 1, "good": False, "hint": str(error)}, str(error), False)
    parts = book(tables, endorsements, _rules_text(directory), lang)
    if out is None:
        return Report({"version": 1, "good": True, "text": as_markdown(parts)}, as_markdown(parts).rstrip("\n"), True)
    text = as_markdown(parts) if out.suffix.lower() == ".md" else as_html(parts, "zh-CN" if lang == "zh" else "en")
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        hint = f"{out} cannot be written: {error.strerror}"
        return Report({"version": 1, "good": False, "hint": hint}, hint, False)
    return Report({"version": 1, "good": True, "file": str(out)}, f"{out} written.", True)


def _rules_text(directory: Path | None) -> str:
    if (own := own_table(directory, "rules.toml")) is not None:
        return own.read_text("utf-8-sig")
    return resources.files("config").joinpath("rules.toml").read_text("utf-8")
