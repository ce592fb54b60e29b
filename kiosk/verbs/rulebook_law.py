"""The chapters of the rule book that are not rules: points, days, codes, legal texts, objections, settings."""

from __future__ import annotations

from collections.abc import Iterable

from config.endorsement_tables import EndorsementTables
from config.tables import Tables
from kiosk.domain.calendar import DAYS_TO_PAY
from kiosk.domain.duties import DUTIES
from kiosk.domain.money import SURCHARGE_PERCENT_PER_DAY
from kiosk.domain.points import FULL_POINTS
from kiosk.domain.points_lists import ITEMS, LISTS_FROM
from kiosk.domain.rules_person import DRIVING_AGE
from kiosk.domain.rules_record import SIMPLE_PROCEDURE_FEN
from kiosk.domain.speeding import speeding_points
from kiosk.verbs.rulebook_page import Grid, Heading, Part, Text
from kiosk.verbs.rulebook_tongue import Tongue
from kiosk.verbs.rulebook_zh import SETTINGS

PREFACE = (
    "本手册由程序根据本机实际使用的规则表生成：手册上写的，就是本机执行的。缴纳已经作出的决定，不受处理规则的限制。",
    "This document is made by the program from the tables the machine itself reads: what stands here is what it does. Paying a decision "
    "that exists stays open whatever the rules of handling say. Citizens' sentences stand in Chinese, as they are shown; 〔…〕 is a blank.",
)
MARKS = (
    "设置的可靠程度：H 两个独立来源，M 一个来源或者通行做法，L 需要由本厅确认。法律规定的数值写在程序里，不能设置。",
    "How sure a setting is: H two independent sources, M one source or well-established practice, L to be confirmed by the hall. What a "
    "law fixes stands in the program and cannot be set.",
)
ORDER = (
    "按顺序询问：人、车、每条记录、所选合计。同一编号有几行的，情形不同。",
    "Asked in this order: the person, the vehicle, each record, what was chosen together. A code with several rows has several cases.",
)
HELD_BACK = (
    "EE11、EE12、EE17 对外显示相同的文字和编号，屏幕和纸上都不能区分。",
    "EE11, EE12 and EE17 show the same words and the same code: neither screen nor paper tells them apart.",
)
_PASSING: tuple[tuple[str, str, str, str], ...] = (
    (
        "W08",
        "省内和省外的违法都可以处理，决定由违法行为发生地的机关作出",
        "records of any place, decided by its authority",
        "公安部令105 第5条",
    ),
    (
        "S4",
        "法律允许一次处理完同一辆车的记录，即使超过 12 分；那要扣留驾驶证，所以只在窗口办理，本机按更严的 W05",
        "the law lets one vehicle's records be finished beyond 12 points; that holds the licence, so the window does it; W05 is stricter",
        "公安部令163 第14条、第17条",
    ),
)
_DAYS: tuple[tuple[str, str, str], ...] = (
    (
        "异议由违法行为发生地审查：5 个工作日",
        "objection looked at by the place of the offence: 5 working days",
        "公安部令105 第5条、第81条",
    ),
    ("异议成立后消除记录：3 个工作日", "record removed once verified: 3 working days", "公安部令105 第22条、第81条"),
    (
        "接到通知后前来处理：30 日，可申请延期不超过 3 个月",
        "to come after notice: 30 days, extension up to 3 months",
        "公安部令105 第20条、第53条",
    ),
    (
        "简易程序决定报所属机关备案：2 个工作日",
        "simple-procedure decision filed with the unit: 2 working days",
        "公安部令105 第44条",
    ),
    (
        "行政复议：收到之日起 60 日内，当场作出的决定应当先复议",
        "review: 60 days, and before any lawsuit for a decision on the spot",
        "行政复议法 第20条、第23条",
    ),
    ("行政诉讼：收到复议决定之日起 15 日内", "lawsuit: 15 days after the review decision", "行政诉讼法 第45条"),
    (
        "复议、诉讼期间不停止执行，加处罚款不计算",
        "review and lawsuit do not stop execution; no surcharge accrues meanwhile",
        "行政处罚法 第73条",
    ),
)


def passing(tongue: Tongue) -> Grid:
    """What the rules leave alone, so that nobody looks for it in vain."""
    say, licence = tongue.say, tongue.rules.licence
    free = [f"{letter} {row.name}" for letter, row in licence.status.items() if not row.blocks]
    first = ("E11", say("驾驶证状态：", "licence status: ") + "、".join(free), "自助处理平台业务规则")
    rest = [(code, say(zh, en), source) for code, zh, en, source in _PASSING]
    return Grid((say("编号", "Code"), say("情形", "What"), say("依据", "Source")), (first, *rest))


