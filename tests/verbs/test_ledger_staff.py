"""`kiosk ledger given-back` and `settle`: what staff have found out gets into the ledger, and nothing else does."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import structlog

from config.settings import SettingsError
from kiosk import cli
from kiosk.ledger.check import check
from kiosk.ledger.states import CustodyState, IssuanceState, Kind, OrderState, PaymentState
from kiosk.ledger.store import Move, New, Record, Store
from kiosk.ports.clock import SystemClock

ORDER, ISSUANCE, PAYMENT, CUSTODY = (
    "CI0120261121000017",
    "CI0120261121000017E1",
    "CI0120261121000017P1",
    "C2026112100001",
)
EVIDENCE = {"paid_fen": 1500, "paid_at": "2026-11-21T09:00:00+08:00", "trade_no": "T1", "wallet": "alipay"}
E, P, C = IssuanceState, PaymentState, CustodyState


class Book:
    """A ledger in a file, and the command line over it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._url = f"sqlite:///{folder}/ledger.db"
        self._config = folder / "kiosk.toml"
        self._config.write_text(f'profile = "ci"\n[ledger]\nurl = "{self._url}"\nkey_file = "{folder}/ledger.key"\n')
        self._capsys = capsys

    def do(self, work: Callable[[Store], Awaitable[Any]]) -> Any:
        async def opened() -> Any:
            store = Store(self._url, SystemClock())
            await store.open()
            try:
                return await work(store)
            finally:
                await store.close()

        return asyncio.run(opened())

    def kiosk(self, *words: str) -> tuple[int, str]:
        return self.command(*words, "--config", str(self._config))

    def command(self, *words: str) -> tuple[int, str]:
        """As `main`, which would set up the logs of this whole process."""
        self._capsys.readouterr()
        with structlog.testing.capture_logs():
            status = cli._ledger(cli.parser().parse_args(["ledger", *words]))
        return status, self._capsys.readouterr().out.strip()

    def state(self, kind: Kind, record_id: str) -> str:
        found: Record = self.do(lambda store: store.get(kind, record_id))
        return found.state

    def sound(self) -> bool:
        return self.do(lambda store: check(store, SystemClock().now())) == []


