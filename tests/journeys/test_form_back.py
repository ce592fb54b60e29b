"""Going back through the application form: every page leads to the one before, and nothing that was typed is lost."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from config.scenario_form import ApplicantData
from config.scenario_values import fictional_number
from config.scenarios import Scenario, load_scenario
from kiosk.journeys.services import run_form
from kiosk.ports.clock import SystemClock
from kiosk.rehearsal import Citizen
from kiosk.screens import common, form
from kiosk.screens.base import Back
from kiosk.screens.robot import Reply
from tests.journeys.stage import Guest, Stage, staged

pytestmark = pytest.mark.usefixtures("qapp")
TODAY = SystemClock().now().date()


def scenario_of(name: str, answers: dict[str, str] | None = None, **wants: Any) -> Scenario:
    """The scenario with other answers on top of its own."""
    found = copy.copy(load_scenario(name, TODAY))
    before = found.form
    assert before is not None
    merged = {**before.answers, **(answers or {})}
    object.__setattr__(found, "form", ApplicantData(answers=merged, **wants))
    return found


def page_of(screen: Any) -> str:
    """A page as the citizen knows it again."""
    return f"{type(screen).__name__} {getattr(screen, 'id', '')}".strip()


KINDS = (
    *(form.FormSections, form.FormQuestion, form.SplitName, form.SpellName, form.ChoosePhotoWay),
    *(form.EnterPhotoReceipt, form.ReviewForm, form.PreviewForm, common.PlaceIdCard),
)


async def played(stage: Stage, *, goes_back: bool) -> list[str]:
    """A visit in which Back is pressed the first time each page comes, if at all. The pages on which it was."""
    citizen = Citizen(stage.scenario, stage.machine.virtual)
    pressed: list[str] = []

    def once(then: Reply) -> Reply:
        def reply(screen: Any) -> Any:
            page = page_of(screen)
            if goes_back and page not in pressed and getattr(screen, "state", "waiting") == "waiting":
                pressed.append(page)
                raise Back
            return then(screen)

        return reply

    stage.desk = Guest(citizen, {kind: [once(citizen.replies[kind])] * 99 for kind in KINDS})
    citizen.arrive()
    stage.ended = await run_form(stage.machine.kit(stage.desk))
    citizen.leave()
    return pressed


async def test_back_once_on_every_page_ends_with_the_same_form(tmp_path: Path) -> None:
    """Also twice on the same way: after each Back the page comes again, and is left by its button then."""
    answers = {"passport_kind": "replace", "passport_lost": "no", "passport_old_no": "E12345678", "want_hkmo": "1"}
    answers |= {"hkmo_scope": "both", "endo_mo": "L", "delivery": "post", "post_code": "315100"}
    forms: list[dict[str, str]] = []
    for goes_back in (False, True):
        scenario = scenario_of("form_ambiguous_surname", answers, photo="receipt", receipt="JX330226000018")
        async with staged(tmp_path / str(goes_back), scenario) as stage:
            pressed = await played(stage, goes_back=goes_back)
            assert stage.ended.outcome == "printed"
            forms.append(printed(stage))
            pages = [page_of(screen) for screen in stage.desk.shown if not isinstance(screen, common.Working)]
    assert forms[0] == forms[1]
    leads = {page: pages[pages.index(page) + 1] for page in pressed}
    questions = [page for page in pressed if page.startswith("FormQuestion")]
    assert questions == [f"FormQuestion {id}" for id in QUESTIONS]
    expected = {
        "PlaceIdCard": "ServiceStart",
        "FormSections": "PlaceIdCard",
        "SpellName": "FormSections",
        "ChoosePhotoWay": "FormSections",
        "EnterPhotoReceipt": "ChoosePhotoWay",
        "ReviewForm": "ChoosePhotoWay",
        "PreviewForm": "ReviewForm",
    }
    before = ["SpellName", *questions]
    assert leads == expected | dict(zip(questions, before, strict=False))


QUESTIONS = (
    *("phone", "emergency_name", "emergency_phone", "what", "passport_kind", "passport_old", "hkmo_scope", "endo_hk"),
    *("endo_mo", "delivery", "post_addr"),
)


async def test_what_was_wanted_first_and_then_not(tmp_path: Path) -> None:
    """Back to what is applied for: nothing at all is not taken, something else is, and the passport's answers are gone from the paper."""
    scenario = scenario_of("form_first_passport")
    tick = {"want_passport": "1", "want_hkmo": "", "want_tw": ""}
    waits = {
        form.FormQuestion: [
            *[lambda screen: said(screen, scenario)] * 3,
            lambda _: tick,
            Back(),
            lambda _: tick | {"want_passport": ""},
            lambda _: tick | {"want_passport": "", "want_tw": "1"},
            lambda _: {"tw_scope": "permit"},
        ]
    }
    async with staged(tmp_path, scenario) as stage:
        ended = await stage.visit(waits)
        assert ended.outcome == "printed"
        what = [screen for screen in stage.desk.of(form.FormQuestion) if screen.id == "what"]
        # Asked, come back to with the tick still there, refused without any.
        assert [screen.fields[0].value for screen in what] == ["", "1", ""]
        assert [screen.fields[0].trouble for screen in what] == ["", "", "请至少选一种要办的证件"]
        values = printed(stage)
        assert values["tw_scope"] == "permit"
        assert not {key for key in values if key.startswith(("want_passport", "passport_"))}


