"""`kiosk ledger reconcile`, `work`, `refunds`, `day-end` and `settle --reason`, as staff type them."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from pathlib import Path

import pytest

from config.sections import Ledger
from config.settings import Settings, load
from kiosk import cli
from kiosk.app import assemble
from kiosk.gateways.embedded import serve
from kiosk.gateways.police.sim_ledger import PaymentEntry
from kiosk.gateways.police.simulated import SimulatedPolice
from kiosk.gateways.wallet.fake import FakeFront
from kiosk.ledger.reconcile_books import bill_of, matched_days
from kiosk.ledger.reconcile_lock import only_match
from kiosk.ledger.states import Kind, OrderState, PaymentState, PostingState
from kiosk.ledger.store import Move, New, Store
from kiosk.ports.clock import SHANGHAI, SystemClock
from kiosk.verbs.device_words import WrongUsage
from kiosk.verbs.ledger_match import reconcile
from tests.domain.bill_writer import AlipayBill, WechatBill
from tests.verbs.test_ledger_staff import Book, through
from tests.verbs.test_ledger_staff import book as book  # the fixture

TODAY = SystemClock().now().date()
DAY = TODAY - dt.timedelta(days=1)
AT = f"{DAY} 10:16:31"
ORDER = f"CI01{DAY:%Y%m%d}000017A"
P, S = PaymentState, PostingState


def paid_order(order_id: str = ORDER, wallet: str = "alipay", trade: str = "TRADE17", serial: int = 1):  # type: ignore[no-untyped-def]
    """One fine of 200 yuan, paid and posted yesterday."""

    async def write(store: Store) -> None:
        order = {"journey": "violation", "amount_fen": 20000, "subject_index": "x", "subject_enc": b"x"}
        fine = {"record_id": "3302031001000001", "fine_fen": 20000, "points": 3, "detail_enc": b"x"}
        covers = [f"{order_id}D1"]
        payment = {"amount_fen": 20000, "covers": covers, "expires_at": f"{DAY}T10:18:00+08:00"}
        posting = {"decision_id": f"{order_id}D1", "payment_id": f"{order_id}P1", "amount_fen": 20000}
        opened, decided, asked = await store.commit(
            New(Kind.ORDER, order_id, "", "test", order),
            New(Kind.DECISION, f"{order_id}D1", order_id, "test", fine),
            New(Kind.PAYMENT, f"{order_id}P1", order_id, "test", payment),
        )
        number = f"330203260{serial:06d}"
        await through(store, decided, "decided", number=number)
        paid_at = f"{DAY}T10:16:31+08:00"
        evidence = {"paid_fen": 20000, "paid_at": paid_at, "trade_no": trade, "wallet": wallet}
        await through(store, asked, P.PENDING, P.PAID, **evidence)
        (row,) = await store.commit(New(Kind.POSTING, f"{order_id}D1S", order_id, "test", posting))
        await through(store, row, S.POSTED)
        await through(store, opened, OrderState.SETTLED)

    return write


def bills(folder: Path, *orders: tuple[str, str, str], day: str = AT) -> list[str]:
    """Both wallets' files, with these (order, wallet, trade) of 200 yuan and one of another machine; as words of the command."""
    alipay, wechat = AlipayBill(), WechatBill()
    alipay.add("交易", f"NB99{DAY:%Y%m%d}000001XP1", "OTHER", "12.00", day)
    for order, wallet, trade in orders:
        if wallet == "alipay":
            alipay.add("交易", order, trade, "200.00", day, **{"服务费（元）": "-1.20"})
        else:
            wechat.paid(order, trade, "200.00", day)
    (folder / "alipay.zip").write_bytes(alipay.zip())
    (folder / "wechat.csv.gz").write_bytes(wechat.gzip())
    return ["--bill", str(folder / "alipay.zip"), "--bill", str(folder / "wechat.csv.gz")]


def test_files_that_match(book: Book, tmp_path: Path) -> None:
    book.do(paid_order())
    files = bills(tmp_path, (f"{ORDER}P1", "alipay", "TRADE17"))
    status, said = book.kiosk("reconcile", "--date", DAY.isoformat(), *files)
    assert (status, said.splitlines()[0]) == (0, f"end-of-day match of {DAY}: all matched")
    # Yesterday is the day that is meant where none is named.
    status, said = book.kiosk("reconcile", "--json", *files)
    told = json.loads(said)
    assert (status, told["day"], told["good"]) == (0, DAY.isoformat(), True)
    assert told["bill"] == {"payments": 1, "fen": 20000, "refund_fen": 0, "fee_fen": 120}
    assert told["compared"] == {"wallets": ["alipay", "wechat"], "without_bill": [], "police": False}
    assert book.sound()


