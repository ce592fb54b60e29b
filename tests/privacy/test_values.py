"""What `repr` and exceptions tell of people: nothing."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import json
import logging
import traceback
from pathlib import Path
from typing import Any

import pytest

from config.scenarios import load_scenario
from config.tables import load_tables
from drivers.id_card.text import CardDataError, pack_text, parse_text
from drivers.receipt_printer.ticket import Piece, Ticket
from kiosk.domain import eligibility, identity, plate
from kiosk.domain.decision_slip import DecisionSlipData
from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.domain.identity import CardKind, IdCard, IdNumberError, Photo, Sex
from kiosk.domain.slips import PaymentVoucherData
from kiosk.domain.violation import Consent, Driver, Vehicle, ViolationRecord
from kiosk.gateways.http import Answer, Endpoint
from kiosk.gateways.police import messages
from kiosk.gateways.police.client import PoliceClient
from kiosk.gateways.wallet import answers
from kiosk.journeys.identify import Visitor
from kiosk.journeys.violation.visit import Visit
from kiosk.ledger.cipher import FieldCipher
from kiosk.ledger.states import Kind
from kiosk.ledger.store import Move, New, Record
from kiosk.ports.devices import FaceCapture, FaceReport, Frame, Scan
from kiosk.screens import common, violation
from tests.hostile.test_remote import server

NAME, NUMBER, ADDRESS = "谢演练", "330203199001010003", "浙江省宁波市海曙区模拟路1号"
PLATE, FILE_NO, PICTURE = "浙BX7291", "330277777777", b"\x89PNG picture of a face"
SECRETS = (NAME, NUMBER, ADDRESS, PLATE, FILE_NO, "picture of a face", "模拟路")
DAY = dt.date(2026, 1, 2)
NOW = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)

CARD = IdCard(CardKind.RESIDENT, NAME, Sex.MALE, DAY, NUMBER, "局", DAY, None, "01", ADDRESS, photo=Photo(PICTURE))
DRIVER = Driver(NUMBER, NAME, FILE_NO, "浙B", "C1", "A", DAY, None, 0)
VEHICLE = Vehicle(PLATE, "02", "own")
RECORD_ROW = Record(
    Kind.DECISION, "CI01D1", "CI01", "decided", 1, "", "", {"detail_enc": NAME, "issued": {"n": NUMBER}}
)


def violation_record() -> ViolationRecord:
    return ViolationRecord(
        "3302039000000001", PLATE, "02", NOW, ADDRESS, "1345", "行为", 1, 1, "队", "1" * 12, "local", "规定", "依据"
    )


OBJECTS: dict[str, Any] = {
    "card": CARD,
    "photo": Photo(PICTURE),
    "driver": DRIVER,
    "vehicle": VEHICLE,
    "record": violation_record(),
    "visitor": Visitor(card=CARD),
    "visit": Visit(card=CARD, driver=DRIVER, vehicle=VEHICLE, records=(violation_record(),), signature_png=PICTURE),
    "signed": violation.Signed(PICTURE, (NAME,)),
    "frame": Frame(1, 1, PICTURE, 0.0, 1),
    "capture": FaceCapture(FaceReport("ok", True), Frame(1, 1, PICTURE, 0.0, 1), Photo(PICTURE)),  # type: ignore[arg-type]
    "scan": Scan(NUMBER.encode(), NUMBER, "qr", NOW),
    "row": RECORD_ROW,
    "new": New(Kind.ORDER, "CI01", "CI01", "signed", {"subject": NAME}),
    "move": Move(RECORD_ROW, "decided", "answered", {"issued": NAME}),
    "answer": Answer(200, "application/json", "", NAME.encode(), {"x": NUMBER}),
    "endpoint": Endpoint("http://host/", NUMBER),
    "face": common.FaceCheck(frame=Frame(1, 1, PICTURE, 0.0, 1)),
    "ticket": Ticket((Piece(NAME.encode("gbk"), 30), Piece(PICTURE, 8))),
}


@pytest.mark.parametrize("value", OBJECTS.values(), ids=OBJECTS)
def test_repr(value: Any) -> None:
    said = repr(value)
    for secret in SECRETS:
        assert secret not in said
        assert repr(secret.encode("gbk"))[2:-1] not in said


@pytest.mark.parametrize("kind", [DecisionSlipData, PaymentVoucherData])
def test_repr_of_what_is_printed(kind: type[Any]) -> None:
    """Fields that name a person are left out of `repr` where they are declared."""
    for field in dataclasses.fields(kind):
        if field.name in ("name", "id_number", "payer", "plate", "signature_png", "driver", "record"):
            said = {"driver": DRIVER, "record": violation_record()}.get(field.name)
            assert not field.repr or (said is not None and not [s for s in SECRETS if s in repr(said)]), field.name


def told(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(error)


def harmless(error: BaseException, *secrets: str) -> None:
    said = told(error)
    for secret in (*SECRETS, *secrets):
        assert secret not in said, type(error)


def test_errors_of_the_domain() -> None:
    for text in (NUMBER[:-1] + "9", NUMBER[:12], "X" * 18, "330203199913010003"):
        with pytest.raises(IdNumberError) as caught:
            identity.parse_id_number(text, DAY)
        harmless(caught.value, text)
    for text in ("浙BX72", "浙B@7291", "浙BX72918888"):
        with pytest.raises(plate.PlateError) as wrong:
            plate.parse_plate(text, "02")
        harmless(wrong.value, text)


def test_errors_of_the_card() -> None:
    good = {
        "name": NAME,
        "number": NUMBER,
        "birth": "19900101",
        "from": "20200101",
        "to": "20300101",
        "address": ADDRESS,
    }
    for change in ({"number": "33020319900101000"}, {"birth": "19901399"}, {"name": ""}, {"from": "ABCDEFGH"}):
        with pytest.raises(CardDataError) as caught:
            parse_text(pack_text({**good, **change}))
        harmless(caught.value, *[value for value in change.values() if value])


def test_errors_of_the_cipher() -> None:
    cipher = FieldCipher(bytes(32))
    sealed = cipher.seal({"name": NAME}, "order", "subject_enc", "A")
    with pytest.raises(ValueError) as caught:
        cipher.open(sealed, "order", "subject_enc", "B")
    harmless(caught.value)


def test_errors_of_answers() -> None:
    """A front-end that sends nonsense about somebody: the member is named, never its value."""
    body = {"licence_no": NUMBER, "name": NAME, "file_no": NAME, "points": NUMBER}
    for kind in (messages.DriverMessage, messages.VehiclesMessage, messages.RecordsMessage, messages.DecisionMessage):
        for sent in (
            body,
            {"vehicles": [{"plate": PLATE * 3}]},
            {"records": [{"plate": PLATE, "place": 7}]},
            [NAME],
            NAME,
        ):
            with pytest.raises(ValueError) as caught:
                messages.read(kind, json.dumps(sent, ensure_ascii=False).encode())
            harmless(caught.value)
    for raw in (b"{", json.dumps({"state": NAME, "order_no": NUMBER}).encode()):
        with pytest.raises(ValueError) as caught:
            answers.read_trade(answers.read_json(raw), "CI01P1")
        harmless(caught.value)


ECHO = json.dumps({"code": "bad", "message": f"{NAME} {NUMBER} {PLATE}", "name": NAME}, ensure_ascii=False).encode()


@pytest.mark.parametrize("status", [200, 404, 409, 500])
async def test_errors_of_the_police_client(status: int) -> None:
    """A server that echoes everything it was asked."""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(ECHO)}\r\n\r\n".encode()
    async with server(head + ECHO) as url:
        client = PoliceClient(Endpoint(url))
        live = Photo(PICTURE)
        for call in (
            client.identify(NUMBER, NAME),
            client.vehicles(NUMBER),
            client.police_photo(NUMBER),
            client.match_face(NUMBER, live),
            client.open_records(PLATE, "02"),
            client.verify_vehicle(PLATE, "02", "123456"),
            client.decide("3302039000000001", NUMBER, Consent(""), "3302039000000001"),
        ):
            with pytest.raises((GatewayUnavailable, Refused)) as caught:
                await call
            if isinstance(caught.value, GatewayUnavailable):
                harmless(caught.value, base64.b64encode(PICTURE).decode())
            else:
                assert NUMBER not in told(caught.value)
        await client.aclose()
    with pytest.raises(ValueError) as wrong:
        await PoliceClient(Endpoint("http://host/")).decide(f"../{NUMBER}", NUMBER, Consent(""), "")
    assert NUMBER not in str(wrong.value)


async def test_errors_of_the_ledger(tmp_path: Path) -> None:
    import sqlite3

    import sqlalchemy as sa

    from kiosk.ledger.store import LedgerError, Store
    from kiosk.ports.clock import SystemClock

    store = Store(f"sqlite:///{tmp_path}/ledger.db", SystemClock())
    await store.open()
    new = New(Kind.ORDER, "A", "A", "signed",
              {"journey": "v", "amount_fen": 1, "subject_index": NUMBER, "subject_enc": NAME.encode()})  # fmt: skip
    await store.commit(new)
    with pytest.raises(sa.exc.IntegrityError) as caught:
        await store.commit(new)
    harmless(caught.value)

    def broken(*_: object) -> None:
        raise sa.exc.OperationalError("INSERT", {"name": NAME}, sqlite3.OperationalError("disk full"))

    store._on_commit = broken
    with pytest.raises(LedgerError) as full:
        await store.commit(dataclasses.replace(new, id="B", order_id="B"))
    harmless(full.value)
    await store.close()


def test_refusals_name_rules_not_people() -> None:
    rules = load_tables().rules
    expired = dataclasses.replace(CARD, valid_to=dt.date(2020, 1, 1), number=NUMBER[:-1] + "1")
    broken = dataclasses.replace(DRIVER, status="HM", valid_to=dt.date(2020, 1, 1), points=12)
    found = eligibility.person_refusals(expired, broken, dt.date(2026, 3, 1), rules)
    assert found
    for refusal in found:
        for secret in SECRETS:
            assert secret not in refusal.message + refusal.reason + refusal.source


def test_scenarios_keep_their_people_to_themselves() -> None:
    scenario = load_scenario("happy_two_records", dt.date(2026, 3, 1))
    assert scenario.person.name not in repr(scenario.person)
    assert scenario.person.number not in repr(scenario.person)
    logging.getLogger("test").debug("%r", scenario.person)
