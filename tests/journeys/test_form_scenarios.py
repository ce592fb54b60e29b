"""Every scenario of the application form, headless: real drivers, printer and platform; the paper is read with other people's tools."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from config.form_tables import load_form
from config.scenarios import Scenario, list_scenarios, load_scenario
from kiosk.domain.forms.conditions import valid_texts
from kiosk.domain.forms.payload import TrustedKey, decode_record
from kiosk.domain.forms.record import Record
from kiosk.ports.clock import SystemClock
from kiosk.screens import form
from tests.journeys.stage import Stage, staged

TODAY = SystemClock().now().date()
NAMES = list_scenarios("form")
SEALS = {"form_first_passport", "form_all_three", "form_minority_name", "form_rare_name", "form_photo"}
"""Those whose code is read from a picture of the page; it takes a second each."""

pytestmark = pytest.mark.usefixtures("qapp")


def scenario_of(name: str) -> Scenario:
    return load_scenario(name, TODAY)


@pytest.mark.parametrize("name", NAMES)
async def test_scenario_ends_as_it_says(name: str, tmp_path: Path) -> None:
    async with staged(tmp_path / "var", name) as stage:
        ended = await stage.visit()
        assert ended.outcome.split(":")[0] == stage.scenario.outcome
        printed = stage.scenario.outcome == "printed"
        drafts = stage.exits.counts()["drafts"]
        assert drafts.get("open", 0) == int(printed and name != "form_submit_down")
        assert sum(drafts.values()) <= 1
        papers = list(stage.documents.papers)
        assert bool(papers) == printed
        if printed:
            pdf = tmp_path / "page.pdf"
            pdf.write_bytes(papers[-1].pdf)
            shown = stage.desk.of(form.PreviewForm)[-1]
            check_page(pdf, shown, seal=name in SEALS, stage=stage)
    assert left_behind(tmp_path / "var", stage.scenario) == []


def check_page(pdf: Path, shown: form.PreviewForm, *, seal: bool, stage: Stage) -> None:
    """The paper says what the preview said, and its code carries the same answers."""
    text = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], capture_output=True, check=True, text=True).stdout
    bare = "".join(text.split())
    sheet = shown.sheets[0]
    for key in ("phone", "emer_name", "emer_phone", "surname_py"):
        assert "".join(sheet.values[key].split()) in bare, key
    record = read_code(pdf, stage) if seal else decoded(sheet.qr, stage)
    assert valid_texts(sheet.form, record) == sheet.values
    wants = stage.scenario.form
    assert wants is not None
    last = {
        **wants.brings,
        **wants.answers,
        **{key: text for answers in wants.changes.values() for key, text in answers.items()},
    }
    assert sheet.values["phone"] == last["phone"]


def decoded(code: str, stage: Stage) -> Record:
    public = applications(stage).signing_key.public_key().public_bytes_raw()
    return decode_record(code, [TrustedKey(public, "kiosk")])


def applications(stage: Stage) -> Any:
    found = stage.machine.applications
    assert found is not None
    return found


def read_code(pdf: Path, stage: Stage) -> Record:
    """As the clerk's scanner does: from a picture of the printed page at 200 dpi."""
    import cv2
    import zxingcpp

    target = pdf.with_suffix("")
    subprocess.run(["pdftoppm", "-r", "200", "-gray", "-singlefile", str(pdf), str(target)], check=True)
    picture = cv2.imread(str(target.with_suffix(".pgm")))
    texts = [code.text for code in zxingcpp.read_barcodes(picture) if code.text.startswith("OTF1:")]
    assert len(texts) == 1
    return decoded(texts[0], stage)


def left_behind(folder: Path, scenario: Scenario) -> list[str]:
    """Files that are not the ledger's, and files in which something of the citizen can be read."""
    person, wants = scenario.person, scenario.form
    assert wants is not None
    table = load_form("CRJ-2014")
    codes = {option.code for asked in table.field for option in table.options(asked)} | {"1", ""}
    personal = {person.name, person.number, person.address, *wants.answers.values(), *wants.brings.values()} - codes
    needles = [text.encode() for text in personal]
    found = []
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        if not path.name.startswith("ledger."):
            found.append(str(path))
        elif any(needle in path.read_bytes() for needle in needles):
            found.append(f"{path}: personal")
    return found


async def test_a_citizen_who_goes_back_sends_the_same_draft_again(tmp_path: Path) -> None:
    async with staged(tmp_path, "form_goes_back") as stage:
        await stage.visit()
        codes = [
            {key: text for key, text in screen.sheets[0].values.items() if key.startswith("barcode_")}
            for screen in stage.desk.of(form.PreviewForm)
        ]
        assert len(codes) == 2
        assert codes[0]
        assert codes[0] == codes[1]


@pytest.mark.parametrize("name", ["form_leaves_preview", "form_paper_out"])
async def test_who_leaves_without_paper_leaves_no_draft(name: str, tmp_path: Path) -> None:
    async with staged(tmp_path, name) as stage:
        await stage.visit()
        assert stage.exits.counts()["drafts"] == {"withdrawn": 1}


async def test_a_code_of_somebody_else_changes_nothing(tmp_path: Path) -> None:
    for name in ("form_phone_code_stranger", "form_phone_code_forged"):
        async with staged(tmp_path / name, name) as stage:
            await stage.visit()
            troubles = [screen.trouble for screen in stage.desk.of(form.BringForm) if screen.trouble]
            assert len(troubles) == 1
            sheet = stage.desk.of(form.PreviewForm)[-1].sheets[0]
            assert sheet.values["phone"] == stage.scenario.form.answers["phone"]


async def test_the_code_on_the_phone_leaves_little_to_ask(tmp_path: Path) -> None:
    async with staged(tmp_path, "form_phone_code") as stage:
        await stage.visit()
        assert not stage.desk.of(form.FormQuestion)
        assert stage.desk.of(form.FormSections)[-1].note


async def test_one_more_print_wants_the_same_card(tmp_path: Path) -> None:
    async with staged(tmp_path, "form_reprint") as stage:
        await stage.visit()
        assert len(stage.documents.papers) == 2
        assert stage.desk.names().count("PlaceIdCard") == 2


async def test_what_the_machine_worked_out_is_confirmed_by_going_on(tmp_path: Path) -> None:
    async with staged(tmp_path, "form_first_passport") as stage:
        await stage.visit()
        review = stage.desk.of(form.ReviewForm)[-1]
        assert any(row.confirm for section in review.sections for row in section.rows)
        record = decoded(stage.desk.of(form.PreviewForm)[-1].sheets[0].qr, stage)
        assert record.source("surname_py") == "user"


async def test_what_the_card_says_is_masked_on_the_page_of_all_answers(tmp_path: Path) -> None:
    async with staged(tmp_path, "form_first_passport") as stage:
        await stage.visit()
        review = stage.desk.of(form.ReviewForm)[-1]
        values = {row.value for section in review.sections for row in section.rows}
        assert stage.scenario.person.number not in values
        assert stage.scenario.person.name not in values
