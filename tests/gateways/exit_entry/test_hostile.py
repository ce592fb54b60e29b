"""Answers that do not follow the contract, from a server that is not ours: no usable answer, and nothing of it in the error."""

from __future__ import annotations

import base64
import json
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.gateways.exit_entry.client import ExitEntryClient
from tests.gateways.halls import PAID_AT, PATIENT
from tests.gateways.liar import answer, speaking

NUMBER = "330200260000001"
ID, PERMIT = "330203199003070002", "C10000017"
GRANT = {
    "number": "H26112100002",
    "option_id": "HKG-L-3M1",
    "destination": "HKG",
    "kind": "L",
    "entries": 1,
    "valid_from": "2026-11-21",
    "valid_to": "2027-02-21",
}
GRANTED: dict[str, Any] = {
    "number": NUMBER,
    "state": "authorised",
    "fee_fen": 1500,
    "grants": [GRANT],
    "write_data": base64.b64encode(b"sealed").decode(),
}
RECORD: dict[str, Any] = {
    "id_number": ID,
    "name": "顾示例",
    "birth": "1990-03-07",
    "permit_number": PERMIT,
    "permit_valid_to": "2032-11-21",
    "permit_state": "valid",
    "registered_official": False,
    "military": False,
    "exit_barred": False,
    "false_statement": False,
    "data_changed": False,
    "review": False,
    "endorsements": [],
}


def saying(body: object, status: str = "200 OK") -> AbstractAsyncContextManager[ExitEntryClient]:
    """A bare TCP server with one answer to everything."""
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return speaking(ExitEntryClient, answer(data, status), deadlines=PATIENT)


async def authorised(client: ExitEntryClient) -> Any:
    return await client.authorise(NUMBER, 1500, "T1", PAID_AT)


async def test_the_good_answers_are_good():
    async with saying(GRANTED) as client:
        assert (await authorised(client)).write_data == b"sealed"
    async with saying(RECORD) as client:
        assert (await client.registry(ID, PERMIT)).endorsements == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"new_member": [1]},
        {"grants": [{**GRANT, "stay_days": 7}]},
        {"grants": [{**GRANT, "entries": None}]},
        {"write_data": "c2Vh\r\nbGVk\r\n"},
        {"grants": [GRANT, {**GRANT, "number": "M26112100003", "destination": "MAC"}]},
    ],
)
async def test_more_than_the_contract_names_is_taken(changes):
    async with saying({**GRANTED, **changes}) as client:
        granted = await authorised(client)
        assert (granted.grants[0].number, granted.write_data) == (GRANT["number"], b"sealed")


async def test_a_small_x_is_the_same_number():
    async with saying({**RECORD, "id_number": "33020319990101000x"}) as client:
        assert (await client.registry(ID, PERMIT)).id_number == "33020319990101000X"


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "330200260000002"},
        {"number": "33020026000001"},
        {"number": 330200260000001},
        {"state": "accepted"},
        {"state": "written"},
        {"state": "cancelled"},
        {"state": "granted"},
        {"fee_fen": 1501},
        {"fee_fen": "1500"},
        {"fee_fen": 1500.0},
        {"fee_fen": -1500},
        {"fee_fen": True},
        {"grants": []},
        {"grants": None},
        {"grants": [GRANT, GRANT]},
        {"grants": [{**GRANT, "entries": 0}]},
        {"grants": [{**GRANT, "entries": "1"}]},
        {"grants": [{**GRANT, "destination": "LON"}]},
        {"grants": [{**GRANT, "valid_to": "2026-11-20"}]},
        {"grants": [{**GRANT, "valid_to": "21/02/2027"}]},
        {"grants": [{**GRANT, "number": "H2611210000 2"}]},
        {"grants": [{k: v for k, v in GRANT.items() if k != "entries"}]},
        {"write_data": ""},
        {"write_data": "not base64!"},
        {"write_data": None},
    ],
)
async def test_a_grant_that_is_none(changes):
    async with saying({**GRANTED, **changes}) as client:
        with pytest.raises(GatewayUnavailable, match="authorise"):
            await authorised(client)


@pytest.mark.parametrize(
    "changes",
    [
        {"permit_number": "C10000018"},
        {"permit_state": "expired"},
        {"exit_barred": "false"},
        {"exit_barred": 0},
        {"exit_barred": None},
        {"birth": "1990-02-30"},
        {"birth": 19900307},
        {"birth": "1990-03-07T00:00:00+08:00"},
        {"hukou_area": "3302"},
        {"endorsements": None},
        {"endorsements": [{**GRANT, "issued_on": "2026-11-21"}]},
        {"endorsements": [{**GRANT, "issued_on": "2026-11-21", "entries_left": -1}]},
        {"name": ""},
        {"id_number": "33020319900307000-"},
        {"permit_number": "c10000017"},
    ],
)
async def test_a_record_that_is_none(changes):
    async with saying({**RECORD, **changes}) as client:
        with pytest.raises(GatewayUnavailable, match="registry") as trouble:
            await client.registry(ID, PERMIT)
    text = f"{trouble.value!r} {trouble.value.hint}"
    assert not [word for word in (ID, PERMIT, "顾", "1990") if word in text]


async def test_an_application_told_for_other_options_or_another_fee():
    call = (ID, PERMIT, ("HKG-L-1Y1",), 1500, "13000000000", "k")
    async with saying(GRANTED) as client:
        with pytest.raises(GatewayUnavailable, match="another set of options"):
            await client.apply(*call)
    async with saying({"number": NUMBER, "state": "accepted", "fee_fen": 3000}) as client:
        with pytest.raises(GatewayUnavailable, match="another fee"):
            await client.apply(*call)


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "404 Not Found", "409 Conflict", "500 Oh"])
@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'"no_application"', b"\xff\xfe", b"{}{}"])
async def test_bodies_that_say_nothing(status, body):
    async with saying(body, status) as client:
        with pytest.raises(GatewayUnavailable):
            await client.find_application("k")


async def test_none_and_no_are_told_apart():
    async with saying({"code": "no_application", "message": ""}, "404 Not Found") as client:
        assert await client.find_application("k") is None
        with pytest.raises(Refused):
            await client.confirm(NUMBER, printed=True)
    async with saying({"code": "no_such_operation", "message": ""}, "404 Not Found") as client:
        with pytest.raises(Refused):
            await client.find_application("k")
    for status in ("401 No", "403 No", "407 No", "408 No", "425 No", "429 No", "302 Found", "503 No"):
        async with saying({"code": "cancelled", "message": ""}, status) as client:
            with pytest.raises(GatewayUnavailable):
                await authorised(client)


async def test_a_refusals_sentence_loses_long_numbers():
    async with saying({"code": "in_force", "message": f"{ID} 尚有有效签注"}, "409 Conflict") as client:
        with pytest.raises(Refused) as no:
            await authorised(client)
    assert (no.value.code, no.value.message) == ("in_force", "… 尚有有效签注")
