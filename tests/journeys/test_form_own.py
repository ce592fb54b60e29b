"""A hall's own form, `docs/example-form`, from the card to the paper: nothing of it is known to the program but its table."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from config.form_page import Cell, Page
from config.form_tables import Check, Form, Question, Section, load_form
from config.form_tables import Field as FormField
from config.form_words import CardName, Carry, Condition, Fill, Format, Keys, Kind, Operator, Option, Source
from config.scenario_form import ApplicantData
from config.scenario_values import fictional_number
from config.scenarios import Scenario, load_scenario
from config.tables import TablesError
from kiosk.applications import write_new_key
from kiosk.domain.forms.draft import Appointment, Draft
from kiosk.domain.forms.record import Record
from kiosk.domain.identity import Photo
from kiosk.ports.clock import SystemClock
from kiosk.screens import common, form
from kiosk.screens.base import Back
from kiosk.verbs.form import decode
from tests.journeys.stage import Stage, staged

pytestmark = pytest.mark.usefixtures("qapp")

GUIDE = Path(__file__).parents[2] / "docs" / "forms.md"
FOLDER = GUIDE.with_name("example-form")
TODAY = SystemClock().now().date()
ANSWERS = {
    "mobile": "13000000000",
    "dog_name": "豆豆",
    "breed": "金毛寻回犬",
    "dog_birth": "2024年1月2日",
    "vaccinated": "1",
    "vaccine_until": f"{TODAY.year + 1}0102",
    "zone": "K",
    "height": "60",
    "wants_tag": "1",
}
TAG = "NB26-000123"


class RegistryOffice:
    """A hall's own system behind the desk for drafts: it knows this form, and gives numbers under its keys."""

    def __init__(self) -> None:
        self.held: dict[str, Record] = {}

    async def submit(self, key: str, record: Record, photo: Photo | None = None) -> Draft:
        self.held[key] = record
        begins = dt.datetime.combine(TODAY + dt.timedelta(days=1), dt.time(9), dt.UTC)
        return Draft("R1", {"tag_code": TAG, "nobody_asked": "X-1"}, Appointment("A-0001", begins, "2号窗口"))

    async def withdraw(self, key: str) -> None:
        self.held.pop(key, None)


def scenario_of(answers: Mapping[str, str], name: str = "form_first_passport", **wants: Any) -> Scenario:
    """The scenario's person before another form."""
    found = copy.copy(load_scenario(name, TODAY))
    object.__setattr__(found, "form", ApplicantData(answers=dict(answers), **wants))
    return found


def with_settings(scenario: Scenario, **form_settings: Any) -> Scenario:
    object.__setattr__(scenario, "settings", {f"form.{key}": value for key, value in form_settings.items()})
    return scenario


async def test_the_whole_journey(tmp_path: Path) -> None:
    public = tmp_path / "public.pem"
    public.write_text(write_new_key(tmp_path / "machine.pem"))
    scenario = with_settings(
        scenario_of(ANSWERS, photo="camera"),
        folder=FOLDER,
        id="NB-DOG",
        older=("NB-DOG-2015",),
        signing_key_file=tmp_path / "machine.pem",
    )
    async with staged(tmp_path / "var", scenario) as stage:
        office = use(stage, RegistryOffice())
        ended = await stage.visit()
        assert ended.outcome == "printed"
        assert len(office.held) == 1
        start = stage.desk.of(common.ServiceStart)[0]
        assert (start.title, start.bring) == ("养犬登记申请表", "本人居民身份证或港澳台居民居住证")
        assert "2号窗口" in "".join(stage.desk.of(common.Finish)[0].notes)
        shown = stage.desk.of(form.PreviewForm)[-1]
        pdf = tmp_path / "form.pdf"
        pdf.write_bytes(stage.documents.papers[-1].pdf)
    values = shown.sheets[0].values
    assert {key: values[key] for key in ANSWERS} == ANSWERS | {
        "breed": "GR",
        "dog_birth": "2024-01-02",
        "vaccine_until": f"{TODAY.year + 1}-01-02",
    }
    assert (values["tag_code"], values["visit_number"]) == (TAG, "A-0001")
    assert "wants_chip" not in values
    assert "nobody_asked" not in values
    first, second = pages(pdf)
    for words in (
        "养犬登记申请表",
        "豆豆",
        "■重点管理区",
        "□一般管理区",
        "2024年01月02日",
        "■打过狂犬病疫苗",
        TAG,
        "A-0001",
    ):
        assert words in first, words
    assert "金毛寻回犬" in first
    assert f"{scenario.person.name}13000000000" in second
    assert "豆豆、金毛寻回犬、已免疫" in second
    assert codes(pdf) == {shown.sheets[0].qr, TAG}
    file = tmp_path / "scanned.txt"
    file.write_text(next(text for text in codes(pdf) if text.startswith("OTF1:")))
    told = json.loads(json.dumps(decode(str(file), [("kiosk", public)]).data))
    assert (told["good"], told["form"], told["form_version"]) == (True, "NB-DOG", 1)
    assert {key: value["text"] for key, value in told["values"].items()} == values
    assert told["values"]["keeper"]["source"] == "id"