def chapters(tongue: Tongue, tables: Tables) -> Iterable[Part]:
    say = tongue.say
    yield Heading(2, say("告知、权利和文书", "Duties and rights"))
    titles = (
        say("编号", "Id"),
        say("要求", "Duty"),
        say("依据", "Source"),
        say("群众在哪里看到", "Where the citizen meets it"),
    )
    yield Grid(
        titles,
        tuple(
            (each.id, say(each.title, each.title_en), each.articles, say(each.where, each.where_en)) for each in DUTIES
        ),
    )
    yield Heading(2, say("记分", "Points"))
    yield from _points(tongue)
    yield Heading(2, say("法律规定的数值和期限", "Numbers and days fixed by law"))
    yield _fixed(tongue)
    yield Heading(2, say("节假日", "Public holidays"))
    yield from _holidays(tongue, tables)
    yield Heading(2, say("违法代码", "Violation codes"))
    yield Text(
        say(
            "平台给出的行为、罚款和记分为准。本表只用于核对和提醒工作人员，不改变任何数字。",
            "The platform's act, fine and points count. This table only lets staff be told of what does not fit; it changes no number.",
        )
    )
    yield _codes(tongue, tables)
    yield Heading(2, say("法律文书文本", "Legal texts"))
    yield _texts(tongue, tables)
    yield Heading(2, say("法条的通俗说明", "The law in plain words"))
    yield Text(
        say(
            "没有法律效力，原文显示在下面。由本厅法制部门审核。",
            "Without legal effect: the original is shown beneath. To be reviewed by the hall's legal owner.",
        )
    )
    yield _plain_words(tongue, tables)
    yield Heading(2, say("异议理由", "Reasons of an objection"))
    rows = tuple((reason.id, reason.label, reason.bring or "–") for reason in tables.legal.objection)
    yield Grid(
        (
            say("代号", "Id"),
            say("理由（公安部令105 第22条）", "Reason (公安部令105 第22条)"),
            say("请带", "What to bring"),
        ),
        rows,
    )
    yield Heading(2, say("设置", "Settings"))
    yield Text(
        say("文件：rules.toml。厅里可以用自己的文件替换。", "File: rules.toml. A hall may replace it with its own.")
    )
    yield _settings(tongue)


def _points(tongue: Tongue) -> Iterable[Part]:
    say = tongue.say
    yield Text(
        say(
            f"公安部令163，{LISTS_FROM} 起施行。作出决定时记分，记入决定当天所在的周期；周期从初次领证日起每 12 个月一个，"
            f"满分 {FULL_POINTS} 分。"
            "没有列出的不记分，没有 2 分这一档；警告不记分（第28条）。"
            "以前的违法现在处理的，按新旧规定中较轻的核对（行政处罚法 第37条，M）。",
            f"Order 163, in force {LISTS_FROM}. Points are booked with the decision, in the cycle of its day; a cycle is twelve months "
            f"from the day of first issue; full at {FULL_POINTS}. What is not listed takes none; there is no class of two; a warning takes "
            "none (Art. 28). An earlier offence decided now is checked against the milder of old and new list (行政处罚法 第37条, M).",
        )
    )
    rows = tuple((str(item.points), say(item.act, item.english), item.source) for item in ITEMS)
    yield Grid((say("分", "Points"), say("行为（摘要）", "Act (in short)"), say("依据", "Source")), rows)
    bands = ("<10%", "10–<20%", "20–<50%", "≥50%")
    yield Heading(3, say("超速", "Speeding"))
    yield Grid((say("车辆、道路", "Vehicle, road"), *bands), tuple(_speeding(tongue)))


def _speeding(tongue: Tongue) -> Iterable[tuple[str, ...]]:
    groups = {True: ("校车、中型以上客货车、危险品车", "heavy group"), False: ("其他机动车", "all others")}
    roads = {True: ("高速公路、城市快速路", "motorway, expressway"), False: ("其他道路", "elsewhere")}
    for heavy, who in groups.items():
        for express, where in roads.items():
            cells = (
                str(speeding_points(speed, 100, heavy=heavy, expressway=express)) for speed in (105, 110, 120, 150)
            )
            yield (tongue.say(f"{who[0]}，{where[0]}", f"{who[1]}, {where[1]}"), *cells)


