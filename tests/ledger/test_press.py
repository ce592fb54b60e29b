"""Print jobs: written before paper moves, counted in copies, and never a reason to change money."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from drivers.receipt_printer import connect
from drivers.receipt_printer.simulator import EscposSimulator
from kiosk.domain.slip import Feed, Slip, Text
from kiosk.ledger.cipher import FieldCipher
from kiosk.ledger.press import Press
from kiosk.ledger.states import Kind, PrintState
from kiosk.ledger.store import Move, New, Store
from kiosk.ports.devices import PrintEnd, PrintOutcome, ReceiptPrinter
from tests.ledger.parts import order_data
from tests.ledger.permit_parts import FACE, Office

LONG = Slip("payment_voucher", (*(Text(f"第{n}行") for n in range(40)), Feed(3)))


@dataclass
class Shop:
    press: Press
    store: Store
    machine: EscposSimulator
    printer: ReceiptPrinter

    async def job(self) -> tuple[str, str | None, int]:
        row = (await self.store.find(Kind.PRINT))[-1]
        return row.state, row["trouble"], row["copy"]


@pytest.fixture
async def shop(store: Store, cipher: FieldCipher) -> AsyncIterator[Shop]:
    machine = EscposSimulator(columns=48)
    printer = connect("escpos+sim:", simulator=machine, columns=48)
    await printer.open()
    await store.commit(New(Kind.ORDER, "O1", "O1", "signed", order_data(cipher)))
    yield Shop(Press(store, printer), store, machine, printer)
    await printer.close()


def marked(slip: Slip) -> Slip:
    return Slip(slip.kind, (Text("补打"), *slip.blocks))


async def test_done(shop: Shop) -> None:
    outcome = await shop.press.print_slip("O1", "O1P1", LONG)
    assert outcome.end is PrintEnd.DONE
    assert await shop.job() == (PrintState.DONE, None, 1)
    assert [e["new"] for e in await shop.store.events(outcome.job_id)] == ["queued", "printing", "done"]
    assert len(shop.machine.papers) == 1


@pytest.mark.parametrize(
    ("command", "trouble"),
    [({"do": "paper", "state": "out"}, "supply_out"), ({"do": "cover", "open": True}, "cover_open")],
)
async def test_failed_for_sure(shop: Shop, command: dict[str, object], trouble: str) -> None:
    shop.machine.control(command)
    outcome = await shop.press.print_slip("O1", "O1P1", LONG)
    assert outcome.end is PrintEnd.FAILED
    assert await shop.job() == (PrintState.FAILED, trouble, 1)
    assert shop.machine.papers == []


async def test_a_closed_printer_is_a_failed_job_not_an_exception(shop: Shop) -> None:
    await shop.printer.close()
    assert (await shop.press.print_slip("O1", "O1P1", LONG)).end is PrintEnd.FAILED


async def test_uncertain_when_the_paper_ends_in_the_middle(shop: Shop) -> None:
    """Half a slip hangs out of the machine."""
    shop.machine.control({"do": "paper_out_after", "lines": 12})
    outcome = await shop.press.print_slip("O1", "O1P1", LONG)
    assert outcome.end is PrintEnd.UNCERTAIN
    assert await shop.job() == (PrintState.UNCERTAIN, "supply_out", 1)


async def test_uncertain_when_the_power_goes_in_the_middle(shop: Shop) -> None:
    shop.machine.control({"do": "fault", "id": "PRN.POWER_LOSS", "after": 150})
    outcome = await shop.press.print_slip("O1", "O1P1", LONG)
    assert outcome.end is PrintEnd.UNCERTAIN
    assert (await shop.job())[0] == PrintState.UNCERTAIN


async def test_copies_are_counted_per_slip_and_subject_and_marked(shop: Shop) -> None:
    seen = []

    def compose(copy: int) -> Slip:
        seen.append(copy)
        return marked(LONG)

    for _ in range(3):
        await shop.press.print_slip("O1", "O1P1", LONG, compose)
    await shop.press.print_slip("O1", "O1P2", LONG, compose)
    await shop.press.print_slip("O1", "O1P1", Slip("incident", LONG.blocks), compose)
    rows = sorted(await shop.store.find(Kind.PRINT), key=lambda row: (row["slip"] == "incident", row.id))
    assert [(row["subject_id"], row["slip"], row["copy"]) for row in rows] == [
        ("O1P1", "payment_voucher", 1),
        ("O1P1", "payment_voucher", 2),
        ("O1P1", "payment_voucher", 3),
        ("O1P2", "payment_voucher", 1),
        ("O1P1", "incident", 1),
    ]
    assert seen == [2, 3]
    assert ["补打" in paper.text for paper in shop.machine.papers] == [False, True, True, False, False]
    assert len({row.id for row in rows}) == 5


async def test_after_a_failure_the_next_paper_is_a_copy(shop: Shop) -> None:
    shop.machine.control({"do": "paper", "state": "out"})
    await shop.press.print_slip("O1", "O1P1", LONG, lambda _: marked(LONG))
    shop.machine.control({"do": "paper", "state": "full"})
    outcome = await shop.press.print_slip("O1", "O1P1", LONG, lambda _: marked(LONG))
    assert outcome.end is PrintEnd.DONE
    assert (await shop.job())[2] == 2


async def test_recover_after_a_power_cut(shop: Shop) -> None:
    queued = New(Kind.PRINT, "J1", "O1", "asked", {"slip": "incident", "subject_id": "O1", "copy": 1})
    await shop.store.commit(queued)
    shop.machine.control({"do": "fault", "id": "LINE.BLOCK", "count": None})
    printing = asyncio.ensure_future(shop.press.print_slip("O1", "O1P1", LONG))
    while not [row for row in await shop.store.find(Kind.PRINT) if row.state == PrintState.PRINTING]:
        await asyncio.sleep(0.01)
    printing.cancel()
    await asyncio.gather(printing, return_exceptions=True)
    assert {row.state for row in await shop.store.find(Kind.PRINT)} == {PrintState.QUEUED, PrintState.PRINTING}
    done = {row.id: row.state for row in await shop.press.recover()}
    assert sorted(done.values()) == [PrintState.FAILED, PrintState.UNCERTAIN]
    assert done["J1"] == PrintState.FAILED
    assert await shop.press.recover() == []
    assert shop.machine.papers == []  # and nothing was printed again by itself


# The back of a permit.


async def back(office: Office) -> PrintOutcome:
    row = await office.issuance()
    return await office.press.print_back(row.order_id, row.id, FACE, office.unit)  # type: ignore[arg-type]


@pytest.fixture
async def written(office: Office) -> Office:
    await office.took_in()
    await office.write(await office.authorised())
    return office


async def test_the_back_is_printed_once(written: Office) -> None:
    outcome = await back(written)
    assert outcome.end is PrintEnd.DONE
    (job,) = await written.store.find(Kind.PRINT)
    row = await written.issuance()
    assert (job.state, job["slip"], job["subject_id"], job["copy"]) == (PrintState.DONE, "permit_back", row.id, 1)
    assert written.unit.held is not None
    assert written.unit.held.back == FACE.rows
    assert (await back(written)).end is PrintEnd.DONE
    assert len(await written.store.find(Kind.PRINT)) == 1


async def test_what_failed_for_sure_may_be_printed_again(written: Office) -> None:
    written.unit.fail("print_back", "supply_out")
    outcome = await back(written)
    assert (outcome.end, outcome.kind) == (PrintEnd.FAILED, "supply_out")
    assert (await back(written)).end is PrintEnd.DONE
    assert [(job["copy"], job.state) for job in await written.store.find(Kind.PRINT)] == [(1, "failed"), (2, "done")]
    assert await written.breaches() == []


@pytest.mark.parametrize("how", ["answer lost", "power lost"])
async def test_an_uncertain_back_is_never_printed_again(written: Office, how: str) -> None:
    if how == "answer lost":
        written.unit.fail("print_back", "lost")
        assert (await back(written)).end is PrintEnd.UNCERTAIN
    else:
        row = await written.issuance()
        data = {"slip": "permit_back", "subject_id": row.id, "copy": 1}
        (job,) = await written.store.commit(New(Kind.PRINT, f"{row.id}B1", row.order_id, "asked", data))
        await written.store.commit(Move(job, PrintState.PRINTING, "sending"))
        await written.crash()
        await written.press.recover()
    written.unit.held.back = ()  # type: ignore[union-attr]
    assert (await back(written)).end is PrintEnd.UNCERTAIN
    assert written.unit.held.back == ()  # type: ignore[union-attr]
    assert [job.state for job in await written.store.find(Kind.PRINT)] == [PrintState.UNCERTAIN]
    row = await written.issuer.confirm(await written.issuance())
    assert written.registry.printed == {row["application_no"]: False}


async def test_a_slip_about_a_permit_without_an_order(shop: Shop) -> None:
    await shop.press.print_slip("", "C2026031800001", Slip("retained", LONG.blocks))
    (job,) = await shop.store.find(Kind.PRINT)
    assert (job.order_id, job.state) == ("", PrintState.DONE)
