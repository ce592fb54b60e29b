"""Odd ends of a visit to the form service: what is told, and whether a draft stays at the platform, where something else went wrong."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from config.form_tables import load_form
from config.sections import ApplicationForm
from config.settings import SettingsError, load
from config.tables import TablesError
from kiosk.app import assemble
from kiosk.domain.forms.brought import adopt
from kiosk.domain.forms.draft import Appointment, Draft
from kiosk.domain.forms.record import Record, Value
from kiosk.domain.forms.validate import blocking, validate
from kiosk.domain.identity import Photo
from kiosk.journeys.form.photo import NO_CONSENT
from kiosk.ports.clock import SystemClock
from kiosk.ports.photo import PhotoStep
from kiosk.screens import common, form
from kiosk.screens.base import Back, Cancelled
from kiosk.screens.robot import WAIT
from tests.journeys.stage import Stage, TwoCards, settings, staged
from tests.journeys.test_form_back import scenario_of
from tests.journeys.test_form_own import BARE
from tests.privacy.person import applicant

pytestmark = pytest.mark.usefixtures("qapp")
TODAY = SystemClock().now().date()


def drafts(stage: Stage) -> dict[str, int]:
    return dict(stage.exits.counts()["drafts"])


async def test_another_card_takes_the_first_draft_back_before_anything_is_asked(tmp_path: Path) -> None:
    """Not only when the other person's answers are sent: they may never be, and a platform may not tell whose draft a key has."""
    _, other = applicant(tmp_path, photo="later")
    async with staged(tmp_path / "var", "form_first_passport") as stage:
        cards = TwoCards(stage, other)
        seen: list[dict[str, int]] = []

        def goes_back_with_another(_: object) -> str:
            cards.swap()
            return "change"

        def looks(_: object) -> str:
            seen.append(drafts(stage))
            raise Cancelled

        ended = await stage.visit(
            {
                form.PreviewForm: [goes_back_with_another],
                form.ReviewForm: ["next", Back()],
                form.ChoosePhotoWay: ["later", Back()],
                form.FormSections: ["next", Back(), looks],
                common.PlaceIdCard: [cards.place] * 30,
            }
        )
        assert ended.outcome == "cancelled:exit"
        assert seen == [{"withdrawn": 1}]
        assert drafts(stage) == {"withdrawn": 1}


async def test_a_form_printed_without_its_draft_leaves_no_old_one(tmp_path: Path) -> None:
    """Sent, changed, and the second sending was lost: what lies at the platform are answers that are not on the paper."""
    async with staged(tmp_path, scenario_of("form_first_passport", photo="later")) as stage:

        def breaks(_: object) -> str:
            assert drafts(stage) == {"open": 1}
            stage.exits.control({"do": "fault", "id": "submit_draft.error_503", "count": None})
            return "change"

        assert (await stage.visit({form.PreviewForm: [breaks]})).outcome == "printed"
        assert "暂时没有传到业务系统" in stage.desk.of(form.PreviewForm)[-1].note
        assert drafts(stage) == {"withdrawn": 1}


async def test_who_does_not_say_whether_the_paper_came_keeps_the_draft(tmp_path: Path) -> None:
    """They may have taken it and gone; its bar codes must still be good at the window."""
    async with staged(tmp_path, "form_print_unknown", idle_s=0.3) as stage:
        given = stage.machine.settings
        session = given.session.model_copy(update={"warn_s": 1})
        stage.machine = replace(stage.machine, settings=given.model_copy(update={"session": session}))
        assert (await stage.visit({common.Message: [lambda _: WAIT]})).outcome == "cancelled:idle"
        assert [message.code for message in stage.desk.of(common.Message)] == ["F-UNSURE"]
        assert drafts(stage) == {"open": 1}


