"""The simulated police front-end: a real HTTP server behind the contract in `openapi.yaml`, with faults on demand.

Beside the contract's routes it has those of every simulator (`kiosk.gateways.sim_server`), which take the commands of
`kiosk.gateways.sim_control`.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from config.scenarios import PlatformFault, Scenario
from config.tables import load_tables
from kiosk.domain.calendar import WorkCalendar, work_calendar
from kiosk.domain.violation import Consent
from kiosk.gateways.police import requests as asked
from kiosk.gateways.police.sim_cashier import bill_answer
from kiosk.gateways.police.sim_ledger import PaymentEntry
from kiosk.gateways.police.sim_postings import postings
from kiosk.gateways.police.sim_world import World
from kiosk.gateways.sim_control import PlatformControl
from kiosk.gateways.sim_faces import Portrait, match_answer, photo_answer
from kiosk.gateways.sim_server import Row, SimRefusal, idempotency_key, json_answer, plain, read_body
from kiosk.ports.clock import Clock, SystemClock


class SimulatedPolice(PlatformControl[World]):
    """The server (`app`) and its controls (`control`, `state`, `listen`), in front of the scenarios' world.

    `portrait` draws the police photo. `state_file` keeps the books over the process's end.
    """

    kind = "police_platform"

    def __init__(
        self,
        scenarios: Iterable[Scenario] = (),
        *,
        clock: Clock | None = None,
        device_key: str = "",
        calendar: WorkCalendar | None = None,
        portrait: Portrait | None = None,
        state_file: Path | None = None,
    ) -> None:
        if calendar is None:
            tables = load_tables()
            calendar = work_calendar(tables.holidays, tables.rules.deadline)
        self._portrait = portrait
        self._pictures: dict[tuple[str, int], bytes] = {}
        world = World(clock or SystemClock(), calendar, state_file)
        super().__init__(world, self._rows(world), device_key=device_key, scenarios=scenarios)
        self._verbs["pay_bill"] = self._pay_bill
        self._verbs["owner_confirms"] = lambda: world.filings.answer("filed")
        self._verbs["owner_refuses"] = lambda: world.filings.answer("refused")

    def _rows(self, world: World) -> list[Row]:
        return [
            ("POST", "/v1/drivers/identify", "identify", self._identify),
            ("POST", "/v1/persons/photo", "police_photo", self._police_photo),
            ("POST", "/v1/persons/face-match", "match_face", self._match_face),
            ("POST", "/v1/persons/vehicles", "vehicles", self._vehicles),
            ("POST", "/v1/vehicles/verify", "verify_vehicle", self._verify_vehicle),
            ("POST", "/v1/vehicles/records", "open_records", self._open_records),
            ("GET", "/v1/records/{record_id}/evidence", "evidence", self._evidence),
            ("GET", "/v1/records/{record_id}/evidence/{index:int}", "evidence_picture", self._evidence_picture),
            ("POST", "/v1/records/{record_id}/decision", "decide", self._decide),
            ("GET", "/v1/records/{record_id}/decision", "find_decision", self._find_decision),
            *world.rights.rows(self.changed),
            *world.numbers.rows(self.changed),
            *world.holds.rows(self.changed),
            *world.filings.rows(self.changed),
            ("POST", "/v1/persons/handled", "handled", self._handled),
            ("GET", "/v1/decisions/{number}/ebill", "ebill", world.ebills.handler()),
            ("GET", "/v1/decisions/{number}/fine", "fine_status", self._fine_status),
            ("POST", "/v1/decisions/{number}/payment", "post_payment", self._post_payment),
            ("GET", "/v1/decisions/{number}/payment", "find_payment", self._find_payment),
            ("POST", "/v1/decisions/query", "payable_fine", self._payable_fine),
            ("POST", "/v1/bills", "make_bill", self._make_bill),
            ("GET", "/v1/bills/{order_no}", "bill_status", self._bill_status),
            ("POST", "/v1/bills/{order_no}/close", "close_bill", self._close_bill),
            ("POST", "/v1/postings", "postings", postings(world)),
            ("GET", "/v1/holidays/{year:int}", "holidays", self._holidays),
            ("GET", "/v1/health", "health", self._health),
        ]

    def planned(self, scenario: Scenario) -> Iterable[PlatformFault]:
        return scenario.platform.faults

    def counts(self) -> Mapping[str, Any]:
        books = self.world.books
        return {
            "decisions": len(books.decisions),
            "payments": len(books.payments),
            "objections": len(books.objections),
            "defences": len(books.defences),
            "filings": len(books.filings),
            "numbers": len(books.numbers),
            "held": len(books.holds),
            "bills": len(books.bills),
        }

    def _reset(self) -> None:
        super()._reset()
        self.world.cashier.forget()
        self.world.ebills.forget()

    def _pay_bill(self) -> None:
        """Somebody pays the newest bill that waits. Raises ValueError where none does."""
        self.world.cashier.pay_bill()

    # Operations

    async def _identify(self, request: Request) -> Response:
        body = await read_body(asked.Identify, request)
        return json_answer(self.world.identify(body.id_number, body.name))

    async def _police_photo(self, request: Request) -> Response:
        body = await read_body(asked.Person, request)
        return await photo_answer(self.world.portrait_seed(body.id_number), self._portrait)

    async def _match_face(self, request: Request) -> Response:
        return await match_answer(request, self.world.face_verdict)

    async def _vehicles(self, request: Request) -> Response:
        body = await read_body(asked.Person, request)
        return json_answer({"vehicles": self.world.vehicles(body.id_number)})

    async def _verify_vehicle(self, request: Request) -> Response:
        body = await read_body(asked.VerifyVehicle, request)
        return json_answer(self.world.verify_vehicle(body.plate, body.plate_type, body.proof))

    async def _open_records(self, request: Request) -> Response:
        body = await read_body(asked.VehicleKey, request)
        return json_answer({"records": self.world.open_records(body.plate, body.plate_type)})

    async def _evidence(self, request: Request) -> Response:
        record, _ = self.world.record(request.path_params["record_id"])
        entries = []
        for index in range(1, record.photos + 1):
            data = await self._picture(record.id, index)
            digest = hashlib.sha256(data).hexdigest()
            entries.append({"index": index, "media_type": "image/jpeg", "bytes": len(data), "sha256": digest})
        return json_answer({"pictures": entries})

    async def _evidence_picture(self, request: Request) -> Response:
        record, _ = self.world.record(request.path_params["record_id"])
        index = request.path_params["index"]
        if not 1 <= index <= record.photos:
            raise SimRefusal(404, "no_picture", "没有这张照片")
        return Response(await self._picture(record.id, index), media_type="image/jpeg")

    async def _picture(self, record_id: str, index: int) -> bytes:
        if (record_id, index) not in self._pictures:
            from kiosk.gateways.police.sim_pictures import draw_evidence

            record, vehicle = self.world.record(record_id)
            drawn = await asyncio.to_thread(draw_evidence, record, vehicle, index)
            if len(self._pictures) >= 64:
                self._pictures.clear()
            self._pictures[record_id, index] = drawn
        return self._pictures[record_id, index]

    async def _handled(self, request: Request) -> Response:
        body = await read_body(asked.Person, request)
        return json_answer({"records": self.world.handled(body.id_number)})

    async def _decide(self, request: Request) -> Response:
        body = await read_body(asked.Decide, request)
        consent = Consent(
            body.waived_at.isoformat(), body.signature_sha256, body.recording_sha256, body.refusal_noted_by
        )
        record_id, key = request.path_params["record_id"], idempotency_key(request)
        decision, new = self.world.decide(record_id, body.id_number, consent, key, body.number)
        self.changed()
        return json_answer(decision, 201 if new else 200)

    async def _find_decision(self, request: Request) -> Response:
        return json_answer(self.world.find_decision(request.path_params["record_id"]))

    async def _fine_status(self, request: Request) -> Response:
        return json_answer(self.world.cashier.status(request.path_params["number"]))

    async def _payable_fine(self, request: Request) -> Response:
        body = await read_body(asked.PayableFine, request)
        return json_answer(self.world.cashier.payable(body.number, body.check_char))

    async def _post_payment(self, request: Request) -> Response:
        body = await read_body(asked.PostPayment, request)
        number = request.path_params["number"]
        entry = self.world.cashier.post(number, body.amount_fen, body.trade_no, body.paid_at, idempotency_key(request))
        self.changed()
        return _payment_answer(entry)

    async def _find_payment(self, request: Request) -> Response:
        return _payment_answer(self.world.cashier.payment(request.path_params["number"]))

    async def _make_bill(self, request: Request) -> Response:
        body = await read_body(asked.MakeBill, request)
        if idempotency_key(request) != body.order_no:
            raise ValueError("header Idempotency-Key: it must be the order number")
        lines = [(line.number, line.amount_fen) for line in body.lines]
        bill, new = self.world.cashier.make_bill(body.order_no, lines, body.expires_in_s)
        self.changed()
        return json_answer(bill_answer(bill), 201 if new else 200)

    async def _bill_status(self, request: Request) -> Response:
        return json_answer(bill_answer(self.world.cashier.bill(request.path_params["order_no"])))

    async def _close_bill(self, request: Request) -> Response:
        bill = self.world.cashier.close_bill(request.path_params["order_no"])
        self.changed()
        return json_answer(bill_answer(bill))

    async def _holidays(self, request: Request) -> Response:
        return json_answer(self.world.holidays(request.path_params["year"]))


def _payment_answer(entry: PaymentEntry) -> Response:
    kept = ("number", "trade_no", "amount_fen", "paid_at", "posted_at")
    return json_answer({name: value for name, value in plain(entry).items() if name in kept})