async def test_conditions_and_checks_lead_the_citizen(tmp_path: Path) -> None:
    """A question that no longer applies is not asked; what fields say together is told where they stand."""
    answers = ANSWERS | {"breed": "柯基犬", "second_mobile": ANSWERS["mobile"], "vaccinated": ""}
    scenario = with_settings(scenario_of(answers), folder=FOLDER, id="NB-DOG", submit=False)
    told = [said(answers)] * 4 + [said({})]
    async with staged(tmp_path / "var", scenario) as stage:
        ended = await stage.visit({form.FormQuestion: told})
        assert ended.outcome == "printed"
        asked = [screen.id for screen in stage.desk.shown if isinstance(screen, form.FormQuestion)]
        assert asked == ["reach", "dog", "days", "zone", "extras"]
        extras = [screen for screen in stage.desk.of(form.FormQuestion) if screen.id == "extras"]
        assert [field.trouble for field in extras[-1].fields] == ["犬牌和电子标识，请至少选一样", ""]
        rows = rows_of(stage.desk.of(form.ReviewForm)[-1])
        assert rows["备用手机"].trouble == "备用手机和手机号码一样，最好换一个"
        assert rows["犬牌"].value == "要办"
        assert "疫苗有效期至" not in rows
        values = stage.desk.of(form.PreviewForm)[-1].sheets[0].values
        assert not {"height", "vaccine_until", "tag_code"} & set(values)


async def test_a_residence_permit_opens_a_form_that_says_so(tmp_path: Path) -> None:
    scenario = holding(scenario_of(ANSWERS), "hmt_resident")
    async with staged(tmp_path / "own", with_settings(scenario, folder=FOLDER, id="NB-DOG")) as stage:
        assert (await stage.visit()).outcome == "printed"


BARE = """
id = "BARE-1"
version = 1
title = "意见表"
issued_by = ""
footer = ""

[page]
width = 210
height = 297
top = 12
right = 12
bottom = 10
left = 12
columns = [{ count = 4, mm = 46 }]
rows = [12, 12, 40]

[[section]]
id = "all"
title = "意见"

[[question]]
id = "words"
section = "all"
title = "您有什么意见？"
fields = ["words"]

[[field]]
key = "no"
label = "身份证号码"
source = "id"
kind = "text"
section = "all"
required = false
fill = "card.number"
locked = true
cells = [{ row = 0, column = 0, columns = 4 }]

[[field]]
key = "words"
label = "意见"
source = "user"
kind = "text"
section = "all"
max_length = 200
cells = [{ row = 2, column = 0, columns = 4 }]
"""
NAMED = (
    BARE.replace("BARE-1", "NAMED-1")
    + """
[[question]]
id = "parts"
section = "all"
title = "姓和名分得对吗？"
fields = ["family", "first"]

[[question]]
id = "letters"
section = "all"
title = "拼音对吗？"
fields = ["family_letters", "first_letters"]

[[field]]
key = "family"
label = "姓"
source = "id"
kind = "text"
section = "all"
fill = "card.surname"
locked = true
cells = [{ row = 1, column = 0 }]

[[field]]
key = "first"
label = "名"
source = "id"
kind = "text"
section = "all"
required = false
fill = "card.given"
locked = true
cells = [{ row = 1, column = 1 }]

[[field]]
key = "family_letters"
label = "姓的字母"
source = "derived"
kind = "text"
section = "all"
max_length = 4
format = "pinyin"
message = "姓的字母最多 4 个"
fill = "card.surname_pinyin"
confirm = true
cells = [{ row = 1, column = 2 }]

[[field]]
key = "first_letters"
label = "名的字母"
source = "derived"
kind = "text"
section = "all"
when = { field = "first", present = true }
max_length = 40
format = "pinyin"
message = "名的字母只用 A 到 Z"
fill = "card.given_pinyin"
confirm = true
cells = [{ row = 1, column = 3 }]
"""
)


async def test_a_form_without_name_photo_and_bar_code(tmp_path: Path) -> None:
    (tmp_path / "bare_1.toml").write_text(BARE)
    scenario = with_settings(scenario_of({"words": "窗口可以早点开"}), folder=tmp_path, id="BARE-1")
    async with staged(tmp_path / "var", scenario) as stage:
        # No camera is wanted, no photo asked for, none promised to the window; back from the answers leads to the sections.
        ended = await stage.visit({form.ReviewForm: [Back()]})
        assert ended.outcome == "printed"
        assert not stage.desk.of(common.ServiceStart)[0].ask_face
        names = stage.desk.names()
        assert [name for name in names if name not in ("Message", "RateService")] == [
            *(
                "ServiceStart",
                "PlaceIdCard",
                "FormSections",
                "FormQuestion",
                "ReviewForm",
                "FormSections",
                "ReviewForm",
            ),
            *("PreviewForm", "Finish"),
        ]
        assert "照片" not in stage.desk.of(form.ReviewForm)[-1].photo_text
        assert not any("照片" in note for note in stage.desk.of(common.Finish)[0].notes)
        paper = tmp_path / "form.pdf"
        paper.write_bytes(stage.documents.papers[-1].pdf)
    (page,) = pages(paper)
    assert "窗口可以早点开" in page
    assert "照片" not in page