def test_breaks_are_told_listed_and_settled(book: Book, tmp_path: Path) -> None:
    book.do(paid_order())
    book.do(paid_order(f"{ORDER[:-1]}B", "wechat", "WX", 2))
    files = bills(tmp_path, (f"{ORDER}P1", "alipay", "TRADE17"))
    page = tmp_path / "reports" / "match.html"
    status, said = book.kiosk("reconcile", "--text", "--html", str(page), *files)
    entry = f"JO-{ORDER[:-1]}BP1"
    assert status == 1
    assert f"end-of-day match of {DAY}: 1 break" in said
    assert entry in said
    assert entry in page.read_text(encoding="utf-8")

    status, said = book.kiosk("work")
    assert (status, said.split()[0]) == (0, entry)
    assert [row["id"] for row in json.loads(book.kiosk("work", "--json")[1])["work"]] == [entry]
    assert json.loads(book.kiosk("list", "--json")[1])["open"][0]["id"] == entry

    assert book.kiosk("settle", entry, "--reason", "   ")[0] == 1
    status, said = book.kiosk("settle", entry, "--reason", "商户平台查到，隔日账单")
    assert (status, said) == (0, f"{entry}: settled by staff (商户平台查到，隔日账单).")
    assert book.kiosk("settle", entry, "--reason", "again") == (
        1,
        f"{entry} is settled: there is nothing for staff to settle.",
    )
    assert book.kiosk("work")[1] == "nothing is on the work list"
    assert "商户平台查到" in book.kiosk("work", "--all")[1]
    assert book.kiosk("reconcile", *files)[0] == 0
    assert book.sound()


def test_an_alarm_is_told_and_its_end_too(book: Book, tmp_path: Path) -> None:
    book.do(paid_order())
    book.do(paid_order(f"{ORDER[:-1]}B", "alipay", "TRADE18", 2))
    alipay = AlipayBill()
    for order, trade in ((ORDER, "TRADE17"), (f"{ORDER[:-1]}B", "TRADE18")):
        alipay.add("交易", f"{order}P1", trade, "150.00", AT)
    (tmp_path / "alipay.zip").write_bytes(alipay.zip())
    page = tmp_path / "match.html"
    status, said = book.kiosk("reconcile", "--html", str(page), "--bill", str(tmp_path / "alipay.zip"))
    first, second = f"AD-{ORDER}P1", f"AD-{ORDER[:-1]}BP1"
    assert status == 1
    assert "2 ALARMs" in said.splitlines()[0]
    assert "no money is taken at this machine until its alarms are settled" in said
    assert "2 项报警，处理前本机不收款" in page.read_text(encoding="utf-8")
    status, said = book.kiosk("settle", first, "--reason", "平台已更正")
    assert (status, said.partition(" Still")[2]) == (0, f" no money is taken: {second}.")
    status, said = book.kiosk("settle", second, "--reason", "平台已更正", "--json")
    assert (status, json.loads(said)["alarms"]) == (0, [])
    assert book.kiosk("work")[1] == "nothing is on the work list"
    assert book.sound()


def test_not_while_the_kiosk_matches(book: Book, tmp_path: Path) -> None:
    book.do(paid_order())
    files = bills(tmp_path, (f"{ORDER}P1", "alipay", "TRADE17"))
    with only_match(f"sqlite:///{tmp_path}/ledger.db"):
        status, said = book.kiosk("reconcile", *files)
    assert status == 1
    assert "matches right now" in said
    assert book.do(bill_of_day) == []
    assert book.kiosk("reconcile", *files)[0] == 0
    # What the command line has matched, the kiosk does not match again; what it only looked at, it does.
    assert list(book.do(matched_days)) == [DAY]


def test_who_only_looks_leaves_the_day_to_the_kiosk(book: Book, tmp_path: Path) -> None:
    book.do(paid_order())
    assert book.kiosk("reconcile", "--look", *bills(tmp_path, (f"{ORDER}P1", "alipay", "TRADE17")))[0] == 0
    assert book.do(matched_days) == {}


async def bill_of_day(store: Store) -> object:
    return await bill_of(store, DAY)


