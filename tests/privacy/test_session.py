"""One whole session by touch on the real desk; then nothing of the citizen is left anywhere in the process or on the disk."""

from __future__ import annotations

import asyncio
import gc
import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from config.scenarios import Scenario, load_scenario
from config.settings import load
from drivers.receipt_printer.ticket import Ticket
from kiosk.domain.identity import IdCard, Photo
from kiosk.domain.slip import Slip
from kiosk.domain.violation import Driver, Vehicle, ViolationRecord
from kiosk.journeys.identify import Visitor
from kiosk.journeys.lobby import Ended
from kiosk.ledger.store import Move, New, Record
from kiosk.ports.clock import SystemClock
from kiosk.ports.devices import FaceCapture, FaceMatch, Frame
from kiosk.screens.base import Row, Screen
from kiosk.screens.common import Home
from kiosk.screens.pay import PayByQr
from kiosk.screens.violation import SummaryLine, VehicleRow, ViolationRow
from tests.privacy.written import configured

pytestmark = [pytest.mark.xdist_group("privacy"), pytest.mark.timeout(180)]
"""One session serves all of these."""

PERSONAL = (
    Visitor, IdCard, Photo, Driver, Vehicle, ViolationRecord, Slip, Ticket, Record, New, Move, FaceCapture, FaceMatch, Frame,
    Screen, Row, SummaryLine, VehicleRow, ViolationRow,
)  # fmt: skip


def secrets(scenario: Scenario) -> dict[str, str]:
    """Everything that names this citizen, as it might be written down; also what stands masked on a screen."""
    person, record = scenario.person, scenario.records[0]
    plate = scenario.vehicles[0].plate
    return {
        "name": person.name,
        "masked name": f"{person.name[0]}*",
        "number": person.number,
        "masked number": f"{person.number[:4]}*",
        "birth": f"{person.birth:%Y%m%d}",
        "address": person.address,
        "plate": plate,
        "shown plate": f"{plate[:2]}·{plate[2:]}",
        "file number": scenario.licence.file_no if scenario.licence else "",
        "place": record.place,
        "act": record.act,
        "frame number": scenario.vehicles[0].vin,
    }


@dataclass
class Left:
    """What was found after the session, by where."""

    ended: Ended
    texts: dict[str, str]
    objects: list[str]
    clipboard: str
    log: str
    state: Path
    temp: Path
    busy_clipboard: str


async def session(app: QApplication, scenario: Scenario, folder: Path, log: io.StringIO, before: list[object]) -> Left:
    from kiosk.app import assemble, serve_citizens
    from kiosk.journeys.services import SERVICES
    from kiosk.verbs.demo_citizen import DemoCitizen
    from kiosk.verbs.window import build

    clock = SystemClock()
    base = load(profile="ci")
    state = folder / "state"
    settings = base.model_copy(
        update={
            "ledger": base.ledger.model_copy(update={"url": f"sqlite:///{state}/ledger.db", "key_file": state / "key"}),
            "wallet": base.wallet.model_copy(update={"code_s": 20.0, "late_s": 1.0}),
        }
    )
    pictures = folder / "pictures"
    pictures.mkdir()
    desk, frame = build(settings, clock, windowed=True)
    async with assemble(settings, clock=clock, scenarios=[scenario]) as machine:
        ends: asyncio.Queue[Ended] = asyncio.Queue()
        serving = asyncio.ensure_future(serve_citizens(machine, desk, SERVICES, ends.put_nowait))
        citizen = DemoCitizen(scenario, machine.virtual, desk, pictures, 0)
        desk.watcher = copying(desk, scenario.person.name, desk.watcher)
        citizen.arrive("violation")
        acting = asyncio.ensure_future(citizen.act())
        ending = asyncio.ensure_future(ends.get())
        await asyncio.wait((acting, ending, serving), return_when=asyncio.FIRST_COMPLETED, timeout=120)
        if acting.done():
            acting.result()
        ended = ending.result()
        busy_clipboard = "" if not QGuiApplication.clipboard().text() else "left"
        acting.cancel()
        await asyncio.gather(acting, return_exceptions=True)
        citizen.leave()
        # What stands for the citizen, the phone and the paper is not the kiosk: it goes now.
        desk.watcher = None
        del citizen, acting, ending
        for _ in range(5):
            await asyncio.sleep(0.05)
            app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        assert desk.current is not None
        assert isinstance(desk.current.screen, Home)
        left = Left(
            ended, widget_texts(), held(personal_objects(), before), QGuiApplication.clipboard().text(), log.getvalue(), state,
            Path(tempfile.gettempdir()), busy_clipboard,
        )  # fmt: skip
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    left.log = log.getvalue()
    desk.close()
    frame.set_closable(True)
    frame.close()
    frame.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return left


def copying(desk: Any, text: str, then: Callable[[], None] | None) -> Callable[[], None]:
    """A watcher that puts the text into the clipboard on the payment page."""

    def watch() -> None:
        if desk.current is not None and isinstance(desk.current.screen, PayByQr):
            QGuiApplication.clipboard().setText(text)
        if then is not None:
            then()

    return watch


