"""The demo's citizen: decides like the rehearsal's, and acts by touch on the widgets that are on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from PySide6.QtGui import QImage

from config.scenarios import Scenario
from kiosk.ports.bench import VirtualDevice
from kiosk.rehearsal import Citizen
from kiosk.screens import common, endorsement, pay, violation
from kiosk.screens.base import Cancelled, Page, Screen
from kiosk.screens.robot import WAIT
from kiosk.verbs import demo_endorsement, demo_fine, demo_form, demo_violation
from kiosk.verbs.demo_album import Album, Kept
from kiosk.verbs.demo_hands import Hands, Stuck, touch_common
from kiosk.verbs.fingers import Fingers, NotThere
from ui.desk import QtDesk, QtPage

PATIENCE_S = 1.5
"""Without news for so long, the citizen looks again and acts again."""
STUCK_AFTER = 20
"""Fresh looks at an unchanged screen, half a minute in all."""
FREE = ("none", "mouth")
"""Where the card is when the person at the slot has something to do."""


class DemoCitizen:
    """Lives through sessions on `desk`; pictures of every screen go to `out`."""

    def __init__(
        self, scenario: Scenario, virtual: Mapping[str, VirtualDevice], desk: QtDesk, out: Path, guard_ms: int
    ) -> None:
        self._scenario = scenario
        self._virtual = virtual
        self._desk = desk
        self._guard = guard_ms / 1000 + 0.05
        self._fingers = Fingers(desk.frame)
        self._album = Album(virtual, desk, out)
        self._hands = Hands(self._fingers, self._guard, self._album.picture, lambda page: desk.current is page)
        self._news = asyncio.Event()
        self._page: Page[Any] | None = None
        self._mind = Citizen(scenario, virtual)
        self._service = ""
        self._dressed = False
        self._scanned: Page[Any] | None = None
        self._fresh_looks = 0
        self._last: Screen[Any] | None = None
        self._seen: Page[Any] | None = None
        self._gone = False
        """Has walked away and left the permit in the slot: nobody touches anything any more."""
        desk.watcher = self._watch

    # -- the visit -------------------------------------------------------------------------------------------------------

    def arrive(self, service: str) -> None:
        self._service = service
        self._gone = False
        self._mind = Citizen(self._scenario, self._virtual, troubles=service == self._scenario.service)
        self._mind.arrive()
        if self._scenario.wallet.get("preset") == "pays":
            # This citizen pays for real: reads the code from the screen and opens its page, as a phone does.
            self._virtual["wallet"].control({"do": "script", "preset": "human"})

    def leave(self) -> None:
        self._mind.leave()

    def refill(self) -> None:
        self._virtual["receipt_printer"].control({"do": "refill"})

    async def act(self) -> None:
        """React to what is shown, for ever. Raises Stuck when nothing leads on."""
        while True:
            if self._fresh_looks > STUCK_AFTER:
                raise Stuck(f"nothing the citizen does leads on from {type(self._last).__name__}")
            page = self._desk.current
            screen = page.screen if page is not None else None
            if page is not None and screen is not None:
                if page is not self._page:
                    await asyncio.sleep(self._guard)
                    self._page = page
                    self._fresh_looks = self._fresh_looks + 1 if screen == self._last else 0
                    self._last = screen
                    continue
                await self._react(page, screen)
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self._news.wait()
            except TimeoutError:
                self._page = None  # look at the page with fresh eyes
            self._news.clear()

    def _watch(self) -> None:
        """Called by the desk in the moment a page opens: what a scenario foresees for it happens at once."""
        page = self._desk.current
        if page is not None and page is not self._seen and page.screen is not None:
            self._seen = page
            if not isinstance(page.screen, endorsement.TakePermit):  # a hand takes its time; see `_take`
                self._mind.see(page.screen)
        self._news.set()

    async def _react(self, page: QtPage[Any], screen: Screen[Any]) -> None:
        await self._album.picture(page, _state(screen))
        try:
            if isinstance(screen, common.Home):
                with suppress(NotThere):
                    await self._home(screen)
                return
            if self._gone:
                return
            if isinstance(screen, (endorsement.CheckPermit, endorsement.TakePermit)):
                await self._album.permit_back()
            if isinstance(screen, endorsement.TakePermit):
                self._take(screen)
                return
            if isinstance(screen, endorsement.InsertPermit) and not self._slot_free():
                return
            if not self._dressed:
                await self._dress()
            if self._desk.current is not page:
                return  # it went on by itself while it was looked at: what was decided for it is no answer to the next one
            answer = self._mind.replies[type(screen)](screen)
        except Cancelled:
            await self._leave_early()
            return
        if isinstance(screen, pay.PayByQr) and screen.state == "waiting" and answer is WAIT:
            await self._pay(page)
        elif answer is not WAIT:
            try:
                await self._touch(page, screen, answer)
            except NotThere:
                return  # the page changed under the finger; look again

    def _take(self, screen: endorsement.TakePermit) -> None:
        """Take the permit, or walk away with everything else."""
        if screen.state not in ("waiting", "alarm"):
            return
        self._mind.see(screen)
        if not self._scenario.citizen.takes_permit:
            self._gone = True
            self._mind.leave()

    def _slot_free(self) -> bool:
        """Whether a hand can put a card in, or take back the one that was refused: not while the unit draws it in."""
        state = self._virtual["permit_unit"].state()
        return state["position"] in FREE and not state["phase"] and not state["waiting"]

    async def _home(self, screen: common.Home) -> None:
        offered = {card.id: f"c01.card.{card.id}" for card in screen.services if not card.unavailable}
        offered |= {card.id: f"c01.tile.{card.id}" for card in screen.tiles if not card.unavailable}
        if self._service in offered:
            await self._fingers.tap(offered[self._service])

    async def _dress(self) -> None:
        """Large type or high contrast, from the utility bar."""
        self._dressed = True
        for wanted, name in (
            (self._scenario.citizen.large_text, "utility.large"),
            (self._scenario.citizen.high_contrast, "utility.contrast"),
        ):
            if wanted:
                await self._fingers.tap(name)
                await asyncio.sleep(self._guard + 0.4)

    async def _leave_early(self) -> None:
        if self._fingers.find("utility.exit") is not None:
            await self._fingers.tap("utility.exit")
            await asyncio.sleep(self._guard)
            if self._fingers.find("leave.leave") is not None:
                await self._album.picture(None, "Exit")
                await self._fingers.tap("leave.leave")

    async def _touch(self, page: QtPage[Any], screen: Screen[Any], answer: Any) -> None:
        for service in (demo_violation, demo_endorsement, demo_form, demo_fine):
            if await service.touch(self._hands, page, screen, answer):
                return
        await touch_common(self._hands, page, screen, answer)

    async def _pay(self, page: QtPage[Any]) -> None:
        """Hold a phone to the screen: decode the code from a picture of it, open its page and pay."""
        if self._scenario.wallet.get("preset") != "pays" or self._scanned is page:
            return
        picture = self._desk.frame.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        url = await asyncio.to_thread(_decode, picture)
        if not url:
            return
        self._scanned = page
        async with httpx.AsyncClient(timeout=5.0, trust_env=False) as phone:
            (await phone.get(url)).raise_for_status()
            (await phone.post(url)).raise_for_status()

    async def collect(self) -> Kept:
        """The screens and papers since the last call."""
        return await self._album.collect()


def _state(screen: Screen[Any]) -> str:
    """What makes this look of a page worth a picture of its own."""
    for service in (demo_endorsement, demo_form, demo_fine):
        state: str | None = service.state_of(screen)
        if state is not None:
            return state
    match screen:
        case common.Home():
            return "starting" if any(card.unavailable for card in screen.services) else ""
        case common.PlaceIdCard():
            return screen.state + ("-trouble" if screen.trouble else "")
        case common.FaceCheck():
            return screen.phase
        case pay.PayByQr():
            return screen.state
        case pay.ScanPayerCode():
            return screen.state + ("-trouble" if screen.trouble else "")
        case violation.PenaltyNotice():
            return "trouble" if screen.trouble else ""
        case violation.Evidence():
            return "" if screen.photos is None else "photos"
        case common.Working():
            return "".join(phase.state[0] for phase in screen.phases)
    return ""


def _decode(picture: QImage) -> str:
    import numpy as np
    import zxingcpp

    rows = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine())
    pixels = rows[:, : picture.width() * 3].reshape(picture.height(), picture.width(), 3)
    found = zxingcpp.read_barcodes(np.ascontiguousarray(pixels))
    return found[0].text if found else ""
