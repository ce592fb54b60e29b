"""C03 of the form service, and the form filled by the card."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping

from config.form_tables import CardName, Form
from kiosk.domain.errors import Refusal
from kiosk.domain.forms.answers import is_locked
from kiosk.domain.forms.fill import fill_from_card
from kiosk.domain.forms.naming import TableNames
from kiosk.domain.forms.record import Record
from kiosk.domain.forms.validate import Problem, blocking, validate
from kiosk.domain.identity import CardKind, IdCard, card_expired, normalise_id_number
from kiosk.domain.name_spelling import open_dictionary
from kiosk.domain.names import romanise, split_name
from kiosk.journeys.consent import Face, ask_consent
from kiosk.journeys.form.naming import name_questions
from kiosk.journeys.form.submit import take_back
from kiosk.journeys.form.visit import Visit
from kiosk.journeys.kit import Kit, applications_of, refuse

FOR_THE_FORM = Face(
    "form_photo_consent",
    "我同意本机拍摄证件照片，只用于这份申请，本机办完即清除。",
    "不勾选这一项也能办，照片用相片回执，或者带到窗口。",
)
CARD_NAMES: Mapping[CardKind, CardName] = {
    CardKind.RESIDENT: "resident",
    CardKind.HMT_RESIDENT: "hmt_resident",
    CardKind.FOREIGNER_2017: "foreigner",
    CardKind.FOREIGNER_2023: "foreigner",
}
"""As a form's `cards` calls them."""
CALLED: Mapping[CardName, str] = {
    "resident": "居民身份证",
    "hmt_resident": "港澳台居民居住证",
    "foreigner": "外国人永久居留身份证",
}


async def start(visit: Visit, kit: Kit) -> Visit:
    made = applications_of(kit)
    form = made.form
    # The first name of the day would wait for the dictionary of readings: it is opened while this page is read.
    opening = asyncio.ensure_future(asyncio.to_thread(open_dictionary))
    try:
        visit = await ask_consent(
            visit,
            kit,
            title=form.short_title or form.title,
            bring=f"本人{'或'.join(CALLED[card] for card in form.cards)}",
            duration="约 4 分钟",
            cost="填表、拍照、打印都不收费" if form.takes_photo else "填表、打印都不收费",
            terms="form_terms",
            face=FOR_THE_FORM if made.studio is not None and form.takes_photo else None,
        )
    finally:
        await opening
    visit.kept.photo_agreed = visit.face_consent
    return visit


async def begin(visit: Visit, kit: Kit) -> Visit:
    """Everything the card says and what follows from it. A card that is read again begins the form again only for somebody else.

    Raises Ended for a card that cannot fill this form to its end; nobody shall find that out on the last page.
    """
    made, kept, card = applications_of(kit), visit.kept, visit.holder
    today = kit.clock.now().date()
    refusal = refusal_of_card(made.form, card, today, kit.settings.kiosk.window)
    if refusal is not None:
        raise await refuse(kit, refusal)
    if kept.record is not None and kept.record.text(made.id_key) == normalise_id_number(card.number):
        return visit
    record = fill_from_card(made.form, card, made.codes, TableNames(made.names), today)
    lost = beyond_the_citizen(made.form, record, today)
    if lost:
        labels = "、".join(dict.fromkeys(made.form.field_of(problem.key).label for problem in lost))
        message = f"身份证上读到的{labels}，本机核对不了。请带好身份证到{kit.settings.kiosk.window}办理。"
        raise await refuse(kit, Refusal("AF03", message, reason=", ".join(f"{p.key} {p.code}" for p in lost)))
    if kept.record is not None:
        # Somebody else's: what they sent is taken back, and what they agreed to binds nobody but them.
        await take_back(kept, kit)
        kept.photo_agreed = False
    kept.record = record
    parts = split_name(card.name, made.names)
    kept.certain, kept.spelt = parts.certain, romanise(parts, made.names)
    kept.seen.clear()
    kept.way, kept.photo = None, None
    return visit


def refusal_of_card(form: Form, card: IdCard, today: dt.date, window: str) -> Refusal | None:
    """Whether this card opens this form. Source: the form's table; 居民身份证法 第5条 and 第11条 (an expired card is replaced first)."""
    kind = CARD_NAMES[card.kind]
    if kind not in form.cards:
        wanted = "或".join(CALLED[name] for name in form.cards)
        message = f"这张表要用{wanted}填写，不能用{CALLED[kind]}。请到{window}，由工作人员告诉您怎么办理。"
        return Refusal("AF01", message, reason=f"card of kind {kind}")
    if card_expired(card, today):
        message = f"{CALLED[kind]}已过有效期。请先换领新证，再来填表；着急的可以到{window}咨询。"
        return Refusal("AF02", message, reason="card's validity ended before today")
    return None


def beyond_the_citizen(form: Form, record: Record, today: dt.date) -> tuple[Problem, ...]:
    """Mistakes that keep the form from being printed and that no page lets the citizen mend: they are of what the card says."""
    split, _ = name_questions(form)
    asked = {key for question in form.question if question.id != split for key in question.fields}

    def can_be_changed(key: str) -> bool:
        return key in asked and not is_locked(form, record, key)

    def keys_of(problem: Problem) -> tuple[str, ...]:
        return next((check.fields for check in form.check if check.code == problem.code), (problem.key,))

    problems = blocking(validate(form, record, today))
    return tuple(problem for problem in problems if not any(map(can_be_changed, keys_of(problem))))