async def test_the_name_under_other_keys(tmp_path: Path) -> None:
    """The border is moved, the letters follow it, and what the form says of the letters is told on their page."""
    (tmp_path / "named_1.toml").write_text(NAMED)
    scenario = with_settings(scenario_of({"words": "好"}, surname_length=3), folder=tmp_path, id="NAMED-1")
    somebody(scenario, name="阿依努尔")
    typed = form.PinyinAnswer("typed", surname="AYNU", given="ER")
    async with staged(tmp_path / "var", scenario) as stage:
        ended = await stage.visit({form.SpellName: [form.PinyinAnswer("ok"), typed, form.PinyinAnswer("ok")]})
        assert ended.outcome == "printed"
        spelling = stage.desk.of(form.SpellName)
        assert (spelling[0].surname, spelling[0].given) == ("阿依努", "尔")
        assert [page.trouble for page in spelling if page.trouble] == ["姓的字母最多 4 个"]
        values = stage.desk.of(form.PreviewForm)[-1].sheets[0].values
    assert [values[key] for key in ("family", "first", "family_letters", "first_letters")] == [
        "阿依努",
        "尔",
        "AYNU",
        "ER",
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'fields = ["family", "first"]',
            'fields = ["family", "first", "no"]',
            "card.given need a question of their own",
        ),
        ('fields = ["family_letters", "first_letters"]', 'fields = ["first_letters"]', "family_letters: is required"),
        ('required = false\nfill = "card.number"', 'fill = "card.number"', "no: is required, and no question"),
        ('fill = "card.given"', 'fill = "card.surname"', "fill given twice: card.surname"),
        ('kind = "text"\nsection = "all"\nmax_length = 200', 'kind = "photo"\nsection = "all"', "not for the citizen"),
    ],
)
def test_what_would_lead_nowhere_is_told_at_the_start(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in NAMED
    (tmp_path / "named_1.toml").write_text(NAMED.replace(old, new, 1))
    with pytest.raises(TablesError) as caught:
        load_form("NAMED-1", tmp_path)
    assert told in "; ".join(caught.value.problems)


def test_the_guide_explains_every_word() -> None:
    """docs/forms.md names every attribute and every word that a table may use, and every line of the example's folder."""
    guide = GUIDE.read_text()
    tables = (Form, FormField, Question, Section, Check, Option, Condition, Carry, Page, Cell)
    words = {name for table in tables for name, made in table.model_fields.items() if made.alias is None} - {"lists"}
    words |= {"in"} | {
        name for listed in (Source, Kind, Format, Operator, Fill, Keys, CardName) for name in get_args(listed)
    }
    words -= {"among"}
    missing = sorted(word for word in words if f"`{word}`" not in guide)
    assert not missing
    for file in FOLDER.iterdir():
        assert f"({file.relative_to(GUIDE.parent)})" in guide
    for block in re.findall(r"```toml\n# from (\S+)\n(.*?)```", guide, re.S):
        assert block[1].strip() in (FOLDER / block[0]).read_text(), block[0]


def said(answers: Mapping[str, str]) -> Any:
    return lambda screen: {field.key: answers.get(field.key, "") for field in screen.fields if not field.locked}


def rows_of(screen: form.ReviewForm) -> dict[str, form.AnswerRow]:
    return {row.label: row for section in screen.sections for row in section.rows}


def use(stage: Stage, office: RegistryOffice) -> RegistryOffice:
    made = stage.machine.applications
    assert made is not None
    stage.machine = replace(stage.machine, applications=replace(made, drafts=office))
    return office


def holding(scenario: Scenario, kind: str) -> Scenario:
    """The person with another kind of card."""
    area = {"hmt_resident": "810000", "foreigner_2023": "932682"}.get(kind, "330203")
    return somebody(scenario, kind=kind, number=fictional_number(area, scenario.person.birth), nation="")


def somebody(scenario: Scenario, **changes: Any) -> Scenario:
    """The scenario with something else on the card."""
    person = copy.copy(scenario.person)
    for name, value in changes.items():
        object.__setattr__(person, name, value)
    object.__setattr__(scenario, "person", person)
    return scenario


def pages(pdf: Path) -> list[str]:
    """The text of each page, without blanks."""
    text = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], capture_output=True, check=True, text=True).stdout
    return ["".join(page.split()) for page in text.split("\f") if page.strip()]


def codes(pdf: Path) -> set[str]:
    """What a scanner reads on the first page."""
    import cv2
    import zxingcpp

    target = pdf.with_suffix("")
    subprocess.run(["pdftoppm", "-r", "200", "-f", "1", "-l", "1", "-gray", "-singlefile", pdf, target], check=True)
    return {code.text for code in zxingcpp.read_barcodes(cv2.imread(str(target.with_suffix(".pgm"))))}
