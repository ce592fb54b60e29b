"""Whatever order comes from whatever page: the visit goes on, and nothing that makes no sense is recorded as done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.screens.diagnostics import Order, Section, SelfTest, Verb
from kiosk.screens.robot import WAIT
from tests.diagnostics.bay import LEAVE, bay, login

KEYS = ("", "nothing", "id_card:", ":", "id_card:NOPE", "receipt_printer", "no such: thing", "../..")
VALUES = ("", "x", "9", "yes", "-1", "older", "1" * 400, "refilled_", "refilled_soup")
HARMLESS = {Verb.LEAVE, Verb.CHECK, Verb.PRINT}
"""Left out: one ends the visit, the others do what they say and take their time."""


def nonsense() -> Iterator[Order]:
    for verb in Verb:
        if verb not in HARMLESS:
            for key in KEYS:
                yield from (Order(verb, key, value) for value in VALUES)


@pytest.mark.parametrize("section", list(Section))
async def test_the_visit_survives(tmp_path: Path, section: Section) -> None:
    orders = [Order(Verb.GO, section), *nonsense(), LEAVE]

    def one(screen: Any) -> Any:
        return WAIT if getattr(screen, "head", None) is None else orders.pop(0)

    async with bay(tmp_path, ("id_card",)) as found:
        assert await found.visit(login(), *[one] * len(orders), within=60) == "exit"
        rows = await found.audit()
        done = {what for _, what, _ in rows}
        assert not done & {
            "simulator_in",
            "simulator_out",
            "exported",
            "fault_preset",
            "consumable_refilled",
            "fault_armed",
        }
        assert not await found.audited("device_act")
        assert found.tools.supervisor.holder is None


async def test_levels_that_are_none_are_refused(tmp_path: Path) -> None:
    wrong = [Order(Verb.CHECK, "", value) for value in ("", "0", "4", "1.0", "x")] + [Order(Verb.CHECK, "nothing", "1")]

    def one(screen: Any) -> Any:
        return WAIT if getattr(screen, "head", None) is None else wrong.pop(0)

    async with bay(tmp_path, ("id_card",)) as found:
        steps = [one] * len(wrong)
        wrong.append(LEAVE)
        assert await found.visit(login(), *steps, one) == "exit"
        assert not found.desk.of(SelfTest)
        assert not await found.audited("health_check")
