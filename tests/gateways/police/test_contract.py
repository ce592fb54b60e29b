"""The server's answers, the client's requests and the examples against `openapi.yaml`."""

from __future__ import annotations

import importlib.resources
import inspect
import json
import re
from typing import Any

import httpx
import jsonschema
import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from kiosk.gateways.police import messages
from kiosk.gateways.police.client import PoliceClient
from kiosk.gateways.police.simulated import SimulatedPolice
from kiosk.ports.platform import PolicePlatform

CONTRACT: dict[str, Any] = yaml.safe_load(
    importlib.resources.files("kiosk.gateways.police").joinpath("openapi.yaml").read_text(encoding="utf-8")
)
REGISTRY: Registry = Registry().with_resource("urn:contract", DRAFT202012.create_resource(CONTRACT))
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, item in CONTRACT["paths"].items()
    for method, operation in item.items()
    if method in ("get", "post")
}
KEY = {"Authorization": "Bearer device-key-of-a-test"}


def resolve(node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        target: Any = CONTRACT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def validate(value: Any, schema: Any) -> None:
    absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:contract#/'))
    Draft202012Validator(absolute, registry=REGISTRY, format_checker=FormatChecker()).validate(value)


def check_answer(operation_id: str, answer: httpx.Response) -> None:
    responses = OPERATIONS[operation_id][2]["responses"]
    status = str(answer.status_code)
    described = resolve(responses.get(status) or responses.get(f"{status[0]}XX"))
    assert described, f"{operation_id} has no answer {status}"
    content = described.get("content")
    if content is None:
        return
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type in content, f"{operation_id} {status}: {media_type}"
    if media_type == "application/json":
        validate(answer.json(), content[media_type]["schema"])


class Recorder(httpx.AsyncBaseTransport):
    """Lets the client talk to the server and checks each request and answer against the contract on the way."""

    def __init__(self) -> None:
        self.inner = httpx.AsyncHTTPTransport(trust_env=False)
        self.seen: list[tuple[str, int]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        method, path = request.method.lower(), request.url.path
        operation_id = next(
            name
            for name, (verb, template, _) in OPERATIONS.items()
            if verb == method and re.fullmatch(re.sub(r"\{\w+\}", "[0-9]+", template), path)
        )
        self._check_request(operation_id, request)
        answer = await self.inner.handle_async_request(request)
        body = await answer.aread()
        copy = httpx.Response(answer.status_code, headers=answer.headers, content=body)
        check_answer(operation_id, copy)
        self.seen.append((operation_id, answer.status_code))
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))

    def _check_request(self, operation_id: str, request: httpx.Request) -> None:
        operation = OPERATIONS[operation_id][2]
        assert request.headers["authorization"] == KEY["Authorization"]
        assert not request.url.query
        wanted = {parameter["name"] for parameter in map(resolve, operation.get("parameters", ()))}
        assert ("Idempotency-Key" in wanted) == ("idempotency-key" in request.headers)
        if "requestBody" in operation:
            assert request.headers["content-type"] == "application/json"
            schema = resolve(operation["requestBody"])["content"]["application/json"]["schema"]
            validate(json.loads(request.content), schema)
        else:
            assert request.content == b""

    async def aclose(self) -> None:
        await self.inner.aclose()


@pytest.fixture
async def recorder(hall):
    recorder = Recorder()
    await hall.client._http._client._transport.aclose()
    hall.client._http._client._transport = recorder
    return recorder


