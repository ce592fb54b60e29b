"""Sentences with legal effect, made by filling the hall's templates (`legal.toml`). Nothing is worded here but facts and amounts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from config.tables import BLANK, Legal, LegalText, ObjectionReason
from config.zone import SHANGHAI
from kiosk.domain.money import format_yuan, spell_out
from kiosk.domain.plate import display_plate, plate_type_name
from kiosk.domain.violation import ViolationRecord


class BlankMissing(KeyError):
    """A template has a blank for which no words were given; printing it would leave a hole in a legal text."""


@dataclass(frozen=True, slots=True)
class NoticeText:
    """What is told before a decision (行政处罚法 第44条, 公安部令163 第13条), ready for a screen."""

    headline: str
    rows: tuple[tuple[str, str], ...] = field(repr=False)
    """Label and value, in the order of the screen."""
    full_text: tuple[str, ...] = field(repr=False)
    waiver: str
    signing: str


def fill(text: LegalText, **words: str) -> tuple[str, ...]:
    """The paragraphs with their blanks filled. Words are taken as they are: braces in them are no blanks. Raises BlankMissing."""

    def word(name: str) -> str:
        if name not in words:
            raise BlankMissing(f"{text.id} {text.version}: {name}")
        return words[name]

    return tuple(BLANK.sub(lambda match: word(match[1]), paragraph) for paragraph in text.paragraphs)


def paragraphs(legal: Legal, text_id: str, day: dt.date, **words: str) -> tuple[str, ...]:
    """The wording in force on a day, filled. Raises KeyError where none is in force, BlankMissing."""
    return fill(legal.in_force(text_id, day), **words)


def penalty_notice(
    record: ViolationRecord, legal: Legal, day: dt.date, deadline: dt.date | None, index: int = 1, count: int = 1
) -> NoticeText:
    """The notice for one record, the `index`-th (from 1) of `count`. `deadline` previews the last day to pay, None for a warning."""
    rights = paragraphs(legal, "notice_rights", day)
    after = remedies(record.authority_code, legal, day)
    basis = punishment_basis(record, legal)
    told = paragraphs(
        legal,
        "penalty_notice",
        day,
        facts=fact_sentence(record),
        provisions=record.provisions,
        basis=basis,
        penalty=penalty_words(record.penalty, record.fine_fen),
        points=points_words(record.points),
    )
    return NoticeText(
        headline=f"行政处罚告知（第 {index} 条，共 {count} 条）" if count > 1 else "行政处罚告知",
        rows=(
            ("违法行为", f"{record.act}（代码 {record.code}）"),
            ("时间地点", f"{written_time(record.at)}，{record.place}"),
            ("违反规定", record.provisions),
            ("处罚依据", basis),
            ("拟作处罚", penalty_words(record.penalty, record.fine_fen)),
            (
                "拟记分",
                f"{record.points} 分" if record.points else "不记分",
            ),
            ("您的权利", rights[0]),
            ("后续救济", after[0]),
        ),
        full_text=(*told, *rights, *payment_terms(legal, day, deadline), *after),
        waiver="".join(paragraphs(legal, "waiver", day)),
        signing="".join(paragraphs(legal, "signing", day)),
    )


def fact_sentence(record: ViolationRecord) -> str:
    """Time to the minute, place, vehicle, act, code, and measured value against the limit where there is one."""
    car = f"{display_plate(record.plate)}{plate_type_name(record.plate_type)}"
    measured = ""
    if record.measured and record.limit:
        measured = f"，标准值 {record.limit}，实测值 {record.measured}"
    elif record.measured:
        measured = f"，实测值 {record.measured}"
    return f"{written_time(record.at)}，在{record.place}，驾驶{car}，{record.act}（代码 {record.code}）{measured}。"


def punishment_basis(record: ViolationRecord, legal: Legal) -> str:
    """The platform's basis (fltw) and, unless it is named there, the article on camera records."""
    if not legal.camera_basis or "一百一十四条" in record.basis or "114条" in record.basis.replace(" ", ""):
        return record.basis
    return f"{record.basis}、{legal.camera_basis}" if record.basis else legal.camera_basis


def penalty_words(penalty: str, fine_fen: int) -> str:
    """罚款 150 元（人民币壹佰伍拾元整）; 警告 for a warning, which is also what a fine of nothing is."""
    if penalty == "warning" or fine_fen == 0:
        return "警告"
    return f"罚款 {format_yuan(fine_fen)}（{spell_out(fine_fen)}）"


def points_words(points: int) -> str:
    return f"本次违法行为记 {points} 分。" if points else "本次违法行为不记分。"


def payment_terms(legal: Legal, day: dt.date, deadline: dt.date | None) -> tuple[str, ...]:
    """15 days, 3 % a day, the cap; nothing where there is no fine."""
    if deadline is None:
        return ()
    return paragraphs(legal, "payment_terms", day, deadline=written_date(deadline))


def remedies(authority_code: str, legal: Legal, day: dt.date) -> tuple[str, ...]:
    """Review and lawsuit as the law stands on the day of the decision, with the organs competent for its authority.

    Since 2024-01-01 review comes first for a decision made on the spot (行政复议法 2023 第23条第1款).
    """
    review_organ, court = legal.organs.of(authority_code)
    text = legal.in_force("remedies", day)
    return fill(text, review_organ=review_organ, court=court)


def objection_reason(legal: Legal, reason_id: str) -> ObjectionReason:
    """One of the reasons of 公安部令105 第22条. Raises KeyError."""
    for reason in legal.objection:
        if reason.id == reason_id:
            return reason
    raise KeyError(f"no objection reason {reason_id!r}")


def written_date(day: dt.date) -> str:
    """2026年3月2日"""
    return f"{day.year}年{day.month}月{day.day}日"


def written_time(at: dt.datetime) -> str:
    """2026年3月2日17时46分, China time. Raises ValueError for a time without zone."""
    if at.tzinfo is None:
        raise ValueError("a time without zone")
    at = at.astimezone(SHANGHAI)
    return f"{written_date(at.date())}{at.hour}时{at.minute:02d}分"
