"""The application form: one tap to the filled form on the screen, the whole journey without think time, and taps against typing it."""

from __future__ import annotations

import asyncio
import copy
import datetime as dt
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from config.scenarios import Scenario
from kiosk.domain.forms.sheet import Sheet
from kiosk.domain.identity import CardKind, IdCard, Sex
from kiosk.journeys.form.answer import fill
from kiosk.journeys.form.start import begin, start
from kiosk.journeys.form.visit import Visit
from kiosk.journeys.kit import Kit
from kiosk.journeys.services import run_form
from kiosk.journeys.walker import Step, walk
from kiosk.ports.forms import FormPainter
from kiosk.rehearsal import Citizen
from kiosk.screens import common, form
from kiosk.screens.base import Screen
from kiosk.screens.robot import RobotPage
from tests.bench.painter import Painter
from tests.bench.rows import Effort, Row, median, percentile, progress, spread
from tests.bench.taps import Counting, PlainTypist, Taps, Typist, whole
from tests.bench.visit import Hall, Timed, hall

TAP_MS = 100.0
JOURNEY_MS = 2000.0
TAPS = 0.2
WARM = 2
JOURNEYS = {
    "form_first_passport": "a passport, fetched at the window",
    "form_all_three": "passport, Hong Kong and Macao, Taiwan, by post",
}
COUNTED = {
    "form_first_passport": "a passport, fetched at the window",
    "form_all_three": "all three documents, posted home",
    "form_phone_code": "a passport, answers brought on a phone",
}
NAMES = ("吕模拟", "欧阳小模", "买买提·吐尔逊", "盖拟乐", "尉迟恭模", "王重阳", "曾仇", "单于示例")
ADDRESS = "浙江省宁波市鄞州区模拟街道示例路 8 弄 2 号 301 室"


# -- one tap -----------------------------------------------------------------------------------------------------------


def _card(number: int) -> IdCard:
    birth = dt.date(1980, 1, 1) + dt.timedelta(days=number)
    digits = f"330203{birth:%Y%m%d}000"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    check = "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11]
    name, until = NAMES[number % len(NAMES)], dt.date(2036, 1, 1)
    return IdCard(
        CardKind.RESIDENT, name, Sex.FEMALE, birth, digits + check, "", dt.date(2016, 1, 1), until, "01", ADDRESS
    )


class _Tap:
    """The steps from the first page on; the clock starts when the card has been read and its page has been painted."""

    def __init__(self, painter: Painter, kit: Kit) -> None:
        self._painter, self._kit = painter, kit

    async def took(self, card: IdCard) -> float:
        painter = self._painter
        began = 0.0

        async def in_hand(visit: Visit, kit: Kit) -> Visit:
            nonlocal began
            kit.desk.open(common.PlaceIdCard("done"))
            painter.settle()
            began = time.perf_counter()
            return replace(visit, card=card)

        steps: tuple[Step[Visit, Kit], ...] = (
            Step("", start),
            Step("刷身份证", in_hand),
            Step("刷身份证", begin, silent=True),
            Step("补充信息", fill),
        )
        walking = asyncio.ensure_future(walk(steps, Visit(), self._kit, self._kit.desk, self._kit.guard))
        try:
            await self._opened(common.ServiceStart, walking)
            painter.settle()
            current = painter.desk.current
            assert current is not None
            current.put(common.StartAnswer(False))
            await self._opened(form.FormSections, walking)
            painter.settle()
            return (time.perf_counter() - began) * 1000
        finally:
            walking.cancel()
            with suppress(asyncio.CancelledError):
                await walking

    async def _opened(self, kind: type[Screen[Any]], walking: asyncio.Future[Any]) -> None:
        while (current := self._painter.desk.current) is None or not isinstance(current.screen, kind):
            if walking.done():
                walking.result()
                raise RuntimeError(f"{kind.__name__} never came")
            await asyncio.sleep(0)


