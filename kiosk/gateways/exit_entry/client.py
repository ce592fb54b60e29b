"""The kiosk's client of the exit-entry front-end: `ExitEntryPlatform` over the REST contract in `openapi.yaml`.

How answers are read: see `kiosk.gateways.rest`. An answer about another application, or in a state that the request cannot have
led to, is no evidence of anything and counts as no usable answer. Before an application is submitted again the caller asks
(`find_application`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from kiosk.domain.endorsement import Application, RegistryRecord
from kiosk.domain.identity import Photo
from kiosk.gateways.exit_entry import messages as m
from kiosk.gateways.http import Endpoint
from kiosk.gateways.rest import RestClient
from kiosk.ports.devices import FaceMatch

NAME = "exit_entry"


class ExitEntryClient(RestClient):
    """`ExitEntryPlatform` over HTTP, plus `health`. Safe to share between sessions; close it with `aclose`.

    Raises ValueError at construction for an unusable endpoint.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(NAME, endpoint)

    async def registry(self, id_number: str, permit_number: str) -> RegistryRecord | None:
        body = {"id_number": id_number, "permit_number": permit_number}
        found = await self._ask("registry", "v1/permits/query", m.RegistryMessage, body, none="no_permit")
        if found is None:
            return None
        self._same("registry", found.permit_number, permit_number, "permit")
        return found.value()

    async def photo_on_file(self, permit_number: str) -> Photo | None:
        return await self._ask_photo("photo_on_file", "v1/permits/photo", {"permit_number": permit_number})

    async def match_face(self, id_number: str, live: Photo) -> FaceMatch:
        return await self._compare_face(id_number, live)

    async def apply(
        self,
        id_number: str,
        permit_number: str,
        option_ids: Sequence[str],
        fee_fen: int,
        phone: str,
        idempotency_key: str,
    ) -> Application:
        body = {
            "id_number": id_number,
            "permit_number": permit_number,
            "options": list(option_ids),
            "fee_fen": fee_fen,
            "phone": phone,
        }
        said = await self._must("apply", "v1/applications", m.ApplicationMessage, body, key=_key(idempotency_key))
        self._same("apply", said.fee_fen, fee_fen, "fee")
        return self._granted("apply", said, option_ids)

    async def find_application(self, idempotency_key: str) -> Application | None:
        path = f"v1/applications/by-key/{_key(idempotency_key)}"
        found = await self._ask("find_application", path, m.ApplicationMessage, none="no_application")
        return found.value() if found else None

    async def authorise(self, number: str, amount_fen: int, trade_no: str, paid_at: dt.datetime) -> Application:
        if paid_at.tzinfo is None:
            raise ValueError("paid_at must be aware")
        body = {"amount_fen": amount_fen, "trade_no": trade_no, "paid_at": paid_at.isoformat()}
        said = await self._order("authorise", number, "authorisation", body, "authorised")
        self._same("authorise", said.fee_fen, amount_fen, "fee")
        return said.value()

    async def confirm(self, number: str, *, printed: bool) -> Application:
        return (await self._order("confirm", number, "confirmation", {"printed": printed}, "written")).value()

    async def cancel(self, number: str, reason: str) -> Application:
        return (await self._order("cancel", number, "cancellation", {"reason": reason}, "cancelled")).value()

    async def _order(
        self, operation: str, number: str, path: str, body: dict[str, object], state: str
    ) -> m.ApplicationMessage:
        said = await self._must(operation, f"v1/applications/{_in_path(number)}/{path}", m.ApplicationMessage, body)
        self._same(operation, said.number, number, "application")
        if said.state != state:
            raise self._http.unavailable(operation, f"the application is said to be {said.state} now, not {state}")
        return said

    def _granted(self, operation: str, said: m.ApplicationMessage, option_ids: Sequence[str]) -> Application:
        """Where grants are told already (the same key again), they are for what was applied for."""
        if said.grants:
            self._same(operation, sorted(g.option_id for g in said.grants), sorted(option_ids), "set of options")
        return said.value()


def _in_path(number: str) -> str:
    """Only digits go into a path, so that no caller can put a name, an ID number or another path there."""
    if not re.fullmatch(r"[0-9]{15}", number):
        raise ValueError("an application has 15 digits")
    return number


def _key(key: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z_-]{1,64}", key):
        raise ValueError("an idempotency key has 1 to 64 letters, digits, _ and -")
    return key
