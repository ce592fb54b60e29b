"""What the client asks and the server answers, operation by operation, follows `openapi.yaml`."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from kiosk.domain.errors import Refused
from kiosk.domain.forms.record import Record, Value
from kiosk.domain.identity import Photo
from kiosk.gateways.exit_entry.drafts import DraftClient
from kiosk.gateways.exit_entry.messages import ApplicationMessage
from kiosk.gateways.http import Endpoint
from kiosk.gateways.rest import read
from tests.gateways.contract import Recorder, contract_of
from tests.gateways.halls import FACE, KEY

CONTRACT = contract_of("kiosk.gateways.exit_entry")


@pytest.fixture
async def recorder(hall):
    recorder = Recorder(CONTRACT, "[0-9A-Za-z_-]+")
    await recorder.listen_to(hall.client)
    return recorder


async def test_requests_and_answers_of_all_operations_follow_the_contract(hall, recorder):
    client, refused = hall.client, []

    async def no(call: Any) -> None:
        with pytest.raises(Refused) as said:
            await call
        refused.append(said.value.code)

    await client.health()
    await client.registry(hall.number, hall.permit)
    await client.registry(hall.number, "C99999999")
    photo = await client.photo_on_file(hall.permit)
    await client.photo_on_file("C99999999")
    await client.match_face(hall.number, photo)
    await no(client.match_face(hall.number, Photo(b"this is not a picture")))
    await client.find_application("key-1")
    await no(hall.apply(fee=3000))
    await no(hall.apply(permit="C99999999"))
    await no(hall.apply("HKG-Q-3M1"))
    first = await hall.apply()
    await hall.apply()
    await no(hall.apply(fee=3000))
    await no(client.confirm(first.number, printed=True))
    await no(hall.authorise(first.number, 1))
    await no(hall.authorise("9" * 15))
    await hall.authorise(first.number)
    await no(hall.authorise(first.number, trade="T2"))
    await client.find_application("key-1")
    await client.cancel(first.number, "test")
    await no(hall.authorise(first.number))
    second = await hall.apply(key="key-2")
    await hall.authorise(second.number, trade="T3")
    await client.confirm(second.number, printed=False)
    await client.confirm(second.number, printed=True)
    await client.find_application("key-2")
    await no(client.cancel(second.number, "test"))
    await client.registry(hall.number, hall.permit)
    desk = DraftClient(Endpoint(hall.url, KEY))
    await recorder.listen_to(desk)
    answers = {"id_no": Value(hall.number, "id"), "want_passport": Value("1", "user"), "want_tw": Value("1", "user")}
    mine, other = Record("CRJ-2014", 1, answers), Record("CRJ-2014", 1, {**answers, "id_no": Value("0" * 18, "id")})
    await desk.submit("a" * 32, mine, FACE)
    await desk.submit("a" * 32, mine)
    await no(desk.submit("a" * 32, other))
    await no(desk.submit("b" * 32, mine, Photo(b"this is not a picture", "image/jpeg")))
    await desk.withdraw("a" * 32)
    await no(desk.submit("a" * 32, mine))
    await desk.aclose()
    assert {name for name, _ in recorder.seen} == set(CONTRACT.operations)
    assert {status for _, status in recorder.seen} == {200, 201, 204, 404, 409, 422}
    assert refused == [
        "bad_picture",
        "fee_differs",
        "no_permit",
        "papers_needed",
        "key_reused",
        "not_authorised",
        "amount_differs",
        "unknown_application",
        "already_paid",
        "cancelled",
        "written",
        "key_reused",
        "bad_picture",
        "withdrawn",
    ]


@pytest.mark.parametrize("member", ["grants", "write_data"])
def test_an_authorisation_that_does_not_say_what_to_write_is_none(member):
    described = CONTRACT.good("authorise")
    less = {name: value for name, value in described["example"].items() if name != member}
    with pytest.raises(ValueError, match="value_error"):
        read(ApplicationMessage, json.dumps(less).encode())
    with pytest.raises(jsonschema.ValidationError):
        CONTRACT.validate(less, described["schema"])