async def _taps_to_filled(effort: Effort, painter: Painter) -> Row:
    rounds = effort.of(60, 16)
    async with hall(service="form") as one:
        tap = _Tap(painter, one.machine.kit(painter.desk))
        progress(f"form: {rounds} taps")
        first = await tap.took(_card(0))
        values = [await tap.took(_card(number)) for number in range(1, rounds + WARM)][WARM - 1 :]
    painter.desk.close()
    floor = [painter.floor() for _ in range(rounds)]
    return Row(
        "form",
        "card read to the filled form painted (C18), tables and dictionary as in a running kiosk",
        median(values),
        "ms",
        f"median of {len(values)}",
        TAP_MS,
        peer=f"one full-window label {median(floor):.1f} ms",
        ratio=median(values) / median(floor),
        note=f"p99 {percentile(values, 99):.1f} ms; the very first of the process {first:.0f} ms",
        data={"ms": spread(values), "first": first},
    )


# -- the journey -------------------------------------------------------------------------------------------------------


@dataclass
class _Watch:
    """`FormPainter` with a stop watch. Raises RuntimeError where the page lacks the bar codes of the draft that was sent."""

    painter: FormPainter
    took: list[float] = field(default_factory=list)

    async def pdf(self, sheets: Sequence[Sheet]) -> bytes:
        sent = [key for key in sheets[0].values if key.startswith("barcode_")]
        if not sent:
            raise RuntimeError("the draft was not sent")
        began = time.perf_counter()
        made = await self.painter.pdf(sheets)
        self.took.append((time.perf_counter() - began) * 1000)
        return made

    def before(self, kit: Kit) -> Kit:
        assert kit.applications is not None
        return replace(kit, applications=replace(kit.applications, painter=self))


class _PaintedPage(RobotPage):
    """Answered by the robot, painted on the real page first, and again after each update."""

    def __init__(self, desk: Painted, screen: Screen[object], painter: Painter) -> None:
        super().__init__(desk, screen)
        self._painter = painter

    def update(self, screen: Screen[object]) -> None:
        current = self._painter.desk.current
        assert current is not None
        current.update(screen)
        self._painter.pass_events()
        super().update(screen)


class Painted(Timed):
    def __init__(self, citizen: Citizen, painter: Painter) -> None:
        super().__init__(citizen)
        self._painter = painter

    def open(self, screen: Screen[object]) -> RobotPage:  # type: ignore[override]
        super().open(screen)
        self._painter.show(lambda: screen, back=self.back, cancel=self.cancel, progress=self.current)
        return _PaintedPage(self, screen, self._painter)


async def _journey(effort: Effort, painter: Painter, name: str) -> list[Row]:
    times = effort.of(15, 5)
    async with hall(service="form", form=name) as plain, hall(service="form", form=name) as painted:
        painted.desk = lambda citizen: Painted(citizen, painter)
        sides: dict[str, tuple[Hall, _Watch]] = {}
        for side, place in (("robot", plain), ("painted", painted)):
            made = place.machine.applications
            assert made is not None
            watch = _Watch(made.painter)
            place.watched = watch.before
            sides[side] = place, watch
        took: dict[str, list[float]] = {side: [] for side in sides}
        progress(f"form: {name}, {times} visits headless and painted, in turns")
        for number in range(WARM + times):
            for side in sorted(sides, reverse=bool(number % 2)):
                elapsed = await sides[side][0].visit()
                took[side].append(elapsed)
                if number < WARM:
                    sides[side][0].pages.clear()
                    sides[side][1].took.clear()
                    took[side].clear()
    words = {"robot": "answered as data", "painted": "every page painted before it is answered"}
    rows = []
    for side, (place, watch) in sides.items():
        slowest = sorted(place.pages.items(), key=lambda item: -sum(item[1]))[:4]
        rows.append(
            Row(
                "form",
                f"form journey: {JOURNEYS[name]}; draft sent, printed; {words[side]}",
                median(took[side]),
                "ms",
                f"median of {times}",
                JOURNEY_MS,
                peer=f"the PDF of it {median(watch.took):.0f} ms",
                ratio=median(took[side]) / median(watch.took),
                note=f"p90 {percentile(took[side], 90):.0f} ms; pages with most: "
                + ", ".join(f"{page} {sum(parts) / times:.0f}" for page, parts in slowest),
                data={"ms": took[side], "pdf": watch.took},
            )
        )
    return rows