@pytest.fixture
def book(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Book:
    made = Book(tmp_path, capsys)
    made.do(lambda store: store.find(Kind.ORDER))  # a new machine's ledger
    return made


async def through(store: Store, record: Record, *states: str, **data: Any) -> Record:
    for state in states:
        (record,) = await store.commit(Move(record, state, "test", data if state == states[-1] else {}))
    return record


def a_permit(*states: str) -> Callable[[Store], Awaitable[Record]]:
    async def write(store: Store) -> Record:
        (row,) = await store.commit(New(Kind.CUSTODY, CUSTODY, "", "test", {"bin_before": 0, "place": "none"}))
        return await through(store, row, *states, permit_enc=b"whose it is")

    return write


def an_application(*states: str, paid: bool = True) -> Callable[[Store], Awaitable[Record]]:
    """Of one order, with its payment; the order is on the work list."""

    async def write(store: Store) -> Record:
        order = {"journey": "endorsement", "amount_fen": 1500, "subject_index": "x", "subject_enc": b"x"}
        issuance = {"options": ["HKG-L-3M1"], "fee_fen": 1500, "detail_enc": b"x"}
        payment = {"amount_fen": 1500, "covers": [ISSUANCE], "expires_at": "2026-11-21T09:05:00+08:00"}
        opened, applied, asked = await store.commit(
            New(Kind.ORDER, ORDER, "", "test", order),
            New(Kind.ISSUANCE, ISSUANCE, ORDER, "test", issuance),
            New(Kind.PAYMENT, PAYMENT, ORDER, "test", payment),
        )
        if paid:
            await through(store, asked, P.PENDING, P.PAID, **EVIDENCE)
        else:
            await through(store, asked, P.PENDING, P.CLOSED)
        if states[-1] == E.MANUAL:
            await through(store, opened, OrderState.MANUAL)
        return await through(store, applied, *states)

    return write


UNKNOWN = (E.APPLIED, E.AUTHORISING, E.AUTHORISED, E.WRITING, E.WRITE_UNKNOWN, E.MANUAL)


@pytest.mark.parametrize(
    "states",
    [
        (C.INSIDE, C.OFFERED, C.RETAINING, C.RETAINED),
        (C.INSIDE, C.OFFERED, C.STUCK),
        (C.INSIDE, C.MISSING),
    ],
)
def test_a_permit_that_staff_handed_out_is_back(book: Book, states: tuple[str, ...]) -> None:
    book.do(a_permit(*states))
    assert CUSTODY in book.kiosk("list")[1]
    assert book.kiosk("given-back", CUSTODY) == (0, f"{CUSTODY}: the permit is back with its holder.")
    row = book.do(lambda store: store.get(Kind.CUSTODY, CUSTODY))
    assert (row.state, row["permit_enc"]) == (C.RETURNED, None), "nobody is to know any more whose it was"
    assert book.kiosk("list")[1] == "nothing is open"
    assert book.sound()


@pytest.mark.parametrize("states", [(), (C.INSIDE,), (C.NONE,), (C.INSIDE, C.OFFERED, C.RETURNED)])
def test_a_permit_that_does_not_wait_for_staff_is_left_alone(book: Book, states: tuple[str, ...]) -> None:
    row = book.do(a_permit(*states))
    status, said = book.kiosk("given-back", CUSTODY)
    assert (status, said) == (1, f"{CUSTODY} is {row.state}: there is nothing for staff to settle.")
    assert book.state(Kind.CUSTODY, CUSTODY) == row.state


def test_in_force_keeps_the_fee_and_settles_the_order(book: Book) -> None:
    book.do(an_application(*UNKNOWN))
    assert book.kiosk("settle", ISSUANCE, "--in-force")[0] == 0
    assert book.state(Kind.ISSUANCE, ISSUANCE) == E.CONFIRMED
    assert book.state(Kind.PAYMENT, PAYMENT) == P.PAID
    assert book.state(Kind.ORDER, ORDER) == OrderState.SETTLED
    assert book.sound()


def test_not_in_force_gives_the_fee_back(book: Book) -> None:
    book.do(an_application(*UNKNOWN))
    status, said = book.kiosk("settle", ISSUANCE, "--not-in-force", "--json")
    assert (status, json.loads(said)["state"]) == (0, "voided")
    assert book.state(Kind.ISSUANCE, ISSUANCE) == E.VOIDED
    assert book.state(Kind.PAYMENT, PAYMENT) == P.REFUND_DUE
    assert book.sound()
    assert book.kiosk("settle", ISSUANCE, "--in-force")[0] == 1, "decided once"


def test_not_paid_is_not_in_force(book: Book) -> None:
    """Given up, and then the platform did not take the cancellation: the fee is gone already, or was never there."""
    book.do(an_application(E.APPLIED, E.VOIDING, E.MANUAL, paid=False))
    status, said = book.kiosk("settle", ISSUANCE, "--in-force")
    assert (status, said) == (1, f"{ISSUANCE} is not paid any more: its endorsements cannot be in force.")
    assert book.kiosk("settle", ISSUANCE, "--not-in-force")[1].endswith("there is no fee to give back.")
    assert book.state(Kind.ORDER, ORDER) == OrderState.VOID
    assert book.sound()


def test_what_still_goes_on_is_not_for_staff(book: Book) -> None:
    book.do(an_application(*UNKNOWN[:-1]))
    for verdict in ("--in-force", "--not-in-force"):
        status, said = book.kiosk("settle", ISSUANCE, verdict)
        assert (status, said) == (1, f"{ISSUANCE} is write_unknown: there is nothing for staff to settle.")


@pytest.mark.parametrize("words", [("given-back", "C1"), ("settle", "X1", "--in-force"), ("given-back", ISSUANCE)])
def test_an_unknown_number_is_said(book: Book, words: tuple[str, ...]) -> None:
    status, said = book.kiosk(*words)
    assert status == 1
    assert said.startswith("There is no ")
    assert words[1] in said


@pytest.mark.parametrize(
    "words",
    [
        ("given-back",),
        ("settle", ISSUANCE),
        ("settle", ISSUANCE, "--in-force", "--not-in-force"),
        ("settle", "--in-force"),
        ("forget", ISSUANCE),
        (),
    ],
)
def test_half_a_command_is_wrong_usage(book: Book, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as left:
        book.kiosk(*words)
    assert left.value.code == 2


@pytest.mark.parametrize("words", [("check",), ("list",), ("given-back", CUSTODY), ("settle", ISSUANCE, "--in-force")])
def test_a_ledger_that_is_not_there_is_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """A mistyped address must not be answered with the soundness of an empty ledger."""
    book = Book(tmp_path, capsys)
    with pytest.raises(SettingsError, match=r"There is no ledger at .*ledger\.db .*see that these are"):
        book.kiosk(*words)
    assert not (tmp_path / "ledger.db").exists()
    (tmp_path / "ledger.db").touch()
    with pytest.raises(SettingsError, match="is empty"):
        book.kiosk(*words)


def test_a_newer_or_foreign_ledger_is_said(tmp_path: Path, book: Book) -> None:
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
        file.commit()
    with pytest.raises(SettingsError, match="written by a newer version"):
        book.kiosk("check")
    (tmp_path / "ledger.db").write_bytes(b"no database" * 100)
    with pytest.raises(SettingsError, match="cannot be opened"):
        book.kiosk("check")


def test_options_may_stand_before_the_action(tmp_path: Path, book: Book) -> None:
    status, said = book.command("--json", "--config", str(tmp_path / "kiosk.toml"), "check")
    assert (status, json.loads(said)["good"]) == (0, True)
