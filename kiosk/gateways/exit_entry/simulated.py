"""The simulated exit-entry front-end: a real HTTP server behind the contract in `openapi.yaml`, with faults on demand.

Beside the contract's routes it has those of every simulator (`kiosk.gateways.sim_server`), which take the commands of
`kiosk.gateways.sim_control` and one more: `{"do": "lapse"}` cancels what was applied for and never paid, as a platform does at
night.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from config.scenarios import PlatformFault, Scenario
from kiosk.gateways.exit_entry import requests as asked
from kiosk.gateways.exit_entry.sim_ledger import ApplicationEntry
from kiosk.gateways.exit_entry.sim_world import World, shown
from kiosk.gateways.sim_control import PlatformControl
from kiosk.gateways.sim_faults import FaultPlan
from kiosk.gateways.sim_server import (
    EXCEPTION_HANDLERS,
    Handler,
    Operation,
    SimRefusal,
    bearer_fits,
    idempotency_key,
    json_answer,
    read_body,
    sim_routes,
)
from kiosk.ports.clock import Clock, SystemClock

VERSION = "simulated 1"

Portrait = Callable[[int], bytes]


class SimulatedExitEntry(PlatformControl[World]):
    """The server (`app`) and its controls (`control`, `state`, `listen`), in front of the scenarios' world.

    `device_key`: the bearer key it asks for, empty takes any. `portrait` draws the photo on file of a face seed (JPEG or PNG) so
    that it can look like the person before the simulated camera. `state_file` keeps the books over the process's end.
    """

    kind = "exit_entry_platform"

    def __init__(
        self,
        scenarios: Iterable[Scenario] = (),
        *,
        clock: Clock | None = None,
        device_key: str = "",
        portrait: Portrait | None = None,
        state_file: Path | None = None,
    ) -> None:
        self._key = device_key
        self._portrait = portrait
        routes = self._routes()
        super().__init__(World(clock or SystemClock(), state_file), FaultPlan(tuple(route.name for route in routes)))
        self._verbs["lapse"] = self.world.lapse
        for number, scenario in enumerate(scenarios):
            self.add(scenario, with_faults=number == 0)
        self.app = Starlette(routes=[*routes, *sim_routes(self)], exception_handlers=EXCEPTION_HANDLERS)

    def _routes(self) -> list[Route]:
        def route(method: str, path: str, name: str, handler: Handler) -> Route:
            return Route(path, Operation(self, name, handler), methods=[method], name=name)

        return [
            route("POST", "/v1/permits/query", "registry", self._registry),
            route("POST", "/v1/permits/photo", "photo_on_file", self._photo_on_file),
            route("POST", "/v1/persons/face-match", "match_face", self._match_face),
            route("POST", "/v1/applications", "apply", self._apply),
            route("GET", "/v1/applications/by-key/{key}", "find_application", self._find_application),
            route("POST", "/v1/applications/{number}/authorisation", "authorise", self._authorise),
            route("POST", "/v1/applications/{number}/confirmation", "confirm", self._confirm),
            route("POST", "/v1/applications/{number}/cancellation", "cancel", self._cancel),
            route("GET", "/v1/health", "health", self._health),
        ]

    def authorised(self, request: Request) -> bool:
        return bearer_fits(request, self._key)

    def planned(self, scenario: Scenario) -> Iterable[PlatformFault]:
        return scenario.exit_entry.faults

    def counts(self) -> Mapping[str, Any]:
        entries = self.world.books.applications.values()
        return {"applications": len(entries), "states": dict(Counter(entry.state for entry in entries))}

    async def _registry(self, request: Request) -> Response:
        body = await read_body(asked.Query, request)
        return json_answer(self.world.registry(body.permit_number))

    async def _photo_on_file(self, request: Request) -> Response:
        body = await read_body(asked.Permit, request)
        seed = self.world.portrait_seed(body.permit_number)
        if self._portrait is not None:
            data = await asyncio.to_thread(self._portrait, seed)
        else:
            from kiosk.gateways.police.sim_pictures import draw_portrait

            data = await asyncio.to_thread(draw_portrait, seed)
        return Response(data, media_type="image/png" if data.startswith(b"\x89PNG") else "image/jpeg")

    async def _match_face(self, request: Request) -> Response:
        body = await read_body(asked.MatchFace, request)
        try:
            photo = base64.b64decode(body.photo.data, validate=True)
        except binascii.Error:
            raise SimRefusal(422, "bad_picture", "照片无法识别") from None
        if not photo.startswith((b"\xff\xd8\xff", b"\x89PNG", b"BM")):
            raise SimRefusal(422, "bad_picture", "照片无法识别")
        verdict, score = self.world.face_verdict(body.id_number)
        return json_answer({"verdict": verdict, "score": score})

    async def _apply(self, request: Request) -> Response:
        body = await read_body(asked.Apply, request)
        entry, new = self.world.apply(
            body.id_number,
            body.permit_number,
            tuple(body.options),
            body.fee_fen,
            body.phone,
            idempotency_key(request),
        )
        return self._told(entry, 201 if new else 200)

    async def _find_application(self, request: Request) -> Response:
        return json_answer(shown(self.world.find_application(request.path_params["key"])))

    async def _authorise(self, request: Request) -> Response:
        body = await read_body(asked.Authorise, request)
        number = request.path_params["number"]
        return self._told(self.world.authorise(number, body.amount_fen, body.trade_no, body.paid_at))

    async def _confirm(self, request: Request) -> Response:
        body = await read_body(asked.Confirm, request)
        return self._told(self.world.confirm(request.path_params["number"], body.printed))

    async def _cancel(self, request: Request) -> Response:
        body = await read_body(asked.Cancel, request)
        return self._told(self.world.cancel(request.path_params["number"], body.reason))

    def _told(self, entry: ApplicationEntry, status: int = 200) -> Response:
        self.changed()
        return json_answer(shown(entry), status)

    async def _health(self, request: Request) -> Response:
        return json_answer({"status": "ok", "version": VERSION, "time": self.world.now()})
