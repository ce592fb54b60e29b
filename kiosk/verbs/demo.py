"""`kiosk demo`: a simulated citizen does each service, by touch on the real widgets and on the simulators' wires.

Nothing is taken short: the card's bytes cross the reader's protocol, the camera's worker draws a face, the payment code is read
from a screenshot of the screen and paid over HTTP, and the paper is what the ESC/POS machine made of the bytes it got.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog

from config.scenarios import Scenario, ScenarioError, list_scenarios, load_scenario
from config.sections import Ledger
from config.settings import Settings, SettingsError
from config.tables import load_tables
from kiosk.journeys.lobby import Ended
from kiosk.ports.clock import Clock, SystemClock
from kiosk.verbs.scenario_settings import apply_rules, apply_settings

TOUR = (
    "happy_two_records", "payer_code", "points_reach_12", "new_energy_elder", "no_face_consent", "defends", "paper_out",
    "pay_overdue", "pay_scanned_qr",
    "endorse_happy_both", "endorse_ee08_both_in_force", "endorse_write_failed", "endorse_not_taken",
    "form_photo", "form_all_three", "form_phone_code", "form_printer_retry",
)  # fmt: skip
"""What `make demo` shows: the ordinary case, a payment code held before the scanner, a locked row, 长辈版, staff check, an objection,
and paper running out; fines paid by the number of the decision, typed (with a surcharge) and scanned; then a permit for two places, a rule
that says no, a chip that cannot be written (the fee goes back), and a permit that nobody takes; then application forms: with a photo taken
here, for everything in 长辈版, filled on a phone beforehand, and with a printer that fails once."""
NEEDED = ("id_card", "camera", "receipt_printer", "qr_scanner")
NEEDED_ALSO = {
    "endorsement": (("permit_unit", "permit_reader"), "a simulated card unit and chip reader"),
    "form": (("document_printer",), "a simulated A4 printer"),
}
"""By service, and in words."""
CODE_S = 20.0
"""Nobody waits two minutes in a demo for a code to expire."""
TAKE_S = 5
"""Nor a minute for a permit to be taken by nobody."""
FINISH_S = 8
UNIT_SPEED = 8
"""Times faster than a real unit, which takes 40 s to make a permit."""
SETTLED = {"paid_late": ("unpaid", "payment_unknown", "paid")}
"""Ends that only the sweeper reaches, and how the visit itself may have ended."""


@dataclass
class Journey:
    """One entry of summary.json."""

    name: str
    scenario: str
    outcome: str = ""
    seconds: float = 0.0
    order_no: str = ""
    amount_fen: int = 0
    decision_nos: list[str] = field(default_factory=list)
    screens: list[str] = field(default_factory=list)
    receipts: list[dict[str, str]] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    """Backs of permits that were printed; told for the endorsement service only."""
    pages: list[dict[str, str]] = field(default_factory=list)
    """A4 pages that were printed, each with its `pdf` and its `png`; told for the form service only."""


def run(settings: Settings, names: Sequence[str], out: Path, *, windowed: bool) -> int:
    """Exit status 0 when every visit reached the end its scenario names."""
    simulated = settings.devices.simulated()
    if not set(NEEDED) <= set(simulated):
        raise SettingsError("the demo needs simulated devices; run it with --profile demo.")
    if not windowed or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    clock = SystemClock()
    wanted = list(list_scenarios("all")) if list(names) == ["all"] else list(names or TOUR)
    try:
        scenarios = [load_scenario(name, clock.now().date()) for name in wanted]
    except ScenarioError as error:
        raise SettingsError(str(error)) from None
    tables = load_tables(settings.kiosk.tables)
    for service, (needed, what) in NEEDED_ALSO.items():
        first = next((scenario.name for scenario in scenarios if scenario.service == service), None)
        if first is not None and not set(needed) <= set(simulated):
            raise SettingsError(f"{first} needs {what}; run it with --profile demo.")
    for scenario in scenarios:
        apply_settings(settings, scenario)  # what does not fit is said before anything is shown
        apply_rules(tables, scenario)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"--out: {out}: cannot be written: {error.strerror}.") from None
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

    from PySide6.QtWidgets import QApplication
    from qasync import QEventLoop

    app = QApplication.instance() or QApplication(sys.argv[:1])
    with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        return runner.run(_tour(settings, clock, scenarios, out))


async def _tour(settings: Settings, clock: Clock, scenarios: Sequence[Scenario], out: Path) -> int:
    from kiosk.verbs.demo_hands import Stuck

    journeys: list[Journey] = []
    failed = 0
    for number, scenario in enumerate(scenarios, 1):
        print(f"[{number}/{len(scenarios)}] {scenario.name}: {scenario.title}", file=sys.stderr, flush=True)
        try:
            done = await _visit(settings, clock, scenario, out / f"{number:02d}-{scenario.name}")
        except Stuck as stuck:
            print(f"      stuck: {stuck}", file=sys.stderr, flush=True)
            failed += 1
            continue
        for journey in done:
            journeys.append(journey)
            expected = "completed" if journey.name == "reprint" else str(scenario.outcome)
            word = journey.outcome.split(":")[0]
            good = word == expected or word in SETTLED.get(expected, ())
            failed += not good
            said = "ok" if good else f"expected {expected}"
            papers = f"{len(journey.screens)} screens, {len(journey.receipts)} receipts"
            papers += f", {len(journey.pages)} pages" if journey.pages else ""
            print(
                f"      {journey.name}: {journey.outcome} ({said}), {journey.seconds:.1f} s, {papers}",
                file=sys.stderr,
                flush=True,
            )
        summary = {"version": 1, "journeys": [_relative(journey, out) for journey in journeys]}
        text = json.dumps(summary, ensure_ascii=False, indent=2) + "\n"
        await asyncio.to_thread((out / "summary.json").write_text, text)
    print(f"written to {out}/ (summary.json)", file=sys.stderr)
    return 1 if failed else 0


def _relative(journey: Journey, out: Path) -> dict[str, Any]:
    entry = {
        **vars(journey),
        "seconds": round(journey.seconds, 2),
        "screens": [str(Path(path).relative_to(out)) for path in journey.screens],
        "receipts": [{k: str(Path(v).relative_to(out)) for k, v in paper.items()} for paper in journey.receipts],
        "pictures": [str(Path(path).relative_to(out)) for path in journey.pictures],
        "pages": [{k: str(Path(v).relative_to(out)) for k, v in paper.items()} for paper in journey.pages],
    }
    for name, key in (("endorsement", "pictures"), ("form", "pages")):
        if journey.name != name:
            del entry[key]
    return entry


async def _visit(settings: Settings, clock: Clock, scenario: Scenario, out: Path) -> list[Journey]:
    from kiosk.app import assemble, serve_citizens
    from kiosk.journeys.services import SERVICES
    from kiosk.verbs.demo_citizen import DemoCitizen
    from kiosk.verbs.window import build

    await asyncio.to_thread(_empty, out)
    with TemporaryDirectory(prefix="onetrip-demo-") as state:
        ledger = Ledger(url=f"sqlite:///{state}/ledger.db", key_file=Path(state, "ledger.key"))
        parts = {
            "ledger": ledger,
            "signing": settings.signing.model_copy(update={"folder": Path(state, "recordings")}),
            "wallet": settings.wallet.model_copy(update={"code_s": CODE_S, "late_s": 1.0}),
            "endorsement": settings.endorsement.model_copy(update={"take_s": TAKE_S}),
            "session": settings.session.model_copy(update={"finish_s": FINISH_S}),
        }
        local = apply_settings(settings.model_copy(update=parts), scenario)
        desk, frame = build(local, clock, windowed=True)
        try:
            tables = apply_rules(await asyncio.to_thread(load_tables, settings.kiosk.tables), scenario)
            async with assemble(local, clock=clock, scenarios=[scenario], tables=tables) as machine:
                ends: asyncio.Queue[Ended] = asyncio.Queue()
                serving = asyncio.ensure_future(serve_citizens(machine, desk, SERVICES, ends.put_nowait))
                citizen = DemoCitizen(scenario, machine.virtual, desk, out, local.ui.guard_ms)
                try:
                    if (unit := machine.virtual.get("permit_unit")) is not None:
                        unit.control({"do": "speed", "factor": UNIT_SPEED})
                    journeys = [await _live(citizen, ends, serving, scenario.service, scenario)]
                    if scenario.outcome == "printed_later":
                        citizen.refill()
                        journeys.append(await _live(citizen, ends, serving, "reprint", scenario))
                finally:
                    serving.cancel()
                    await asyncio.gather(serving, return_exceptions=True)
        finally:
            desk.close()
            frame.set_closable(True)
            frame.close()
            frame.deleteLater()
    return journeys


KEPT = ("*.png", "*.escpos", "*.pdf")


def _empty(out: Path) -> None:
    """A directory for this visit's pictures, without those of an earlier run."""
    out.mkdir(parents=True, exist_ok=True)
    for old in (path for kind in KEPT for path in out.glob(kind)):
        old.unlink()


async def _live(
    citizen: Any, ends: asyncio.Queue[Ended], serving: asyncio.Future[None], service: str, scenario: Scenario
) -> Journey:
    """One session, from the touch on the home screen to the home screen."""
    began = time.monotonic()
    citizen.arrive(service)
    acting = asyncio.ensure_future(citizen.act())
    ending = asyncio.ensure_future(ends.get())
    try:
        await asyncio.wait((acting, ending, serving), return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        if acting.done():
            acting.result()
        ended = await ending
    finally:
        for task in (acting, ending):
            task.cancel()
        await asyncio.gather(acting, ending, return_exceptions=True)
        citizen.leave()
    kept = await citizen.collect()
    return Journey(
        service,
        scenario.name,
        ended.outcome,
        time.monotonic() - began,
        ended.order_no,
        ended.amount_fen,
        list(ended.decision_nos),
        kept.screens,
        kept.receipts,
        kept.pictures,
        kept.pages,
    )
