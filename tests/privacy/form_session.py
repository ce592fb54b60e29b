"""Started as its own process: a kiosk with its window serves one applicant, says what it still holds of them, and waits to be closed.

Arguments: the settings and the scenario. On stdout, one line of JSON: `outcome`, `objects` (alive and about the citizen), `documents`
(beginnings of PDFs and photos in memory), `pids`. The log goes to stderr, at its most talkative. Platform and printer are elsewhere.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from config.scenarios import Scenario, load_scenario
from config.settings import Settings, load
from kiosk.app import assemble, serve_citizens
from kiosk.domain.forms.draft import Draft
from kiosk.domain.forms.payload import Payload
from kiosk.domain.forms.record import Record, Value
from kiosk.domain.forms.sheet import Sheet
from kiosk.domain.identity import IdCard, Photo
from kiosk.domain.names import Romanised
from kiosk.journeys.form.visit import Kept
from kiosk.journeys.identify import Visitor
from kiosk.journeys.lobby import Ended
from kiosk.journeys.services import SERVICES
from kiosk.logs import configure
from kiosk.ports.clock import SystemClock
from kiosk.ports.devices import Frame
from kiosk.ports.photo import IdPhoto
from kiosk.rehearsal import Citizen
from kiosk.screens.base import Row, Screen
from kiosk.screens.common import Home
from kiosk.screens.form import AnswerRow, FieldAsked
from kiosk.screens.robot import WAIT
from kiosk.verbs.window import build
from tests.privacy.person import DOCUMENT
from ui.desk import QtDesk, QtPage
from ui.pages.base import PageWidget
from ui.pages.home import HomePage

PERSONAL = (
    Visitor, Kept, IdCard, Photo, IdPhoto, Frame, Record, Value, Romanised, Sheet, Draft, Payload, AnswerRow, FieldAsked, Screen, Row,
)  # fmt: skip


class Puppeteer:
    """Decides like the rehearsal's citizen, on the window's own pages; answers are put to the page without a finger."""

    def __init__(self, desk: QtDesk, citizen: Citizen) -> None:
        self._desk = desk
        self._citizen = citizen
        self._chosen = False
        self._done: QtPage[Any] | None = None
        desk.watcher = self._watch

    def _watch(self) -> None:
        asyncio.get_running_loop().call_soon(self._act, self._desk.current)

    def _act(self, page: QtPage[Any] | None) -> None:
        if page is None or page is not self._desk.current or page is self._done or page.screen is None:
            return
        screen = page.screen
        if isinstance(screen, Home):
            card = next((card for card in screen.services if card.id == "form"), None)
            if self._chosen or card is None or card.unavailable:
                return
            self._chosen = True
            reply: Any = "form"
        else:
            self._citizen.see(screen)
            reply = self._citizen.replies[type(screen)](screen)
        if reply is not WAIT:
            self._done = page
            page.put(reply)


def about_the_citizen() -> list[str]:
    """Objects alive that hold or show a citizen's data, and who holds them."""
    gc.collect()
    found = [
        thing
        for thing in gc.get_objects()
        if (isinstance(thing, PERSONAL) and not isinstance(thing, Home))
        or (isinstance(thing, PageWidget) and not isinstance(thing, HomePage))
        or (isinstance(thing, QtPage) and not isinstance(thing.screen, Home))
    ]
    return [
        f"{type(t).__name__} held by {[type(holder).__name__ for holder in gc.get_referrers(t)][:6]}" for t in found
    ]


def documents_in_memory() -> list[str]:
    """Bytes objects that begin a PDF or a photo. The collector does not list bytes, only what holds them."""
    gc.collect()
    found = [
        thing
        for thing in gc.get_referents(*gc.get_objects())
        if isinstance(thing, (bytes, bytearray)) and len(thing) > 1000 and bytes(thing[:8]).startswith(DOCUMENT)
    ]
    told = []
    for thing in {id(thing): thing for thing in found}.values():
        holders = [holder for holder in gc.get_referrers(thing) if holder is not found]
        keys = [
            sorted(map(str, holder))[:6] if isinstance(holder, dict) else type(holder).__name__ for holder in holders
        ]
        told.append(f"{len(thing)} bytes held by {keys}")
    return told


async def settled(known: set[str]) -> list[str]:
    """What is still there after two seconds: whoever has just finished (a thread, a connection) may be the last to let go."""
    left: set[str] = set()
    for _ in range(10):
        left = set(documents_in_memory()) - known
        if not left:
            break
        await asyncio.sleep(0.2)
    return sorted(left)


async def session(app: QApplication, settings: Settings, scenario: Scenario) -> None:
    clock = SystemClock()
    desk, frame = build(settings, clock, windowed=True)
    async with assemble(settings, clock=clock, scenarios=[scenario]) as machine:
        known = set(documents_in_memory())  # the portrait on the simulated card
        ends: asyncio.Queue[Ended] = asyncio.Queue()
        citizen = Citizen(scenario, machine.virtual)
        citizen.arrive()
        puppeteer = Puppeteer(desk, citizen)
        serving = asyncio.ensure_future(serve_citizens(machine, desk, SERVICES, ends.put_nowait))
        ended = await ends.get()
        citizen.leave()
        desk.watcher = None
        del citizen, puppeteer
        for _ in range(5):
            await asyncio.sleep(0.05)
            app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        assert desk.current is not None
        assert isinstance(desk.current.screen, Home)
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        said = {
            "outcome": ended.outcome,
            "objects": about_the_citizen(),
            "documents": await settled(known),
            "pids": [os.getpid(), *map(int, children)],
        }
        print(json.dumps(said), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    desk.close()
    frame.set_closable(True)
    frame.close()


def main() -> None:
    from qasync import QEventLoop

    from ui.theme import application

    configure(verbose=True)
    settings = load(Path(sys.argv[1]))
    scenario = load_scenario(sys.argv[2], SystemClock().now().date())
    app = application()
    with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        runner.run(session(app, settings, scenario))


if __name__ == "__main__":
    main()
