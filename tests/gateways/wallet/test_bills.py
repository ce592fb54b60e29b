"""The bill by way of the payment front: believed when it is whole, signed and of the day that was asked for."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from kiosk.domain.bill import BillKind, BillRow
from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.gateways.wallet import bills as bills_module
from kiosk.gateways.wallet.answers import AnswerError
from kiosk.gateways.wallet.bills import WalletBills, read_page
from tests.gateways.wallet.conftest import DEVICE, Hall

DAY = dt.date(2026, 11, 21)
ROW: dict[str, Any] = {
    "kind": "paid",
    "order_no": "NB01A",
    "trade_no": "T1",
    "fen": 100,
    "at": "2026-11-21T10:00:00+08:00",
    "wallet": "alipay",
    "refund_no": "",
    "fee_fen": 1,
}


@pytest.fixture
async def bills(hall: Hall) -> AsyncIterator[WalletBills]:
    made = WalletBills(
        hall.url,
        device_id=DEVICE,
        device_key=hall.front.register(DEVICE),
        front_keys=[hall.front.public_key],
        terminal_id="NB01",
        clock=hall.clock,
    )
    yield made
    await made.aclose()


async def a_day(hall: Hall) -> None:
    """One payment, and one that went back an hour later."""
    for number in ("NB01A", "NB01B"):
        await hall.open_trade(number)
        hall.front.control({"do": "pay", "order_no": number})
    hall.clock.forward(3600)
    await hall.client.refund("NB01B", "NB01BR1", 20000)


async def test_the_days_movements(hall: Hall, bills: WalletBills) -> None:
    await a_day(hall)
    with pytest.raises(Refused) as refused:
        await bills.bill(DAY)
    assert refused.value.code == "bill_not_ready"
    hall.clock.forward(86_400)
    rows = {(row.kind, row.order_no): row for row in await bills.bill(DAY)}
    assert set(rows) == {(BillKind.PAID, "NB01A"), (BillKind.PAID, "NB01B"), (BillKind.REFUND, "NB01B")}
    back, paid = rows[BillKind.REFUND, "NB01B"], rows[BillKind.PAID, "NB01B"]
    assert (back.fen, back.refund_no, back.trade_no, back.at - paid.at) == (
        20000,
        "NB01BR1",
        paid.trade_no,
        dt.timedelta(hours=1),
    )
    assert await bills.bill(DAY - dt.timedelta(days=1)) == ()


async def test_pages(hall: Hall, bills: WalletBills) -> None:
    await a_day(hall)
    hall.clock.forward(86_400)
    whole = await bills.bill(DAY)
    hall.front.bills.page_rows = 1
    assert await bills.bill(DAY) == whole


async def test_the_wire_is_the_contract(hall: Hall, bills: WalletBills, monkeypatch: pytest.MonkeyPatch) -> None:
    contract = yaml.safe_load((Path(bills_module.__file__).parent / "openapi.yaml").read_text("utf-8"))
    operation = contract["paths"]["/v1/bills"]["post"]
    schemas = {
        "asked": operation["requestBody"]["content"]["application/json"]["schema"],
        200: {"$ref": "#/components/schemas/BillPage"},
        409: {"$ref": "#/components/schemas/Refusal"},
    }
    seen = []
    exchange = bills._http.exchange

    async def recording(name: str, method: str, path: str, **rest: Any) -> Any:
        answer = await exchange(name, method, path, **rest)
        for schema, body in (("asked", rest["content"]), (answer.status, answer.body)):
            whole = {**schemas[schema], "components": contract["components"]}
            jsonschema.Draft202012Validator(whole).validate(json.loads(body))
        seen.append((path, answer.status))
        return answer

    monkeypatch.setattr(bills._http, "exchange", recording)
    await a_day(hall)
    with pytest.raises(Refused):
        await bills.bill(DAY)
    hall.clock.forward(86_400)
    await bills.bill(DAY)
    assert seen == [("v1/bills", 409), ("v1/bills", 200)]
    whole = {"$ref": "#/components/schemas/BillRow", "components": contract["components"]}
    jsonschema.Draft202012Validator(whole).validate(contract["components"]["schemas"]["BillRow"]["example"])


async def test_a_bill_for_somebody_else_is_none(hall: Hall, bills: WalletBills) -> None:
    stranger = WalletBills(
        hall.url,
        device_id="stranger",
        device_key=b"0" * 32,
        front_keys=[hall.front.public_key],
        terminal_id="X",
        clock=hall.clock,
    )
    with pytest.raises(Refused) as refused:
        await stranger.bill(DAY)
    await stranger.aclose()
    assert refused.value.code == "bad_signature"


def page(**changes: Any) -> dict[str, Any]:
    return {"day": "2026-11-21", "page": 1, "pages": 1, "rows": [ROW], **changes}


def row(**changes: Any) -> dict[str, Any]:
    return page(rows=[{**ROW, **changes}])


def test_a_page() -> None:
    at = dt.datetime.fromisoformat(ROW["at"])
    assert read_page(page(), DAY, 1) == ([BillRow(BillKind.PAID, "NB01A", "T1", 100, at, "alipay", "", 1)], 1)
    # The day is Shanghai's, whatever offset a front writes; what may be left out may be missing; what is new is passed over.
    short = {name: value for name, value in ROW.items() if name not in ("refund_no", "fee_fen")}
    utc = page(rows=[{**short, "at": "2026-11-20T16:00:00Z", "bank": "X"}], more=1)
    ((found,), _) = read_page(utc, DAY, 1)
    assert (found.at.hour, found.fee_fen) == (0, 0)


@pytest.mark.parametrize(
    "body",
    [
        page(day="2026-11-20"),
        page(page=2),
        page(pages=0),
        page(pages=True),
        page(pages="1"),
        page(rows=None),
        page(rows=["NB01A"]),
        page(rows=[ROW] * 201),
        page(code="bill_not_ready"),
        row(kind="charge"),
        row(fen=0),
        row(fen=-1),
        row(fen=1.0),
        row(fen="100"),
        row(fen=True),
        row(fee_fen=0.5),
        row(order_no=""),
        row(order_no="NB01 A"),
        row(order_no="N" * 65),
        row(trade_no=None),
        row(wallet=""),
        row(at="2026-11-21T10:00:00"),
        row(at="2026-11-21"),
        row(at="2026-11-22T00:00:00+08:00"),
        row(at="2026-11-21T17:00:00Z"),
        row(at="2026-13-21T10:00:00+08:00"),
    ],
)
def test_what_is_no_page_of_that_bill(body: dict[str, Any]) -> None:
    with pytest.raises(AnswerError):
        read_page(body, DAY, 1)


@pytest.mark.parametrize("change", ["more pages", "twice"])
async def test_a_bill_that_changes_while_it_is_read(
    hall: Hall, bills: WalletBills, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_day(hall)
    hall.clock.forward(86_400)
    hall.front.bills.page_rows = 2
    told = hall.front.bills._page

    def spoilt(day: dt.date, number: int) -> dict[str, Any]:
        answer = told(day, number)
        if number == 2:
            answer |= {"pages": 3} if change == "more pages" else {"rows": told(day, 1)["rows"]}
        return answer

    monkeypatch.setattr(hall.front.bills, "_page", spoilt)
    with pytest.raises(GatewayUnavailable):
        await bills.bill(DAY)
