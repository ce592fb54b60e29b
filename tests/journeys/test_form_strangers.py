"""Cards nobody here has seen: whatever a chip holds, the visit ends on a whole page or with a sentence at its beginning."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from config.sections import ApplicationForm
from config.settings import load
from config.tables import load_tables
from kiosk.applications import build_applications
from kiosk.domain.forms.conditions import only_valid
from kiosk.domain.forms.formats import tidy_name
from kiosk.domain.forms.payload import TrustedKey, decode_record
from kiosk.domain.forms.validate import blocking, validate
from kiosk.domain.identity import CardKind, IdCard, Sex, id_check_character
from kiosk.domain.names import clean_name
from kiosk.journeys.form.answer import fill
from kiosk.journeys.form.review import review
from kiosk.journeys.form.sheets import sheets_of
from kiosk.journeys.form.start import begin
from kiosk.journeys.form.visit import Kept, Visit
from kiosk.journeys.kit import Applications, Kit
from kiosk.journeys.walker import Ended
from kiosk.screens import common, form
from kiosk.screens.robot import RobotDesk

pytestmark = pytest.mark.usefixtures("qapp")

NOW = dt.datetime(2026, 3, 18, 10, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
ANSWERS = {
    "phone": "13900000000",
    "emer_name": "王某某",
    "emer_phone": "13700000000",
    "want_passport": "1",
    "want_hkmo": "1",
    "want_tw": "1",
    "passport_kind": "first",
    "hkmo_scope": "both",
    "endo_hk": "T",
    "rel_name": "陈某某",
    "rel_sex": "2",
    "rel_relation": "1",
    "rel_id_no": "A123456(3)",
    "tw_scope": "both",
    "tw_reason": "L",
    "delivery": "post",
    "post_code": "315100",
    "sex": "1",
    "ethnic": "穿青人",
    "birth_place": "浙江",
    "hukou_addr": "浙江省宁波市鄞州区某某路1号",
    "post_addr": "浙江省宁波市鄞州区某某路1号",
    "guardian_name": "王某某",
    "guardian_id_no": "330203197001010007",
    "guardian_relation": "mother",
    "guardian_phone": "13600000000",
}

PHASES = (Phase.explicit, Phase.generate)
"""A card that fails is told as it is: making it smaller takes minutes here."""


class Noon:
    """A clock that stands still."""

    def now(self) -> dt.datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


@cache
def made() -> Applications:
    nothing = cast(Any, None)
    wanted = ApplicationForm(older=("LEGACY-PASSPORT", "LEGACY-HKMO", "LEGACY-TW"))
    return build_applications(wanted, nothing, nothing, None, nothing, None)


@cache
def base() -> Kit:
    """What these steps touch; no device is among it."""
    nothing = cast(Any, None)
    parts: Any = [nothing] * 8
    kit: Kit = cast(Any, Kit)(load(None, "ci"), load_tables(), Noon(), *parts, applications=made())
    return kit


class Person(RobotDesk):
    """Answers every page of the form service; the name is divided at `border`, and letters that are missing are typed."""

    def __init__(self, border: int) -> None:
        super().__init__(
            {
                common.Message: lambda screen: screen.buttons[-1].id,
                form.FormSections: lambda _: "next",
                form.FormQuestion: self._question,
                form.SplitName: lambda screen: max(1, min(border, len(screen.name))),
                form.SpellName: self._spell,
                form.ReviewForm: self._review,
            }
        )
        self.typed = False
        self.asked = 0

    def _question(self, screen: form.FormQuestion) -> dict[str, str]:
        self.asked += 1
        assert self.asked < 80, "asked for ever"
        found = {}
        for field in screen.fields:
            if not field.locked:
                codes = {choice.code for choice in field.choices}
                text = ANSWERS.get(field.key, field.value)
                usable = field.open or not codes or text in codes
                found[field.key] = field.value or (text if usable else min(codes))
                if field.trouble:
                    found[field.key] = text
        return found

    def _review(self, _: form.ReviewForm) -> str:
        self.asked += 1
        assert self.asked < 80, "the page of all answers leads nowhere"
        return "next"

    def _spell(self, screen: form.SpellName) -> form.PinyinAnswer:
        if screen.trouble or not screen.spelt.settled or not screen.spelt.text_surname:
            assert not self.typed, "the letters are asked for again"
            self.typed = True
            return form.PinyinAnswer("typed", surname="ABC", given="DEF")
        return form.PinyinAnswer("ok")


async def through(card: IdCard, border: int = 1) -> tuple[Visit, Kit, str]:
    """The visit from the card to the page of all answers; its end in a word, empty where it went through."""
    kit = replace(base(), desk=Person(border))
    visit = Visit(card=card, kept=Kept())
    try:
        for step in (begin, fill, review):
            visit = await cast(Callable[[Visit, Kit], Any], step)(visit, kit)
    except Ended as ended:
        return visit, kit, ended.outcome
    return visit, kit, ""


def number_of(area: str, birth: dt.date, order: str) -> str:
    first = f"{area}{birth.year:04d}{birth:%m%d}{order}"
    return first + id_check_character(first)


HANZI = st.one_of(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.sampled_from("王李张欧阳司马诸葛单解仇查曾区盖乐翟覃吕女阿依古丽·•・．. 　"),
    st.characters(min_codepoint=0x3400, max_codepoint=0x4DBF),
    st.characters(min_codepoint=0x20000, max_codepoint=0x2A6DF),
    st.characters(min_codepoint=0xE000, max_codepoint=0xF8FF),
    st.sampled_from("ABCxyzÉüß'-()（）〇々"),
)
NAMES = st.one_of(
    st.text(HANZI, min_size=1, max_size=50),
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=6),
    st.text(st.characters(), min_size=1, max_size=20),
)
ADDRESSES = st.one_of(
    st.text(
        st.sampled_from("浙江省宁波市鄞州区街道路弄号幢单元室１２３４５６７８９０0123456789-－—#（）() 　"), max_size=70
    ),
    st.text(st.characters(), max_size=70),
)


@st.composite
def cards(draw: st.DrawFn, names: st.SearchStrategy[str] = NAMES) -> IdCard:
    birth = draw(st.dates(dt.date(1900, 1, 1), TODAY))
    return IdCard(
        kind=CardKind.RESIDENT,
        name=draw(names),
        sex=draw(st.sampled_from(Sex)),
        birth=birth,
        number=number_of(draw(st.sampled_from(["330203", "110101", "650102", "469007", "120221"])), birth, "000"),
        issuer=draw(st.text(max_size=15)),
        valid_from=dt.date(2016, 1, 1),
        valid_to=draw(st.sampled_from([None, dt.date(2036, 1, 1), TODAY])),
        nation=draw(st.sampled_from(["01", "05", "56", "57", "97", "98", "99", "00", "", "ZZ", "穿青", "\x00"])),
        address=draw(ADDRESSES),
    )


def usual(**changes: Any) -> IdCard:
    birth = changes.pop("birth", dt.date(1990, 1, 1))
    card = IdCard(
        kind=CardKind.RESIDENT,
        name="张伟明",
        sex=Sex.FEMALE,
        birth=birth,
        number=number_of("330203", birth, "000"),
        issuer="宁波市公安局海曙分局",
        valid_from=dt.date(2016, 1, 1),
        valid_to=dt.date(2036, 1, 1),
        nation="01",
        address="浙江省宁波市鄞州区首南街道日丽中路１号２幢301室",
    )
    return replace(card, **changes)


@settings(max_examples=40, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
@given(card=cards(), border=st.integers(1, 50))
@example(card=usual(name="甲.乙丙"), border=1)
@example(card=usual(name=" · · "), border=1)
@example(card=usual(name="王" * 50), border=25)
@example(card=usual(name="龘" * 15), border=2)
@example(card=usual(name="SMITH JOHN"), border=5)
def test_any_card_ends_on_a_page_or_with_a_sentence(card: IdCard, border: int) -> None:
    visit, kit, end = asyncio.run(through(card, border))
    if end:
        assert end == "refused:AF03"
        (said,) = [screen for screen in cast(Person, kit.desk).shown if isinstance(screen, common.Message)]
        assert said.body.endswith("。")
        assert card.name.strip() not in said.body or not card.name.strip()
        # Only for what no page could mend.
        bare = clean_name(card.name)
        assert (
            not bare or not tidy_name(card.name).isprintable() or any(not _in_a_name(c) for c in tidy_name(card.name))
        )
        return
    record = visit.record
    assert not blocking(validate(made().form, record, TODAY))
    assert record.text("name") == tidy_name(card.name)
    parts = record.text("surname_cn") + record.text("given_cn")
    assert letters_of(parts) == letters_of(card.name)
    sheets = sheets_of(visit, kit)
    assert len(sheets) == 4
    public = made().signing_key.public_key().public_bytes_raw()
    assert decode_record(sheets[0].qr, [TrustedKey(public, "kiosk")]) == only_valid(made().form, record)
    assert dict(sheets[0].values) == {key: value.text for key, value in only_valid(made().form, record).items()}


@settings(max_examples=15, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
@given(card=cards(st.text(HANZI, min_size=1, max_size=50)))
@example(card=usual(name="买买提吐尔逊·阿卜杜热合曼江阿卜杜热西提阿布都热依木", address="浙" * 70))
@example(card=usual(name="王" * 50, birth=dt.date(2020, 2, 29)))
def test_nothing_leaves_its_box(card: IdCard) -> None:
    from ui.forms.pdf import make_pdf

    visit, kit, end = asyncio.run(through(card))
    if end:
        return
    pdf, warnings = make_pdf(sheets_of(visit, kit))
    assert pdf.startswith(b"%PDF")
    told = [warning for page in warnings for warning in page]
    # A full form of a child with a long name has a code whose squares are a hair below what is sure to be read by any scanner.
    harmless = ("printed as 〓", "set in very small type", "too dense to be read for sure")
    bad = [warning for warning in told if not warning.endswith(harmless)]
    assert not bad


def _in_a_name(character: str) -> bool:
    from kiosk.domain.forms.formats import is_name

    return character.isspace() or is_name(f"王{character}")


def letters_of(name: str) -> str:
    return "".join(c for c in clean_name(name) if c != "·" and not c.isspace())
