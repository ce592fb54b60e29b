"""One visit of an applicant in a kiosk process of its own, which kills itself on a page of the form's journey.

Started as its own process it imports everything once, then forks a kiosk process per line of JSON on stdin; see `tests.crash.forks`.
"""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import PySide6.QtWidgets

import drivers.id_photo
import kiosk.gateways.exit_entry.drafts
import ui.forms.painter
import ui.forms.pdf
from config.scenarios import Scenario, load_scenario
from config.settings import Settings, load
from drivers.camera.faces import draw_portrait
from kiosk.app import assemble
from kiosk.journeys.services import run_form
from kiosk.ports.clock import SystemClock
from kiosk.rehearsal import Citizen, Rehearsal
from kiosk.screens import common, form
from kiosk.screens.base import Screen
from tests.crash.forks import main

PRELOADED = (PySide6.QtWidgets, drivers.id_photo, kiosk.gateways.exit_entry.drafts, ui.forms.pdf, ui.forms.painter)
POINTS = ("card", "asked", "photo", "sending", "sent", "painting", "at_printer", "printed")
PAINTED_FOR_S = 0.02
"""Into the painting of the pages, which takes some tenths of a second."""


class Fatal(Rehearsal):
    """A rehearsal in which the process is gone without a word when `at` is reached."""

    def __init__(self, citizen: Citizen, at: str) -> None:
        super().__init__(citizen, keep=False)
        self._at = at

    def open(self, screen: Screen[Any]) -> Any:
        page = super().open(screen)
        self._look(screen)
        update = page.update

        def looking(screen: Screen[Any]) -> None:
            update(screen)
            self._look(screen)

        page.update = looking  # type: ignore[method-assign]
        return page

    def _look(self, screen: Screen[Any]) -> None:
        if not self._at or self._at != point_of(screen):
            return
        if self._at == "painting":
            asyncio.get_running_loop().call_later(PAINTED_FOR_S, die)
        elif self._at == "at_printer":
            return  # whoever plays the printer sees the job come, and kills then
        else:
            die()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def point_of(screen: Screen[Any]) -> str:
    match screen:
        case form.FormSections():
            return "card"
        case form.FormQuestion():
            return "asked"
        case form.PhotoTaken():
            return "photo"
        case form.PreviewForm():
            return "sent"
        case common.Working(title="正在准备申请表"):
            return "sending"
        case common.Working(title="正在打印申请表", phases=(common.Phase(state="doing"), *_)):
            return "painting"
        case common.Working(title="正在打印申请表", phases=(common.Phase(state="done"), common.Phase(state="doing"))):
            return "at_printer"
        case common.Message(title="申请表打好了"):
            return "printed"
    return ""


async def run(settings: Settings, scenario: Scenario, at: str) -> dict[str, Any]:
    """A whole visit where `at` is empty."""
    async with assemble(settings, scenarios=[scenario], attend=False) as machine:
        for name in ("id_card", "camera", "document_printer"):
            await machine.devices.by_name[name].open()
        citizen = Citizen(scenario, machine.virtual)
        citizen.arrive()
        ended = await run_form(machine.kit(Fatal(citizen, at)))
        return {"outcome": ended.outcome}


def visit(order: dict[str, Any]) -> dict[str, Any]:
    Path(order["pid_file"]).write_text(str(os.getpid()))
    settings = load(Path(order["config"]))
    return asyncio.run(run(settings, load_scenario(order["scenario"], SystemClock().now().date()), order["at"]))


if __name__ == "__main__":
    draw_portrait(1, 240, 320)  # what a face needs is loaded and worked out once
    main(visit)