def test_one_wallets_file_does_not_speak_for_the_other(book: Book, tmp_path: Path) -> None:
    book.do(paid_order())
    book.do(paid_order(f"{ORDER[:-1]}B", "wechat", "WX", 2))
    files = bills(tmp_path, (f"{ORDER}P1", "alipay", "TRADE17"))
    status, said = book.kiosk("reconcile", *files[:2])
    assert status == 1
    assert "no bill of wechat" in said
    assert book.kiosk("work")[1] == "nothing is on the work list"


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: ["--bill", str(folder / "nowhere.zip")], "nowhere.zip: No such file or directory."),
        (lambda folder: ["--bill", str(saved(folder, b"<html>"))], "cannot be taken as a bill: neither a bill of"),
        (lambda folder: bills(folder, day="2026-03-01 10:00:00")[:2], "is not of"),
        (lambda folder: [], "simulated inside the kiosk; name the wallets' files with --bill."),
    ],
    ids=["no file", "no bill", "another day", "nobody to ask"],
)
def test_books_that_cannot_be_had(book: Book, tmp_path: Path, make, sentence: str) -> None:  # type: ignore[no-untyped-def]
    status, said = book.kiosk("reconcile", *make(tmp_path))
    assert status == 1
    assert sentence in said
    assert book.do(lambda store: store.find(Kind.WORK)) == []


def saved(folder: Path, data: bytes) -> Path:
    (folder / "page.csv").write_bytes(data)
    return folder / "page.csv"