async def test_a_reader_that_gives_out_before_one_more_print(tmp_path: Path) -> None:
    async with staged(tmp_path, "form_first_passport") as stage:

        def breaks(_: object) -> str:
            stage.machine.virtual["id_card"].control({"do": "unplug"})
            return "again"

        ended = await stage.visit({common.Message: [breaks]})
        assert ended.outcome == "printed"
        said = stage.desk.of(common.Message)[-1]
        assert said.title == "身份证读卡器暂时不能用"
        assert "没有提交" not in said.body
        assert "打好的表请带走" in said.body
        assert drafts(stage) == {"open": 1}


class Elsewhere:
    """A platform that tells times of Greenwich."""

    async def submit(self, key: str, record: Record, photo: Photo | None = None) -> Draft:
        return Draft("R1", {}, Appointment("A-0001", dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC), "2号窗口"))

    async def withdraw(self, key: str) -> None:
        raise AssertionError("the form was printed")


async def test_an_appointment_is_told_in_the_time_of_the_hall(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario_of("form_first_passport", photo="later")) as stage:
        made = stage.machine.applications
        assert made is not None
        stage.machine = replace(stage.machine, applications=replace(made, drafts=Elsewhere()))
        assert (await stage.visit()).outcome == "printed"
        assert stage.desk.of(common.Finish)[0].notes[0] == "您的预约号是 A-0001，11月23日 09:30 到2号窗口。"


async def test_forms_on_both_sides_are_one_paper(tmp_path: Path) -> None:
    """And only the older forms that the answers call for are counted."""
    scenario = scenario_of("form_first_passport", photo="later")
    older = ("LEGACY-PASSPORT", "LEGACY-HKMO", "LEGACY-TW")
    object.__setattr__(scenario, "settings", {"form.older": older, "form.two_sided": True})
    async with staged(tmp_path, scenario) as stage:
        assert (await stage.visit()).outcome == "printed"
        assert len(stage.desk.of(form.PreviewForm)[-1].sheets) == 2
        assert stage.desk.of(form.ReviewForm)[-1].papers == 2
        done = next(screen for screen in stage.desk.of(common.Message) if screen.title == "申请表打好了")
        assert done.body == "请从出纸口取走 1 张表，看一看字迹是否清楚。"
        assert stage.desk.of(common.Finish)[0].take[-1] == "申请表 1 张"
        (paper,) = stage.documents.papers
        assert (paper.pages, paper.sheets) == (2, 1)


async def test_a_printer_without_a_duplex_unit_prints_one_side(tmp_path: Path) -> None:
    """Whatever the settings say: refused by the printer, the form would come out for nobody."""
    scenario = scenario_of("form_first_passport", photo="later")
    object.__setattr__(scenario, "settings", {"form.older": ("LEGACY-PASSPORT",), "form.two_sided": True})
    async with staged(tmp_path, scenario) as stage:
        printer: Any = stage.machine.devices.document_printer
        printer.capabilities = {**printer.capabilities, "sides": ("one-sided",), "duplex": False}
        assert (await stage.visit()).outcome == "printed"
        assert not stage.desk.of(form.PreviewForm)[-1].two_sided
        assert stage.desk.of(common.Finish)[0].take[-1] == "申请表 2 张"


async def test_consent_to_a_photo_is_of_who_gave_it(tmp_path: Path) -> None:
    """Another card on the same visit: also after it was read twice, whoever it belongs to has not agreed to anything."""
    _, other = applicant(tmp_path, photo="camera")
    async with staged(tmp_path / "var", scenario_of("form_first_passport", photo="later")) as stage:
        cards = TwoCards(stage, other)

        def swaps(_: object) -> str:
            cards.swap()
            raise Back

        await stage.visit(
            {
                common.ServiceStart: [common.StartAnswer(True)],
                common.PlaceIdCard: [cards.place] * 30,
                form.FormSections: [swaps, Back(), "next"],
                form.PreviewForm: [Cancelled()],
            }
        )
        assert stage.desk.names().count("PlaceIdCard") == 3
        (ways,) = stage.desk.of(form.ChoosePhotoWay)
        assert (ways.camera, ways.why_not) == (False, NO_CONSENT)


