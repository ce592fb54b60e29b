"""What the match says, as text, as data, as a page and as a slip: the same things in each, and nobody's name.

`python -m tests.ledger.test_reconcile_report` writes the texts in `golden/` anew; look at the difference before you keep it.
"""

from __future__ import annotations

import datetime as dt
import html.parser
import json
from pathlib import Path

import pytest

from kiosk.domain.day_end_slip import MOST_LINES, DayEndData, WalletSum, WorkLine, day_end_slip
from kiosk.domain.slip import Pair, Text
from kiosk.ledger.reconcile import HELD, Break, Finding, match
from kiosk.ledger.reconcile_list import entry_id
from kiosk.ledger.reconcile_page import as_html
from kiosk.ledger.reconcile_report import as_json, as_text, work_text
from kiosk.ledger.reconcile_run import Outcome, Sums
from kiosk.ledger.states import Kind
from kiosk.ledger.store import Record
from kiosk.ports.clock import SHANGHAI
from tests.ledger.reconcile_parts import DAY, FAULTS, Day

GOLDEN = Path(__file__).parent / "golden"
AT = dt.datetime(2026, 3, 19, 11, 0, tzinfo=SHANGHAI)


def entry(number: str, what: str, **data: object) -> Record:
    known = {
        "what": what,
        "day": "2026-03-18",
        "subject": number.partition("-")[2],
        "fen": 100,
        "said": {"ledger": "none"},
    }
    told = {**known, "settled_by": None, "reason": None, **data}
    return Record(Kind.WORK, number, "", "open", 1, "2026-03-18T10:59:00.000+08:00", "", told)


def outcome(spoilt: bool = True) -> Outcome:
    """A day on which everything went wrong that can."""
    day = Day()
    day.paid(2)
    for spoil in FAULTS if spoilt else ():
        spoil(day)
    findings = match(DAY, day.sides())
    old = entry("BO-NB0120260310000001XP1", "bill_only", day="2026-03-10")
    return Outcome(
        day=DAY,
        at=AT,
        sums=Sums(12, 180000, 11, 170000, 10000, 102, 10, 150000),
        breaks=tuple(finding for finding in findings if finding.what not in HELD),
        held=tuple(finding for finding in findings if finding.what in HELD),
        by_staff=(),
        explained=(entry("CM-NB0120260317000009XP1", "cross_midnight"),) if spoilt else (),
        listed=(old,) if spoilt else (),
        wallets=frozenset({"alipay"}) if spoilt else frozenset({"*"}),
        without_bill=("wechat",) if spoilt else (),
        posted_known=not spoilt,
    )


def texts() -> dict[str, str]:
    bad, good = outcome(), outcome(spoilt=False)
    return {
        "match.txt": as_text(bad) + "\n",
        "match_good.txt": as_text(good) + "\n",
        "match.html": as_html(bad, "NB01"),
        "match.json": json.dumps(as_json(bad), ensure_ascii=False, indent=1) + "\n",
    }


@pytest.mark.parametrize("name", ["match.txt", "match_good.txt", "match.html", "match.json"])
def test_golden(name: str) -> None:
    assert texts()[name] == (GOLDEN / name).read_text(encoding="utf-8")


def test_every_finding_is_told_everywhere() -> None:
    bad = outcome()
    told = texts()
    for finding in (*bad.breaks, *bad.held):
        number = entry_id(finding.what, finding.subject)
        assert all(number in told[name] for name in ("match.txt", "match.html", "match.json"))


class Page(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.open.append(tag)
        self.fetched += [str(value) for name, value in attrs if name in ("src", "href", "action")]
        assert tag not in ("script", "link", "iframe", "form")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_fetches_nothing() -> None:
    page = Page()
    page.feed(texts()["match.html"])
    assert (page.open, page.fetched) == ([], [])


def test_what_a_side_says_is_escaped() -> None:
    finding = Finding(Break.POSTED_NOT_PAID, "1", 1, said={"posted_trade": "<b>&"})
    page = as_html(Outcome(DAY, AT, Sums(), (finding,), (), (), (), (entry("<u>", "bill_only"),)), "<i>")
    assert not any(tag in page for tag in ("<b>", "<u>", "<i>"))
    assert "&lt;b&gt;&amp;" in page


def test_the_work_list() -> None:
    rows = [
        entry("PNM-330203260000001", "posted_not_paid"),
        entry("BO-X", "bill_only", settled_by="staff", reason="已退"),
    ]
    assert work_text(rows, AT + dt.timedelta(days=2)).splitlines() == [
        "PNM-330203260000001                      posted_not_paid        1.00  of 2026-03-18, 3 days old  ALARM",
        "    ledger=none",
        "BO-X                                     bill_only              1.00  of 2026-03-18, 3 days old",
        "    ledger=none",
        "    settled by staff: 已退",
    ]


def data(**fields: object) -> DayEndData:
    known: dict[str, object] = {
        "day": DAY,
        "at": AT,
        "kiosk_id": "NB01",
        "hall": "服务大厅",
        "wallets": (WalletSum("支付宝", 2, 35000), WalletSum("微信支付", 1, 10000)),
        "posted_count": 3,
        "posted_fen": 45000,
        "refund_open": 1,
        "refund_open_fen": 10000,
        "refunded_count": 0,
        "refunded_fen": 0,
        "unknown": 1,
        "matched": False,
        "work": (WorkLine("PT-NB0120260318000001XP2", "重复付款", 10000),),
    }
    return DayEndData(**{**known, **fields})  # type: ignore[arg-type]


def test_the_end_of_day_slip() -> None:
    blocks = day_end_slip(data()).blocks
    pairs = {block.label: block.value for block in blocks if isinstance(block, Pair)}
    assert pairs["收款合计 3 笔"] == "450.00 元"
    assert pairs["待退款 1 笔"] == "100.00 元"
    assert pairs["付款结果未知"] == "1 笔"
    assert pairs["与钱包账单核对"] == "有不一致"
    assert pairs["　重复付款"] == "100.00 元"
    assert pairs["打印时间"] == "2026-03-19 11:00:00"
    for matched, word in ((None, "还没有核对"), (True, "一致")):
        said = {
            block.label: block.value
            for block in day_end_slip(data(matched=matched, work=())).blocks
            if isinstance(block, Pair)
        }
        assert (said["与钱包账单核对"], said["待办清单"]) == (word, "没有")


def test_a_long_work_list_does_not_empty_the_roll() -> None:
    work = tuple(WorkLine(f"BO-{n}", "只有账单有", 1) for n in range(500))
    lines = [block.text for block in day_end_slip(data(work=work)).blocks if isinstance(block, Text)]
    assert sum(line.startswith("BO-") for line in lines) == MOST_LINES
    assert "　其余 480 项见屏幕或报表。" in lines


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, text in texts().items():
        (GOLDEN / name).write_text(text, encoding="utf-8")
