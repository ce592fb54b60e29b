"""The simulated exit-entry front-end: a real HTTP server behind the contract in `openapi.yaml`, with faults on demand.

Beside the contract's routes it has those of every simulator (`kiosk.gateways.sim_server`), which take the commands of
`kiosk.gateways.sim_control` and two more:

    {"do": "lapse"}                                            cancel what was applied for and never paid, and let go of drafts
                                                               that nobody fetched, as a platform does at night
    {"do": "prefill", "values": {"phone": "13000000000"}}      the text of a code as phones show it, with these answers;
                                                               "forged": true signs it with a key nobody trusts
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from config.scenarios import PlatformFault, Scenario
from kiosk.gateways.exit_entry import requests as asked
from kiosk.gateways.exit_entry.sim_drafts import told as draft_told
from kiosk.gateways.exit_entry.sim_ledger import ApplicationEntry
from kiosk.gateways.exit_entry.sim_world import World, shown
from kiosk.gateways.sim_control import PlatformControl
from kiosk.gateways.sim_faces import Portrait, match_answer, photo_answer
from kiosk.gateways.sim_server import Row, idempotency_key, json_answer, read_body
from kiosk.ports.clock import Clock, SystemClock

if TYPE_CHECKING:
    from kiosk.domain.forms.payload import TrustedKey


class SimulatedExitEntry(PlatformControl[World]):
    """The server (`app`) and its controls (`control`, `state`, `listen`), in front of the scenarios' world.

    `portrait` draws the photo on file. `state_file` keeps the books over the process's end.
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
        self._portrait = portrait
        world = World(clock or SystemClock(), state_file)
        super().__init__(world, self._rows(), device_key=device_key, scenarios=scenarios)
        self._verbs["lapse"] = self.world.lapse

    def _rows(self) -> list[Row]:
        return [
            ("POST", "/v1/permits/query", "registry", self._registry),
            ("POST", "/v1/permits/photo", "photo_on_file", self._photo_on_file),
            ("POST", "/v1/persons/face-match", "match_face", self._match_face),
            ("POST", "/v1/applications", "apply", self._apply),
            ("GET", "/v1/applications/by-key/{key}", "find_application", self._find_application),
            ("POST", "/v1/applications/{number}/authorisation", "authorise", self._authorise),
            ("POST", "/v1/applications/{number}/confirmation", "confirm", self._confirm),
            ("POST", "/v1/applications/{number}/cancellation", "cancel", self._cancel),
            ("PUT", "/v1/application-drafts/{key}", "submit_draft", self._submit_draft),
            ("DELETE", "/v1/application-drafts/{key}", "withdraw_draft", self._withdraw_draft),
            ("GET", "/v1/health", "health", self._health),
        ]

    def planned(self, scenario: Scenario) -> Iterable[PlatformFault]:
        return scenario.exit_entry.faults

    def counts(self) -> Mapping[str, Any]:
        entries = self.world.books.applications.values()
        states = dict(Counter(entry.state for entry in entries))
        return {"applications": len(entries), "states": states, "drafts": dict(self.world.drafts.counts())}

    def control(self, command: Mapping[str, Any]) -> dict[str, Any]:
        if command.get("do") != "prefill":
            return super().control(command)
        from kiosk.gateways.exit_entry.sim_phone import prefilled  # cryptography: only when a code is wanted

        return {"ok": True, "text": prefilled(command, self.world.now())}

    @property
    def phone_key(self) -> TrustedKey:
        """What signs the codes of `prefill`."""
        from kiosk.gateways.exit_entry.sim_phone import trusted

        return trusted()

    async def _registry(self, request: Request) -> Response:
        body = await read_body(asked.Query, request)
        return json_answer(self.world.registry(body.permit_number))

    async def _photo_on_file(self, request: Request) -> Response:
        body = await read_body(asked.Permit, request)
        return await photo_answer(self.world.portrait_seed(body.permit_number), self._portrait)

    async def _match_face(self, request: Request) -> Response:
        return await match_answer(request, self.world.face_verdict)

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

    async def _submit_draft(self, request: Request) -> Response:
        entry, new = self.world.drafts.submit(_draft_key(request), await read_body(asked.SubmitDraft, request))
        self.changed()
        return json_answer(draft_told(entry), 201 if new else 200)

    async def _withdraw_draft(self, request: Request) -> Response:
        self.world.drafts.withdraw(_draft_key(request))
        self.changed()
        return Response(status_code=204)

    def _told(self, entry: ApplicationEntry, status: int = 200) -> Response:
        self.changed()
        return json_answer(shown(entry), status)


def _draft_key(request: Request) -> str:
    key = str(request.path_params["key"])
    if not re.fullmatch(r"[0-9a-f]{32}", key):
        raise ValueError("a draft's key has 32 hexadecimal digits")
    return key