async def test_requests_and_answers_of_all_operations_follow_the_contract(hall, recorder):
    client, number, plate = hall.client, hall.number, "浙BB01M1"
    refused = []

    async def no(call: Any) -> None:
        from kiosk.domain.errors import Refused

        with pytest.raises(Refused) as said:
            await call
        refused.append(said.value.code)

    await client.health()
    await client.holidays(2026)
    await no(client.holidays(2031))
    await client.identify(number, hall.scenario.person.name)
    await no(client.identify(number, "王五"))
    await client.identify("330203199001010006", "王五")
    photo = await client.police_photo(number)
    await client.police_photo("330203199001010006")
    await client.match_face(number, photo)
    await client.vehicles(number)
    await client.verify_vehicle(plate, "02", "001010")
    await client.verify_vehicle(plate, "02", "000000")
    await client.open_records(plate, "02")
    await no(client.open_records("浙B99999", "02"))
    await client.evidence(hall.record)
    await client.find_decision(hall.record)
    await no(client.find_decision("9" * 16))
    await no(client.fine_status("9" * 15))
    decision = await hall.decide()
    await hall.decide()
    await no(hall.decide(key="another"))
    await client.find_decision(hall.record)
    await client.fine_status(decision.number)
    await no(client.post_payment(decision.number, 1, "T1", "2026-11-21T10:01:00+08:00", "k"))
    await client.post_payment(decision.number, 15000, "T1", "2026-11-21T10:01:00+08:00", "k")
    await no(client.post_payment(decision.number, 15000, "T2", "2026-11-21T10:01:00+08:00", "k"))
    await client.object_to(hall.scenario.records[1].id, number, "图片看不清", "o")
    assert {name for name, _ in recorder.seen} == set(OPERATIONS)
    assert {status for _, status in recorder.seen} == {200, 201, 404, 409}
    assert "already_paid" in refused


async def test_a_missing_device_key_is_as_described(hall):
    async with httpx.AsyncClient(base_url=hall.url, trust_env=False) as raw:
        for operation_id, (method, path, _) in OPERATIONS.items():
            real = path.format(record_id=hall.record, index=1, number="3" * 15, year=2026)
            answer = await raw.request(method, real)
            assert (answer.status_code, answer.json()["code"]) == (401, "bad_device_key")
            check_answer(operation_id, answer)


def test_operations_are_the_ports_methods():
    methods = {name for name, member in inspect.getmembers(PolicePlatform, inspect.isfunction) if name[0] != "_"}
    assert methods <= set(OPERATIONS)
    assert set(OPERATIONS) - methods == {"evidence_picture", "holidays", "health"}
    assert methods <= set(dir(PoliceClient))


def test_the_server_has_the_contracts_routes_and_no_others():
    served = {
        (route.name, next(iter(route.methods - {"HEAD"})).lower(), re.sub(":int", "", route.path))
        for route in SimulatedPolice().app.routes
        if route.path.startswith("/v1/")
    }
    assert served == {(name, method, path) for name, (method, path, _) in OPERATIONS.items()}


def examples() -> list[Any]:
    found = []

    def walk(node: Any, where: str) -> None:
        if isinstance(node, dict):
            if "schema" in node and "example" in node:
                found.append(pytest.param(node["schema"], node["example"], id=where))
            for name, member in node.items():
                walk(member, f"{where}/{name}")

    walk({"paths": CONTRACT["paths"], "components": CONTRACT["components"]}, "")
    return found


@pytest.mark.parametrize(("schema", "example"), examples())
def test_examples_follow_their_schemas(schema, example):
    validate(example, schema)


@pytest.mark.parametrize(
    ("operation_id", "kind"),
    [
        ("identify", messages.DriverMessage),
        ("vehicles", messages.VehiclesMessage),
        ("verify_vehicle", messages.VehicleMessage),
        ("open_records", messages.RecordsMessage),
        ("evidence", messages.EvidenceMessage),
        ("decide", messages.DecisionMessage),
        ("object_to", messages.ObjectionMessage),
        ("fine_status", messages.FineMessage),
        ("post_payment", messages.PaymentMessage),
        ("match_face", messages.FaceMatchMessage),
        ("holidays", messages.HolidaysMessage),
        ("health", messages.HealthMessage),
    ],
)
def test_the_client_reads_the_examples_and_needs_what_the_contract_requires(operation_id, kind):
    described = OPERATIONS[operation_id][2]["responses"]["200"]["content"]["application/json"]
    example = described["example"]
    messages.read(kind, json.dumps(example).encode())
    messages.read(kind, json.dumps({**example, "something_new": {"of": ["later"]}}).encode())
    for member in resolve(described["schema"])["required"]:
        less = {name: value for name, value in example.items() if name != member}
        with pytest.raises(ValueError, match=member):
            messages.read(kind, json.dumps(less).encode())
        with pytest.raises(jsonschema.ValidationError):
            validate(less, described["schema"])