def _fixed(tongue: Tongue) -> Grid:
    say, rate = tongue.say, SURCHARGE_PERCENT_PER_DAY
    yuan = SIMPLE_PROCEDURE_FEN // 100
    rows = (
        (
            say(
                f"简易程序：警告或者 {yuan} 元以下罚款（含本数）",
                f"simple procedure: a warning, or {yuan} yuan or less",
            ),
            "行政处罚法 第51条；公安部令105 第43条",
        ),
        (say(f"满分：{FULL_POINTS} 分", f"full points: {FULL_POINTS}"), "公安部令163 第3条"),
        (say(f"办理年龄：{DRIVING_AGE} 周岁", f"age: {DRIVING_AGE}"), "公安部令162 第14条"),
        (
            say(
                f"缴款期限：收到之日起 {DAYS_TO_PAY} 个自然日，当天不算，最后一日是节假日的顺延",
                f"to pay: {DAYS_TO_PAY} calendar days, the day of receipt not counted, a last day that is a holiday moves on",
            ),
            "道路交通安全法 第108条；行政处罚法 第67条；公安机关办理行政案件程序规定 第35条",
        ),
        (
            say(
                f"加处罚款：每日 {rate}%，不超过罚款本数，以平台的数为准",
                f"surcharge: {rate} % a day, never above the fine; the platform's figure counts",
            ),
            "行政处罚法 第72条；公安部令105 第60条",
        ),
        *((say(zh, en), source) for zh, en, source in _DAYS),
    )
    return Grid((say("内容", "What"), say("依据", "Source")), rows)


def _holidays(tongue: Tongue, tables: Tables) -> Iterable[Part]:
    say = tongue.say
    yield Text(
        say(
            "没有列出的年份不推测：只算周末，并注明日期不确定。",
            "A year that is not here is not guessed: only its weekends count, and the date is called uncertain.",
        )
    )
    rows = tuple(
        (
            str(year.year),
            year.confidence,
            "\n".join(f"{block.name} {block.first} – {block.last}" for block in year.off),
            ", ".join(map(str, year.work)) or "–",
        )
        for year in tables.holidays.year
    )
    yield Grid(
        (say("年", "Year"), say("可靠程度", "Mark"), say("放假", "Off"), say("调休上班", "Worked in exchange")), rows
    )


def _codes(tongue: Tongue, tables: Tables) -> Grid:
    say = tongue.say
    rows = tuple(
        (
            row.code,
            row.province,
            str(row.valid_from),
            row.act,
            f"{row.points} [{row.points_mark}]",
            row.item or "–",
            "–" if row.points_before is None else str(row.points_before),
            row.code_mark,
        )
        for row in tables.codes.violation
    )
    head = (say("代码", "Code"), say("省", "Province"), say("起", "From"), say("行为", "Act"), say("记分", "Points"))
    return Grid(
        (
            *head,
            say("条项", "Item"),
            say("2022-04-01 前", "Before 2022-04-01"),
            say("代码可靠程度", "Mark of the code"),
        ),
        rows,
    )


def _texts(tongue: Tongue, tables: Tables) -> Grid:
    say = tongue.say
    rows = tuple(
        (
            text.id,
            f"{text.version}\n{text.valid_from}",
            text.reviewed_by or say("未审核", "not reviewed"),
            "\n".join(text.paragraphs),
            text.source,
        )
        for text in tables.legal.text
    )
    head = (say("代号", "Id"), say("版本、起用日", "Version, in force from"), say("审核", "Reviewed by"))
    return Grid((*head, say("文本", "Text"), say("依据", "Source")), rows)


def _plain_words(tongue: Tongue, tables: Tables) -> Grid:
    say = tongue.say
    rows: list[tuple[str, ...]] = [
        (f"{row.law} {row.article}", row.text, row.mark, row.reviewed_by or say("未审核", "not reviewed"))
        for row in tables.plain.plain
    ]
    offered = say("陈述申辩的备选语句", "offered to whoever wants to state something")
    rows += [(offered, sentence.text, "–", "–") for sentence in tables.plain.statement]
    return Grid(
        (say("法条", "Article"), say("文字", "Words"), say("可靠程度", "Mark"), say("审核", "Reviewed by")), tuple(rows)
    )


def _settings(tongue: Tongue) -> Grid:
    say = tongue.say
    rows = []
    for key, value in tongue.rules.values():
        note = tongue.notes.get(key)
        meaning = SETTINGS[key] if tongue.lang == "zh" else (note.text if note is not None else "")
        rows.append((key, tongue.value(value), tongue.marks(key), meaning))
    return Grid((say("名称", "Name"), say("值", "Value"), say("可靠程度", "Mark"), say("含义", "Meaning")), tuple(rows))


def endorsement_limits(tongue: Tongue, tables: EndorsementTables) -> Iterable[Part]:
    limits, say = tables.limits, tongue.say
    rows = tuple((f"limits.{name}", tongue.value(getattr(limits, name))) for name in type(limits).model_fields)
    yield Heading(3, say("签注的设置（endorsements.toml）", "Settings of endorsements (endorsements.toml)"))
    yield Grid((say("名称", "Name"), say("值", "Value")), rows)
