"""A contract in `openapi.yaml`, to hold requests, answers and examples against."""

from __future__ import annotations

import importlib.resources
import json
import re
from functools import cache
from typing import Any

import httpx
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.gateways.halls import KEY


class Contract:
    """`operations`: operationId to method, path and description."""

    def __init__(self, package: str) -> None:
        text = importlib.resources.files(package).joinpath("openapi.yaml").read_text(encoding="utf-8")
        self.document: dict[str, Any] = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self._registry: Registry = Registry().with_resource("urn:contract", DRAFT202012.create_resource(self.document))
        self.operations: dict[str, tuple[str, str, Any]] = {
            operation["operationId"]: (method, path, operation)
            for path, item in self.document["paths"].items()
            for method, operation in item.items()
            if method in ("get", "post", "put", "delete")
        }

    def resolve(self, node: Any) -> Any:
        while isinstance(node, dict) and "$ref" in node:
            target: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def validate(self, value: Any, schema: Any) -> None:
        """Raises jsonschema.ValidationError."""
        absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:contract#/'))
        Draft202012Validator(absolute, registry=self._registry, format_checker=FormatChecker()).validate(value)

    def good(self, operation_id: str) -> Any:
        """What is said of the JSON in an operation's answer 200: schema and example."""
        return self.operations[operation_id][2]["responses"]["200"]["content"]["application/json"]

    def check_answer(self, operation_id: str, answer: httpx.Response) -> None:
        responses = self.operations[operation_id][2]["responses"]
        status = str(answer.status_code)
        described = self.resolve(responses.get(status) or responses.get(f"{status[0]}XX"))
        assert described, f"{operation_id} has no answer {status}"
        content = described.get("content")
        if content is None:
            return
        media_type = answer.headers["content-type"].partition(";")[0]
        assert media_type in content, f"{operation_id} {status}: {media_type}"
        if media_type == "application/json":
            self.validate(answer.json(), content[media_type]["schema"])

    def check_request(self, operation_id: str, request: httpx.Request) -> None:
        operation = self.operations[operation_id][2]
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert not request.url.query
        wanted = {parameter["name"] for parameter in map(self.resolve, operation.get("parameters", ()))}
        assert ("Idempotency-Key" in wanted) == ("idempotency-key" in request.headers)
        if "requestBody" in operation:
            assert request.headers["content-type"] == "application/json"
            schema = self.resolve(operation["requestBody"])["content"]["application/json"]["schema"]
            self.validate(json.loads(request.content), schema)
        else:
            assert request.content == b""

    def examples(self) -> list[tuple[str, Any, Any]]:
        """Where it stands, its schema, the example."""
        found = []

        def walk(node: Any, where: str) -> None:
            if isinstance(node, dict):
                if "schema" in node and "example" in node:
                    found.append((where, node["schema"], node["example"]))
                for name, member in node.items():
                    walk(member, f"{where}/{name}")

        walk({"paths": self.document["paths"], "components": self.document["components"]}, "")
        return found


class Recorder(httpx.AsyncBaseTransport):
    """Lets the client talk to the server and checks each request and answer against the contract on the way.

    `in_path`: what may stand in the variable parts of a path.
    """

    def __init__(self, contract: Contract, in_path: str) -> None:
        self.contract, self.in_path = contract, in_path
        self.inner = httpx.AsyncHTTPTransport(trust_env=False)
        self.seen: list[tuple[str, int]] = []

    async def listen_to(self, client: Any) -> None:
        """Take the place of the client's transport."""
        await client._http._client._transport.aclose()
        client._http._client._transport = self

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        method, path = request.method.lower(), request.url.path
        operation_id = next(
            name
            for name, (verb, template, _) in self.contract.operations.items()
            if verb == method and re.fullmatch(re.sub(r"\{\w+\}", self.in_path, template), path)
        )
        self.contract.check_request(operation_id, request)
        answer = await self.inner.handle_async_request(request)
        body = await answer.aread()
        self.contract.check_answer(
            operation_id, httpx.Response(answer.status_code, headers=answer.headers, content=body)
        )
        self.seen.append((operation_id, answer.status_code))
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))

    async def aclose(self) -> None:
        await self.inner.aclose()


@cache
def contract_of(package: str) -> Contract:
    """Reading one takes a quarter of a second, and every worker of a test run would do it for every example."""
    return Contract(package)