@pytest.mark.parametrize("words", [("reconcile", "--date", "20261120x"), ("settle", "X"), ("reconcile", "--bill")])
def test_wrong_words(book: Book, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as wrong:
        book.kiosk(*words)
    assert wrong.value.code == 2


def test_a_day_that_has_not_ended(book: Book) -> None:
    for day in (TODAY, TODAY + dt.timedelta(days=1)):
        with pytest.raises(WrongUsage, match="has not ended"):
            book.kiosk("reconcile", "--date", day.isoformat())


def test_the_refunds_queue(book: Book) -> None:
    async def write(store: Store) -> None:
        for n, states in enumerate(((), (P.REFUND_DUE,), (P.REFUND_DUE, P.REFUND_INTENT)), 1):
            order = f"{ORDER[:-1]}{n}"
            await paid_order(order, "alipay", f"T{n}", n)(store)
            row = await store.get(Kind.PAYMENT, f"{order}P1")
            for state in states:
                (row,) = await store.commit(Move(row, state, "duplicate" if state == P.REFUND_DUE else "refund_asked"))
            if n == 3:
                for state in (P.REFUNDED,):
                    (row,) = await store.commit(Move(row, state, "refunded"))

    book.do(write)
    rows = json.loads(book.kiosk("refunds", "--json")[1])["refunds"]
    assert [(row["state"], row["stands"], row["fen"], row["why"]) for row in rows] == [
        ("refund_due", "due", 20000, "duplicate"),
        ("refunded", "back", 20000, "duplicate"),
    ]
    assert rows[0]["refund_no"] == f"{rows[0]['id']}R1"
    assert "200.00  due" in book.kiosk("refunds")[1]


def test_no_refunds(book: Book) -> None:
    assert book.kiosk("refunds") == (0, "no money is due back")


def test_the_end_of_day_slip_on_the_terminal_and_on_paper(book: Book, tmp_path: Path) -> None:
    book.do(paid_order())
    status, said = book.kiosk("day-end", "--date", DAY.isoformat())
    assert status == 0
    assert "支付宝 1 笔：200.00 元" in said
    assert "与钱包账单核对：还没有核对" in said
    book.kiosk("reconcile", *bills(tmp_path, (f"{ORDER}P1", "alipay", "TRADE17")))
    assert "与钱包账单核对：一致" in book.kiosk("day-end", "--date", DAY.isoformat())[1]
    status, said = book.kiosk("day-end", "--date", DAY.isoformat(), "--print")
    assert (status, said) == (0, f"the slip of {DAY}: done")


# Over the wire: a payment front and a police front of one's own.


class Hands:
    """A clock that stands where it is put."""

    def __init__(self, day: dt.date, time: dt.time) -> None:
        self.at = (day, time)

    def now(self) -> dt.datetime:
        return dt.datetime.combine(*self.at, SHANGHAI)


def settings_for(folder: Path, front: FakeFront, wallet_url: str, police_url: str) -> Settings:
    (folder / "device.key").write_text(front.register("CI01").hex())
    (folder / "front.pub").write_text(front.public_key)
    (folder / "kiosk.toml").write_text(
        f"""profile = "ci"
[kiosk]
id = "CI01"
[ledger]
url = "sqlite:///{folder}/ledger.db"
key_file = "{folder}/ledger.key"
[wallet]
url = "{wallet_url}"
device_id = "CI01"
device_key_file = "{folder}/device.key"
public_key_file = "{folder}/front.pub"
[police]
url = "{police_url}"
"""
    )
    return load(folder / "kiosk.toml")


async def test_the_fronts_are_asked_where_no_file_is_named(tmp_path: Path) -> None:
    clock = Hands(DAY, dt.time(10, 16))
    front, police = FakeFront(clock), SimulatedPolice(clock=clock)
    row = {"order_no": f"{ORDER}P1", "trade_no": "TRADE17", "wallet": "alipay", "fen": 20000, "refund_no": ""}
    front.bills.added.append({**row, "kind": "paid", "at": f"{DAY}T10:16:31+08:00", "fee_fen": 0})
    async with serve(front.app) as wallet_at, serve(police.app) as police_at:
        settings = settings_for(tmp_path, front, wallet_at.url, police_at.url)
        store = Store(settings.ledger.url, clock)
        await store.open()
        await paid_order()(store)
        await store.close()
        clock.at = (TODAY, dt.time(9))
        early = await reconcile(settings, argparse.Namespace(date=DAY), clock)
        assert (early.good, "from 10:00" in early.text) == (False, True)

        clock.at = (TODAY, dt.time(11))
        report = await reconcile(settings, argparse.Namespace(date=DAY), clock)
        assert report.data["compared"] == {"wallets": ["*"], "without_bill": [], "police": True}
        # The police side knows nothing of this fine, and does not want it: it has no such decision.
        (found,) = report.data["breaks"]
        assert (found["what"], found["subject"]) == ("paid_not_posted", f"{ORDER}D1S")
        paid_at = f"{DAY}T10:16:31+08:00"
        police.world.books.add_payment(
            PaymentEntry("330203260000001", "TRADE17", 20000, 0, paid_at, f"{DAY}T10:16:40+08:00", "k")
        )
        assert (await reconcile(settings, argparse.Namespace(date=DAY), clock)).good
    gone = await reconcile(settings, argparse.Namespace(date=DAY), clock)
    assert (gone.good, "does not give" in gone.text) == (False, True)


async def test_the_kiosk_itself_asks_the_fronts_at_half_past_ten(tmp_path: Path) -> None:
    clock = Hands(DAY, dt.time(10, 16))
    front, police = FakeFront(clock), SimulatedPolice(clock=clock)
    row = {"order_no": f"{ORDER}P1", "trade_no": "TRADE17", "wallet": "alipay", "fen": 15000, "refund_no": ""}
    front.bills.added.append({**row, "kind": "paid", "at": f"{DAY}T10:16:31+08:00", "fee_fen": 0})
    async with serve(front.app) as wallet_at, serve(police.app) as police_at:
        settings = settings_for(tmp_path, front, wallet_at.url, police_at.url)
        async with assemble(settings, clock=clock, attend=False) as machine:
            await paid_order()(machine.books.store)
            clock.at = (TODAY, dt.time(10, 29))
            matcher = machine.day_end.matcher
            assert matcher.usable
            assert await matcher.step() == 60.0
            assert not machine.day_end.paying.stopped
            clock.at = (TODAY, dt.time(10, 30))
            await matcher.step()
            assert list(await matched_days(machine.books.store)) == [DAY]
            assert machine.day_end.alarms == (f"AD-{ORDER}P1",)
            assert await matcher.due() == []


async def test_a_simulated_front_is_never_matched_by_itself(tmp_path: Path) -> None:
    ledger = Ledger(url=f"sqlite:///{tmp_path}/ledger.db", key_file=tmp_path / "ledger.key")
    settings = load(None, "ci").model_copy(update={"ledger": ledger})
    async with assemble(settings, attend=False) as machine:
        assert not machine.day_end.can_match


def test_the_command_line_knows_all_its_words() -> None:
    parse = cli.parser().parse_args
    words = parse(["ledger", "reconcile", "--date", "2026-11-20", "--bill", "a", "--bill", "b", "--look"])
    assert (words.date, words.bill, words.look) == (dt.date(2026, 11, 20), [Path("a"), Path("b")], True)
    assert parse(["ledger", "day-end", "--print"]).on_paper is True