async def test_an_escort_is_asked_for_the_number_on_the_same_page(tmp_path: Path) -> None:
    """Below sixteen: the number's field appears with the name, and goes with it."""
    escort = {"escort_name": "吕大姑", "escort_id_no": fictional_number("330203", dt.date(1975, 1, 1))}
    scenario = scenario_of("form_minor", escort)
    async with staged(tmp_path / "with", scenario) as stage:
        assert (await stage.visit()).outcome == "printed"
        pages = [screen for screen in stage.desk.of(form.FormQuestion) if screen.id == "escort"]
        assert [[field.key for field in screen.fields] for screen in pages] == [
            ["escort_name"],
            ["escort_name", "escort_id_no"],
        ]
        assert pages[1].fields[1].trouble == "陪同人身份证号码还没有填"
        values = printed(stage)
        assert (values["escort_name"], values["applicant_class"]) == ("吕大姑", "minor")
        assert values["guardian_relation"] == "father"
    scenario = scenario_of("form_minor", escort, changes={"escort": dict.fromkeys(escort, "")})
    async with staged(tmp_path / "without", scenario) as stage:
        assert (await stage.visit()).outcome == "printed"
        assert not {"escort_name", "escort_id_no"} & set(printed(stage))


async def test_a_guardian_is_somebody_else(tmp_path: Path) -> None:
    found = load_scenario("form_minor", TODAY)
    scenario = scenario_of("form_minor", {"guardian_id_no": found.person.number})
    right = {"guardian_id_no": "330203197001010007"}
    async with staged(tmp_path, scenario) as stage:
        told: list[str] = []

        def once_wrong(screen: form.FormQuestion) -> dict[str, str]:
            told.extend(field.trouble for field in screen.fields if field.trouble)
            return said(screen, scenario) | (right if told and screen.id == "guardian" else {})

        assert (await stage.visit({form.FormQuestion: [once_wrong] * 20})).outcome == "printed"
        assert told == ["监护人不能是申请人本人"]


@pytest.mark.parametrize(
    ("kind", "called"),
    [("hmt_resident", "港澳台居民居住证"), ("foreigner_2017", "外国人"), ("foreigner_2023", "外国人")],
)
async def test_other_cards_are_refused_at_once(tmp_path: Path, kind: str, called: str) -> None:
    scenario = scenario_of("form_first_passport")
    area = {"hmt_resident": "810000", "foreigner_2023": "932682"}.get(kind, "330203")
    numbers = {"foreigner_2017": "USA330275010100"}
    number = numbers.get(kind, fictional_number(area, scenario.person.birth))
    put(scenario, kind=kind, number=number, nation="", issuer="公安部", nationality="USA", name_latin="SMITH, JOHN")
    async with staged(tmp_path, scenario) as stage:
        assert (await stage.visit()).outcome == "refused:AF01"
        (message,) = stage.desk.of(common.Message)
        assert "居民身份证" in message.body
        assert called in message.body
        assert not stage.desk.of(form.FormSections)
        assert not stage.exits.counts()["drafts"]


async def test_an_expired_card_is_refused_at_once(tmp_path: Path) -> None:
    scenario = put(scenario_of("form_first_passport"), valid_to=TODAY - dt.timedelta(days=1))
    async with staged(tmp_path, scenario) as stage:
        assert (await stage.visit()).outcome == "refused:AF02"


def put(scenario: Scenario, **changes: Any) -> Scenario:
    """Something else on the card."""
    person = copy.copy(scenario.person)
    for name, value in changes.items():
        object.__setattr__(person, name, value)
    object.__setattr__(scenario, "person", person)
    return scenario


def said(screen: form.FormQuestion, scenario: Scenario) -> dict[str, str]:
    assert scenario.form is not None
    answers = scenario.form.answers
    return {field.key: answers.get(field.key, field.value) for field in screen.fields if not field.locked}


def printed(stage: Stage) -> dict[str, str]:
    """What the last preview showed, without the numbers that the platform gives."""
    values = stage.desk.of(form.PreviewForm)[-1].sheets[0].values
    return {key: text for key, text in values.items() if not key.startswith("barcode_")}
