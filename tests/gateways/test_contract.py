"""Ports, routes, clients and examples of each front against its `openapi.yaml`. What an operation does is in the fronts' folders."""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import dataclass
from typing import Any

import httpx
import jsonschema
import pytest

from kiosk.gateways import rest
from kiosk.gateways.exit_entry import drafts
from kiosk.gateways.exit_entry import messages as exit_entry
from kiosk.gateways.police import bills, messages_filing, postings
from kiosk.gateways.police import messages as police
from kiosk.ports.exit_entry import ExitEntryPlatform
from kiosk.ports.platform import PolicePlatform
from tests.gateways.contract import Contract, contract_of
from tests.gateways.halls import ExitEntryHall, Hall, PoliceHall


@dataclass(frozen=True)
class Front:
    hall: type[Hall]
    port: type
    only_client: frozenset[str]
    """Operations that the client has beside the port's."""
    only_wire: frozenset[str]
    """Operations that are part of another method of the client, or of another client."""
    answers: dict[str, type[rest.Message]]
    """How the client reads the good answers."""

    @property
    def contract(self) -> Contract:
        return contract_of(self.hall.package)


FRONTS = {
    "police": Front(
        PoliceHall,
        PolicePlatform,
        frozenset({"holidays", "health"}),
        frozenset({"evidence_picture", "postings", "make_bill", "bill_status", "close_bill"}),
        {
            "identify": police.DriverMessage,
            "vehicles": police.VehiclesMessage,
            "verify_vehicle": police.VehicleMessage,
            "open_records": police.RecordsMessage,
            "evidence": police.EvidenceMessage,
            "decide": police.DecisionMessage,
            "object_to": police.ObjectionMessage,
            "defend": police.DefenceMessage,
            "reserve_number": police.NumberMessage,
            "commit_number": police.NumberStateMessage,
            "roll_back_number": police.NumberStateMessage,
            "handled": police.HandledMessage,
            "hold": police.HoldMessage,
            "release": police.ReleaseMessage,
            "filing_standing": messages_filing.StandingMessage,
            "request_filing": messages_filing.FilingMessage,
            "filing": messages_filing.FilingMessage,
            "confirm_filing": messages_filing.FilingMessage,
            "withdraw_filing": messages_filing.FilingMessage,
            "ebill": police.EBillMessage,
            "fine_status": police.FineMessage,
            "post_payment": police.PaymentMessage,
            "find_payment": police.PaymentMessage,
            "payable_fine": police.PayableFineMessage,
            "make_bill": bills.BillMessage,
            "bill_status": bills.BillMessage,
            "match_face": rest.FaceMatchMessage,
            "postings": postings.PostingsMessage,
            "holidays": police.HolidaysMessage,
            "health": rest.HealthMessage,
        },
    ),
    "exit_entry": Front(
        ExitEntryHall,
        ExitEntryPlatform,
        frozenset({"health"}),
        frozenset({"submit_draft", "withdraw_draft"}),
        {
            "registry": exit_entry.RegistryMessage,
            "match_face": rest.FaceMatchMessage,
            "apply": exit_entry.ApplicationMessage,
            "find_application": exit_entry.ApplicationMessage,
            "authorise": exit_entry.ApplicationMessage,
            "confirm": exit_entry.ApplicationMessage,
            "cancel": exit_entry.ApplicationMessage,
            "submit_draft": drafts.DraftMessage,
            "health": rest.HealthMessage,
        },
    ),
}
each_front = pytest.mark.parametrize("front", FRONTS.values(), ids=FRONTS)


@each_front
async def test_a_missing_device_key_is_as_described(front, clock):
    contract = front.contract
    async with front.hall.open(clock) as hall, httpx.AsyncClient(base_url=hall.url, trust_env=False) as raw:
        for operation_id, (method, path, _) in contract.operations.items():
            real = path.format(
                record_id="3302031001000001",
                index=1,
                number="3" * 15,
                year=2026,
                key="k",
                order_no="CI01P1",
                filing_id="B1",
            )
            answer = await raw.request(method, real)
            assert (answer.status_code, answer.json()["code"]) == (401, "bad_device_key")
            contract.check_answer(operation_id, answer)


@each_front
def test_operations_are_the_ports_methods(front):
    operations = set(front.contract.operations)
    methods = {name for name, member in inspect.getmembers(front.port, inspect.isfunction) if name[0] != "_"}
    assert methods <= operations
    assert operations - methods == front.only_client | front.only_wire
    assert operations - front.only_wire <= set(dir(front.hall.connect))
    for name in methods:
        assert inspect.signature(getattr(front.port, name)) == inspect.signature(getattr(front.hall.connect, name))


@each_front
def test_the_server_has_the_contracts_routes_and_no_others(front):
    served = {
        (route.name, next(iter(route.methods - {"HEAD"})).lower(), re.sub(":int", "", route.path))
        for route in front.hall.simulated().app.routes
        if route.path.startswith("/v1/")
    }
    assert served == {(name, method, path) for name, (method, path, _) in front.contract.operations.items()}


def examples() -> list[Any]:
    return [
        pytest.param(front.contract, schema, example, id=f"{name}:{where}")
        for name, front in FRONTS.items()
        for where, schema, example in front.contract.examples()
    ]


@pytest.mark.parametrize(("contract", "schema", "example"), examples())
def test_examples_follow_their_schemas(contract, schema, example):
    contract.validate(example, schema)


@pytest.mark.parametrize(
    ("front", "operation_id"),
    [
        pytest.param(front, operation_id, id=f"{name}-{operation_id}")
        for name, front in FRONTS.items()
        for operation_id in front.answers
    ],
)
def test_the_client_reads_the_examples_and_needs_what_the_contract_requires(front, operation_id):
    contract, kind = front.contract, front.answers[operation_id]
    described = contract.good(operation_id)
    example = described["example"]
    rest.read(kind, json.dumps(example).encode())
    rest.read(kind, json.dumps({**example, "something_new": {"of": ["later"]}}).encode())
    for member in contract.resolve(described["schema"])["required"]:
        less = {name: value for name, value in example.items() if name != member}
        with pytest.raises(ValueError, match=member):
            rest.read(kind, json.dumps(less).encode())
        with pytest.raises(jsonschema.ValidationError):
            contract.validate(less, described["schema"])
