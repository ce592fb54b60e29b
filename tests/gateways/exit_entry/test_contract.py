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

from kiosk.domain.errors import Refused
from kiosk.domain.identity import Photo
from kiosk.gateways import rest
from kiosk.gateways.exit_entry import messages
from kiosk.gateways.exit_entry.client import ExitEntryClient
from kiosk.gateways.exit_entry.simulated import SimulatedExitEntry
from kiosk.ports.exit_entry import ExitEntryPlatform

CONTRACT: dict[str, Any] = yaml.safe_load(
    importlib.resources.files("kiosk.gateways.exit_entry").joinpath("openapi.yaml").read_text(encoding="utf-8")
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
            if verb == method and re.fullmatch(re.sub(r"\{\w+\}", "[0-9A-Za-z_-]+", template), path)
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
            validate(json.loads(request.content), operation["requestBody"]["content"]["application/json"]["schema"])
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
    assert {name for name, _ in recorder.seen} == set(OPERATIONS)
    assert {status for _, status in recorder.seen} == {200, 201, 404, 409, 422}
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
    ]


async def test_a_missing_device_key_is_as_described(hall):
    async with httpx.AsyncClient(base_url=hall.url, trust_env=False) as raw:
        for operation_id, (method, path, _) in OPERATIONS.items():
            answer = await raw.request(method, path.format(number="3" * 15, key="k"))
            assert (answer.status_code, answer.json()["code"]) == (401, "bad_device_key")
            check_answer(operation_id, answer)


def test_operations_are_the_ports_methods():
    methods = {name for name, member in inspect.getmembers(ExitEntryPlatform, inspect.isfunction) if name[0] != "_"}
    assert methods == set(OPERATIONS) - {"health"}
    assert set(OPERATIONS) <= set(dir(ExitEntryClient))
    for name in methods:
        assert inspect.signature(getattr(ExitEntryPlatform, name)) == inspect.signature(getattr(ExitEntryClient, name))


def test_the_server_has_the_contracts_routes_and_no_others():
    served = {
        (route.name, next(iter(route.methods - {"HEAD"})).lower(), route.path)
        for route in SimulatedExitEntry().app.routes
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
        ("registry", messages.RegistryMessage),
        ("match_face", messages.FaceMatchMessage),
        ("apply", messages.ApplicationMessage),
        ("find_application", messages.ApplicationMessage),
        ("authorise", messages.ApplicationMessage),
        ("confirm", messages.ApplicationMessage),
        ("cancel", messages.ApplicationMessage),
        ("health", messages.HealthMessage),
    ],
)
def test_the_client_reads_the_examples_and_needs_what_the_contract_requires(operation_id, kind):
    described = OPERATIONS[operation_id][2]["responses"]["200"]["content"]["application/json"]
    example = described["example"]
    rest.read(kind, json.dumps(example).encode())
    rest.read(kind, json.dumps({**example, "something_new": {"of": ["later"]}}).encode())
    for member in resolve(described["schema"])["required"]:
        less = {name: value for name, value in example.items() if name != member}
        with pytest.raises(ValueError, match=member):
            rest.read(kind, json.dumps(less).encode())
        with pytest.raises(jsonschema.ValidationError):
            validate(less, described["schema"])


@pytest.mark.parametrize("member", ["grants", "write_data"])
def test_an_authorisation_that_does_not_say_what_to_write_is_none(member):
    described = OPERATIONS["authorise"][2]["responses"]["200"]["content"]["application/json"]
    less = {name: value for name, value in described["example"].items() if name != member}
    with pytest.raises(ValueError, match="value_error"):
        rest.read(messages.ApplicationMessage, json.dumps(less).encode())
    with pytest.raises(jsonschema.ValidationError):
        validate(less, described["schema"])