def widget_texts() -> dict[str, str]:
    """Every text of every widget alive: its Qt properties and what Python keeps on it."""
    found: dict[str, str] = {}
    for n, widget in enumerate(QApplication.allWidgets()):
        said: list[str] = []
        meta = widget.metaObject()
        for at in range(meta.propertyCount()):
            if meta.property(at).typeName() in ("QString", "QStringList", "QVariant", "QUrl"):
                said.append(str(meta.property(at).read(widget)))
        said += [str(widget.property(bytes(name.data()).decode())) for name in widget.dynamicPropertyNames()]
        said += [f"{key}={value!r}" for key, value in vars(widget).items() if not isinstance(value, QWidget)]
        found[f"{n} {type(widget).__name__} {widget.objectName()}"] = " ".join(said)
    return found


def personal_objects() -> list[object]:
    """Objects alive that hold or show a citizen's data."""
    from ui.desk import QtPage
    from ui.pages.base import PageWidget
    from ui.pages.home import HomePage

    gc.collect()
    return [
        thing
        for thing in gc.get_objects()
        if (isinstance(thing, PERSONAL) and not isinstance(thing, Home))
        or (isinstance(thing, PageWidget) and not isinstance(thing, HomePage))
        or (isinstance(thing, QtPage) and not isinstance(thing.screen, Home))
    ]


def held(found: list[object], before: list[object]) -> list[str]:
    """What was not there before (other tests keep samples), and who holds it."""
    known = {id(thing) for thing in before}
    return [
        f"{type(thing).__name__} held by {[type(holder).__name__ for holder in gc.get_referrers(thing)][:6]}"
        for thing in found
        if id(thing) not in known
    ]


def scan_files(folder: Path, secret: str) -> list[str]:
    """Files in which the text stands, in any of the encodings used here."""
    wanted = [secret.encode(code) for code in ("utf-8", "gbk", "utf-16-le")]
    wanted.append(secret.encode("unicode_escape"))
    return [
        str(file) for file in folder.rglob("*") if file.is_file() and any(each in file.read_bytes() for each in wanted)
    ]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("happy_two_records", SystemClock().now().date())


@pytest.fixture(scope="module")
def left(qapp: QApplication, scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Left:
    from qasync import QEventLoop

    folder = tmp_path_factory.mktemp("session")
    (folder / "tmp").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder / "tmp"))
        patch.setenv("TMPDIR", str(folder / "tmp"))
        with configured(patch) as log:
            gc.unfreeze()  # what was there before the tests counts as there before: the window's own start takes it out as well
            gc.collect()
            with asyncio.Runner(loop_factory=lambda: QEventLoop(qapp)) as runner:
                found = runner.run(session(qapp, scenario, folder, log, personal_objects()))
    del runner
    gc.collect()  # here, in Qt's own thread: what is left of the loop must not be collected in another one
    gc.freeze()
    return found


def test_the_session_was_a_whole_one(left: Left) -> None:
    assert left.ended.outcome == "paid"
    assert len(left.ended.decision_nos) == 2
    assert "session_ended" in left.log
    assert left.texts


def test_no_widget_keeps_a_text(left: Left, scenario: Scenario) -> None:
    for what, secret in secrets(scenario).items():
        assert [where for where, text in left.texts.items() if secret and secret in text] == [], what


def test_no_object_is_alive(left: Left) -> None:
    assert left.objects == []


def test_the_clipboard_is_empty(left: Left) -> None:
    assert left.busy_clipboard == ""
    assert left.clipboard == ""


def test_the_log_names_nobody(left: Left, scenario: Scenario) -> None:
    for what, secret in secrets(scenario).items():
        assert not secret or secret not in left.log, what
    assert scenario.records[0].id not in left.log.replace(left.ended.order_no, "")


def test_the_ledger_is_sealed(left: Left, scenario: Scenario) -> None:
    files = [file.name for file in left.state.iterdir()]
    assert "ledger.db" in files
    for what, secret in secrets(scenario).items():
        if secret:
            assert scan_files(left.state, secret) == [], what


def test_nothing_is_spooled(left: Left, scenario: Scenario) -> None:
    for what, secret in secrets(scenario).items():
        if secret:
            assert scan_files(left.temp, secret) == [], what
    pictures = [
        file
        for file in left.temp.rglob("*")
        if file.is_file() and file.read_bytes()[:3] in (b"\xff\xd8\xff", b"\x89PN")
    ]
    assert pictures == []


def test_the_measures_measure(tmp_path: Path, qapp: QApplication) -> None:
    """Each of the looks above finds what it looks for."""
    (tmp_path / "a.db").write_bytes("x张示例".encode("gbk"))
    assert scan_files(tmp_path, "张示例")
    widget: Any = QWidget()
    widget.setAccessibleName("张示例")
    assert any("张示例" in text for text in widget_texts().values())
    visitor = Visitor()
    assert any(thing is visitor for thing in personal_objects())
    del visitor
    widget.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