async def test_no_code_is_promised_where_none_was_printed(tmp_path: Path) -> None:
    """A hall's own form may ask for more than a code can hold."""
    more = {f"words_{n}": "早" * 200 for n in range(30)}
    fields = "".join(
        f'[[field]]\nkey = "{key}"\nlabel = "{key}"\nsource = "user"\nkind = "text"\nsection = "all"\nmax_length = 200\n'
        for key in more
    )
    asked = f'fields = ["words", {", ".join(map(repr, more))}]'
    (tmp_path / "bare_1.toml").write_text(BARE.replace('fields = ["words"]', asked) + fields)
    scenario = scenario_of("form_first_passport")
    object.__setattr__(scenario, "settings", {"form.folder": tmp_path, "form.id": "BARE-1", "form.submit": False})
    async with staged(tmp_path / "var", scenario) as stage:
        assert (await stage.visit({form.FormQuestion: [{"words": "早", **more}]})).outcome == "printed"
        assert stage.desk.of(form.PreviewForm)[-1].sheets[0].qr == ""
        assert "二维码" not in stage.desk.of(common.Finish)[0].detail


class Blind:
    """A studio whose camera stops by itself."""

    async def capture(self, profile: str) -> AsyncIterator[PhotoStep]:
        for step in ():
            yield step


async def test_a_camera_that_stops_by_itself_is_told(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario_of("form_first_passport", photo="later")) as stage:
        made = stage.machine.applications
        assert made is not None
        stage.machine = replace(stage.machine, applications=replace(made, studio=Blind()))
        waits: dict[type[Any], list[Any]] = {form.ChoosePhotoWay: ["camera", "later"], common.Message: ["other_way"]}
        assert (await stage.visit(waits)).outcome == "printed"
        assert stage.desk.of(common.Message)[0].title == "摄像头暂时不能用"


async def test_a_photo_profile_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    base = settings(tmp_path)
    wanted = base.model_copy(update={"form": base.form.model_copy(update={"photo_profile": "nowhere"})})
    with pytest.raises((SettingsError, TablesError), match="nowhere"):
        async with assemble(wanted, attend=False):
            pass


def test_a_key_that_could_not_be_written_leaves_nothing(tmp_path: Path) -> None:
    """A disk that is full: the next try does not find half a key in its way."""
    file = tmp_path / "key.pem"
    program = (
        "import resource, sys, pathlib\n"
        "from cryptography.hazmat.primitives.asymmetric import ed25519\n"
        "from config.settings import SettingsError\n"
        "from kiosk.applications import write_new_key\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "try:\n    write_new_key(pathlib.Path(sys.argv[1]))\n"
        "except SettingsError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-B", "-c", program, str(file)], capture_output=True, text=True, check=True)
    assert "cannot be written" in done.stdout
    assert not file.exists()


def test_no_more_older_forms_than_the_preview_can_name() -> None:
    with pytest.raises(ValidationError):
        ApplicationForm(older=("A", "B", "C", "D"))


def test_a_phone_brings_nothing_that_no_page_could_mend() -> None:
    """The area's code is not asked for: a wrong one would keep the form from being printed for ever."""
    table = load_form("CRJ-2014")
    own = Record(table.id, table.version, {"hukou_code": Value("330203", "derived")})
    theirs = Record(table.id, table.version, {"hukou_code": Value("33", "user"), "phone": Value("13000000000", "user")})
    mixed = adopt(table, own, theirs)
    assert mixed.text("phone") == "13000000000"
    assert (mixed.text("hukou_code"), mixed.source("hukou_code")) == ("330203", "derived")
    assert "hukou_code" not in {problem.key for problem in blocking(validate(table, mixed, TODAY))}


def test_profiles_of_a_hall_lie_in_its_folder(tmp_path: Path) -> None:
    assert ApplicationForm(folder=tmp_path).photo_folder() is None
    (tmp_path / "photo").mkdir()
    assert ApplicationForm(folder=tmp_path).photo_folder() == tmp_path / "photo"
    assert load(None, "ci").form.photo_folder() is None
