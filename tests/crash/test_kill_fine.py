"""kill -9 at every commit of paying by a decision's number, in a real process, in both shapes of posting; the police side and the wallet
live on outside. Afterwards nothing paid is lost, nothing is charged or posted twice, and the voucher can be had by the number."""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from kiosk.gateways.wallet.scripts import Payer, Script
from tests.crash.conftest import Zygote
from tests.crash.test_kill import World, world

WARM = "pay_overdue"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]
SCENARIOS = Path(__file__).parents[2] / "config/scenarios"
BILL = {"post": "", "platform": 'bill = "platform"\n'}


@asynccontextmanager
async def hall(folder: Path, bill: str, template: Path | None) -> AsyncIterator[tuple[World, dict[str, str]]]:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "crash_by_number.toml"
    file.write_text((SCENARIOS / "pay_overdue.toml").read_text().replace('"pay_overdue"', '"crash_by_number"'))
    async with world(folder, file, {"preset": "pays", "seconds": 0}, template) as remote:
        remote.police.world.cashier.script = Script(Payer.AFTER, 0.0)  # bills are paid at once
        text = remote.config.read_text()
        remote.config.write_text(text.replace("[police]\n", f"[police]\n{BILL[bill]}"))
        yield remote, {"config": str(remote.config), "scenario": str(file)}


def judge(remote: World, found: dict[str, Any]) -> None:
    """The kiosk's ledger against the books of the remote sides."""
    assert found["breaches"] == []
    assert found["clean"], found
    books = remote.police.world.books
    assert books.decisions == {}, "nobody decides anything here"
    posted = [entry.amount_fen for entry in books.payments.values()]
    billed = sum(fen for bill in books.bills.values() if bill.state == "posted" for _, fen in bill.lines)
    taken = sum(remote.wallet.ledger.totals().values()) + billed
    assert taken == sum(posted), "money was lost, or taken or posted twice"
    assert len(posted) <= 1
    assert found["orders"] in ([], ["settled"] if taken else ["unpaid"])
    assert found["reprint"] == ("completed" if taken else "nothing_to_print")
    assert sum("缴款凭证" in text for text in found["papers"]) == (1 if taken else 0)


@pytest.mark.chaos
@pytest.mark.parametrize("bill", list(BILL))
async def test_an_undisturbed_visit_is_the_yardstick(tmp_path: Path, zygote: Zygote, bill: str) -> None:
    async with hall(tmp_path / "w", bill, zygote.template) as (remote, order):
        answer = await zygote.ask(do="visit", at=0, moment="", **order)
        said = json.loads(answer["said"])
        assert (answer["exit"], said["outcome"]) == (0, "paid")
        assert said["commits"] >= 8
        found = await zygote.ask(do="recover", **order)
        judge(remote, json.loads(found["said"]))


CASES = [
    pytest.param(bill, moment, part, marks=[] if (bill, moment, part) == ("post", "after", 2) else [pytest.mark.chaos])
    for bill in BILL
    for moment in ("before", "after")
    for part in range(4)
]
"""Each fourth commit, from a different one on; one row of sixteen without `make chaos`."""


@pytest.mark.parametrize(("bill", "moment", "part"), CASES)
async def test_kill_at_every_commit(tmp_path: Path, zygote: Zygote, bill: str, moment: str, part: int) -> None:
    at = part + 1
    while True:
        async with hall(tmp_path / f"{at}", bill, zygote.template) as (remote, order):
            answer = await zygote.ask(do="visit", at=at, moment=moment, **order)
            if answer["exit"] == 0:
                assert at > 8, "the visit ended before every commit was tried"
                return
            assert answer["exit"] == -signal.SIGKILL, answer
            found = await zygote.ask(do="recover", **order)
            assert found["exit"] == 0, f"recovery failed after a kill {moment} commit {at}"
            try:
                judge(remote, json.loads(found["said"]))
            except AssertionError as error:
                raise AssertionError(f"after a kill {moment} commit {at}: {error}") from error
        at += 4
