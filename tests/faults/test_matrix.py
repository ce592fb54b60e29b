"""Every row of config/fault_matrix.toml, lived through on one whole machine: pages, sentences, ledger and paper word for word, and the
next citizen served."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio

from config.fault_matrix import Fault, Good, HomeRow, Matrix, Row, load_matrix
from tests.faults.stage import Seen, World, world

MATRIX = load_matrix()
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(90),
    pytest.mark.usefixtures("qapp"),
]


def cases(matrix: Matrix) -> list[Any]:
    """One test a device, step, fault and service. In every run of the tests the first fault of each row stands for it, in the first
    service that uses the device so; all of them are lived through by make chaos."""
    return [
        pytest.param(
            row,
            service,
            written,
            id=f"{row.device}-{row.at}-{written.replace(' ', '_')}-{service}",
            marks=[] if (written, service) == (row.faults[0], row.services[0]) else pytest.mark.chaos,
        )
        for row, service, written in matrix.cases()
    ]


def home_cases(matrix: Matrix) -> list[Any]:
    return [
        pytest.param(row, written, id=f"{row.device}-home-{written.replace(' ', '_')}")
        for row in matrix.home
        for written in row.faults
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory, qapp: object) -> AsyncIterator[World]:
    pools = Counter(row.good(service) for row, service, _ in MATRIX.cases())
    async with world(tmp_path_factory.mktemp("matrix"), {name: 2 * count + 8 for name, count in pools.items()}) as made:
        yield made


@pytest.mark.parametrize(("row", "service", "written"), cases(MATRIX))
async def test_row(place: World, row: Row, service: str, written: str) -> None:
    fault, good = MATRIX.fault(written), MATRIX.good[row.good(service)]
    try:
        seen = await place.visit(place.someone(row.good(service)), MATRIX.planned(row, fault))
        await told_so(place, row, service, good, seen)
        await recovers(place, row, fault, good, seen)
        if not unnoticed(row) or written == row.faults[0]:
            following = await place.visit(place.someone(row.good(service)))
            assert following.outcome == good.ends, following.said
            assert following.pages == list(good.pages)
            assert (following.slips, following.sheets) == (list(good.slips), good.sheets)
            await place.in_order()
    except BaseException:
        await place.mend()
        raise
    place.disarm()


@pytest.mark.chaos
@pytest.mark.parametrize(("first", "second"), [("LINE.NOISE_AFTER", "QR.BOM"), ("LINE.JOIN", "LINE.LOST_FIRST")])
async def test_what_one_citizen_leaves_on_the_scanners_line_is_nothing_to_the_next(
    place: World, first: str, second: str
) -> None:
    for fault in (first, second):
        rows = (row for row in MATRIX.rows if (row.device, row.at) == ("qr_scanner", "bring"))
        await test_row(place, next(row for row in rows if fault in row.faults), "form", fault)


def unnoticed(row: Row) -> bool:
    """The citizen was served as always. Then the citizen of the row's next fault is the next one, and only the first needs another."""
    return not (row.sees or row.says or row.ends)


async def told_so(place: World, row: Row, service: str, good: Good, seen: Seen) -> None:
    """What the citizen saw, what is stored, what is on paper."""
    assert seen.outcome == (row.ends or good.ends), (seen.pages, seen.said)
    assert seen.pages == list(row.pages(service, good))
    assert [said for said in seen.said if said in row.says] == list(row.says), seen.said
    stored = await place.states(seen)
    prints = stored.pop("print", [])
    assert stored == as_lists(MATRIX.stored[good.stored if row.stored == "all" else row.stored])
    assert prints == list(good.prints if row.prints is None else row.prints)
    assert seen.slips == list(good.slips if row.slips is None else row.slips)
    assert seen.sheets == (good.sheets if row.sheets is None else row.sheets)


async def recovers(place: World, row: Row, fault: Fault, good: Good, seen: Seen) -> None:
    recovery = MATRIX.recovery[row.recovers]
    if recovery.undo:
        place.tell(row.device, *fault.undo)
    for command in recovery.commands:
        place.tell(str(command["device"]), {key: value for key, value in command.items() if key != "device"})
    if recovery.commands:
        await asyncio.sleep(0.1)  # a printer that was held up prints what it still has
    await place.look_after()
    await place.in_order()
    later = await place.states(seen)
    later.pop("print", None)
    stored = good.stored if row.stored == "all" else row.stored
    assert later == as_lists(MATRIX.stored[row.later or stored])


def as_lists(states: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {kind: list(each) for kind, each in states.items()}


@pytest.mark.parametrize(("row", "written"), home_cases(MATRIX))
async def test_home(place: World, row: HomeRow, written: str) -> None:
    """Between citizens: the services that cannot be done are greyed, with the reason and the way to another machine."""
    fault = MATRIX.fault(written)
    recorded = row.device == "recorder"
    if row.device in ("camera", "recorder"):
        await place.open_camera()
    try:
        place.tell(row.device, *fault.commands)
        async with asyncio.timeout(30):
            await place.look_at_devices()
        home = place.home(recorded=recorded)
        greyed = {card.id: card.unavailable for card in (*home.services, *home.tiles) if card.unavailable}
        assert tuple(greyed) == row.greyed, greyed
        notice = home.notice.text if home.notice is not None else ""
        assert set(greyed.values()) | ({notice} if notice else set()) == ({row.says} if row.says else set())
        recovery = MATRIX.recovery[row.recovers]
        if recovery.undo:
            place.tell(row.device, *fault.undo)
        await place.look_at_devices()
        home = place.home(recorded=recorded)
        assert not [card.id for card in (*home.services, *home.tiles) if card.unavailable]
    except BaseException:
        await place.mend()
        raise
    place.disarm()