# -- taps --------------------------------------------------------------------------------------------------------------


def _look_through(painter: Painter, screen: form.ReviewForm) -> int:
    """Taps of "next" on the real page until it answers."""
    painter.show(lambda: screen)
    page, taps = painter.frame.page, 0
    answers: list[object] = []
    assert page is not None
    page.answered.connect(answers.append)
    while not answers:
        painter.frame.next_tapped.emit()
        painter.pass_events()
        taps += 1
        if taps > 20:
            raise RuntimeError("the page of all answers does not let go")
    return taps


def _at_home(scenario: Scenario) -> Scenario:
    """The post goes to the applicant, where the card says: what the machine has filled in stays."""
    wants = scenario.form
    assert wants is not None
    kept = {key: text for key, text in wants.answers.items() if key not in ("post_addr", "post_name", "post_phone")}
    other = copy.copy(scenario)
    object.__setattr__(other, "form", replace(wants, answers=kept))
    return other


async def _counted(painter: Painter, typist: Typist, name: str) -> list[Row]:
    async with hall(service="form", form=name) as one:
        if one.scenario.form is not None and one.scenario.form.brings:
            await one.machine.devices.by_name["qr_scanner"].open()
        citizen = Citizen(_at_home(one.scenario), one.machine.virtual)
        citizen.arrive()
        desk = Counting(citizen, typist, lambda screen: _look_through(painter, screen))
        ended = await run_form(one.machine.kit(desk))
        citizen.leave()
        if ended.outcome != "printed":
            raise RuntimeError(f"{name} ended with {ended.outcome}")
    sheet = next(screen.sheets[0] for screen in reversed(desk.shown) if isinstance(screen, form.PreviewForm))
    looked = desk.taps["ReviewForm"]
    ours = Taps().and_(sum(t.keys for t in desk.taps.values()), sum(t.others for t in desk.taps.values()))
    unaided = whole(sheet.form, sheet.values, PlainTypist()).and_(*looked)
    typed = whole(sheet.form, sheet.values, typist).and_(*looked)
    helped = whole(sheet.form, sheet.values, typist, helped=True).and_(*looked)
    data = {"ours": ours, "unaided": unaided, "whole": typed, "helped": helped, "pages": dict(desk.taps)}
    return [
        Row(
            "form",
            f"keys pressed against typing the whole form, nothing helping: {COUNTED[name]}",
            ours.keys / unaided.keys,
            "x",
            f"{ours.keys} of {unaided.keys} keys",
            TAPS,
            note=f"{ours.keys} of {typed.keys} on this machine's own keypad, which knows words, names and beginnings; of {helped.keys} "
            "where it also lists areas, spells the name and takes over what stands in another field",
            data=data,
        ),
        Row(
            "form",
            "all taps of it, choices and next included",
            ours.all / unaided.all,
            "x",
            f"{ours.all} of {unaided.all} taps",
            note=f"{ours.all} of {typed.all} on its own keypad; "
            + ", ".join(f"{kind} {taps.all}" for kind, taps in desk.taps.items()),
            data=data,
        ),
    ]


async def _measure(effort: Effort) -> list[Row]:
    painter = Painter()
    rows = [await _taps_to_filled(effort, painter)]
    for name in JOURNEYS:
        rows += await _journey(effort, painter, name)
    progress("form: taps counted")
    typist = Typist()
    for name in COUNTED:
        rows += await _counted(painter, typist, name)
    painter.desk.close()
    painter.frame.close()
    return rows


def measure(effort: Effort) -> list[Row]:
    return asyncio.run(_measure(effort))
