"""Questions and orders in JSON to a front-end that answers by one set of rules. Shared by the clients of the platforms.

How answers are read:

- 2xx with a well-formed body of the right kind is a result;
- 404 with the one code that the contract names for "there is none" is None; a bare 404 (a wrong address, a proxy) is not;
- any other 4xx with a code in a JSON body is `Refused`: the platform looked at the matter and said no;
- 401, 403, 407, 408, 421, 425 and 429 say nothing about the matter (wrong key, too busy), so they are `GatewayUnavailable`,
  like 3xx, 5xx, HTML, half an answer and everything else. A payment must never count as refused because a key expired.

Nothing is retried here: only the caller knows whether asking first is needed.
"""

from __future__ import annotations

import base64
import re
from typing import Annotated, Any, Literal, TypeVar

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kiosk.domain.errors import Refused
from kiosk.domain.identity import Photo
from kiosk.gateways.http import Answer, Endpoint, HttpGateway
from kiosk.ports.devices import FaceMatch, MatchVerdict

log = structlog.get_logger(__name__)

NOT_ABOUT_THE_MATTER = frozenset({401, 403, 407, 408, 421, 425, 429})
Fen = Annotated[int, Field(ge=0, le=100_000_000)]
Line = Annotated[str, Field(min_length=1, max_length=200)]
_LONG_NUMBER = re.compile(r"[0-9]{8,17}[0-9Xx]")


class Message(BaseModel):
    """An answer's body. Strict in kind (no numbers in strings, no dates without a zone), tolerant in extent (unknown members
    are ignored)."""

    # Inputs never appear in errors: they are citizens' data.
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", hide_input_in_errors=True)


class ErrorMessage(Message):
    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    message: Annotated[str, Field(max_length=2000)] = ""


class FaceMatchMessage(Message):
    verdict: Literal["same", "different", "undecided"]
    score: Annotated[float, Field(ge=0, le=1)] | None = None


class HealthMessage(Message):
    status: Literal["ok"]
    version: Annotated[str, Field(max_length=100)] = ""


M = TypeVar("M", bound=Message)


def read(kind: type[M], body: bytes) -> M:
    """The message in a JSON body (UTF-8, a byte-order mark is passed over).

    Raises ValueError with one technical sentence that names the member at fault, never its value.
    """
    try:
        return kind.model_validate_json(body.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        if first["type"] == "json_invalid":
            raise ValueError("not valid JSON") from None
        member = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise ValueError(f"member {member}: {first['type']}") from None


class RestClient:
    """What every operation of a platform's client is made of. Close it with `aclose`.

    Raises ValueError at construction for an unusable endpoint.
    """

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        self._http = HttpGateway(name, endpoint)
        self._picture_limit = endpoint.max_picture

    async def aclose(self) -> None:
        await self._http.aclose()

    async def health(self) -> str:
        """The platform's version when it is well. Raises GatewayUnavailable or Refused otherwise."""
        return (await self._must("health", "v1/health", HealthMessage)).version

    async def _must(
        self, operation: str, path: str, kind: type[M], body: dict[str, Any] | None = None, key: str = ""
    ) -> M:
        return self._read(operation, await self._send(operation, _method(body), path, body, key), kind)

    async def _ask(
        self,
        operation: str,
        path: str,
        kind: type[M],
        body: dict[str, Any] | None = None,
        *,
        none: str,
        key: str = "",
    ) -> M | None:
        answer = await self._send(operation, _method(body), path, body, key)
        return None if self._is_none(operation, answer, none) else self._read(operation, answer, kind)

    async def _send(
        self,
        operation: str,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        key: str = "",
        picture: bool = False,
    ) -> Answer:
        accept = "image/jpeg, image/png, application/json" if picture else "application/json"
        headers = {"Accept": accept} | ({"Idempotency-Key": key} if key else {})
        limit = self._picture_limit if picture else None
        return await self._http.exchange(operation, method, path, json=body, headers=headers, limit=limit)

    async def _ask_photo(self, operation: str, path: str, body: dict[str, Any]) -> Photo | None:
        answer = await self._send(operation, "POST", path, body, picture=True)
        return None if self._is_none(operation, answer, "no_photo") else self._picture(operation, answer)

    async def _compare_face(self, id_number: str, live: Photo) -> FaceMatch:
        photo = {"media_type": live.media_type, "data": base64.b64encode(live.data).decode("ascii")}
        body = {"id_number": id_number, "photo": photo}
        said = await self._must("match_face", "v1/persons/face-match", FaceMatchMessage, body)
        return FaceMatch(MatchVerdict(said.verdict), said.score, "platform")

    def _is_none(self, operation: str, answer: Answer, code: str) -> bool:
        return answer.status == 404 and self._error(operation, answer).code == code

    def _read(self, operation: str, answer: Answer, kind: type[M]) -> M:
        self._good(operation, answer)
        self._json(operation, answer)
        try:
            return read(kind, answer.body)
        except ValueError as error:
            raise self._http.unavailable(operation, f"the answer does not follow the contract ({error})") from None

    def _picture(self, operation: str, answer: Answer) -> Photo:
        self._good(operation, answer)
        if not answer.media_type.startswith("image/"):
            raise self._http.unavailable(operation, "a picture was asked for and something else came")
        # The first bytes decide: the media type is often guessed from a file name.
        if answer.body.startswith(b"\xff\xd8\xff") and len(answer.body) > 100:
            return Photo(answer.body, "image/jpeg")
        if answer.body.startswith(b"\x89PNG\r\n\x1a\n") and len(answer.body) > 60:
            return Photo(answer.body, "image/png")
        raise self._http.unavailable(operation, "the picture is neither JPEG nor PNG")

    def _good(self, operation: str, answer: Answer) -> None:
        """Returns for 2xx; raises Refused or GatewayUnavailable for the rest."""
        status = answer.status
        if 200 <= status < 300:
            return
        if 300 <= status < 400:
            hint = f"HTTP {status}: a redirect; the address in the settings is not the front-end's own"
            raise self._http.unavailable(operation, hint)
        if status in (401, 403):
            raise self._http.unavailable(operation, f"HTTP {status}: the device key is not accepted")
        if status >= 500 or status in NOT_ABOUT_THE_MATTER:
            raise self._http.unavailable(operation, f"HTTP {status}: the front-end cannot serve now")
        error = self._error(operation, answer)
        log.info("platform_refused", operation=operation, status=status, code=error.code)
        raise Refused(error.code, _LONG_NUMBER.sub("…", error.message))

    def _error(self, operation: str, answer: Answer) -> ErrorMessage:
        self._json(operation, answer, f"HTTP {answer.status}: ")
        try:
            return read(ErrorMessage, answer.body)
        except ValueError as error:
            raise self._http.unavailable(
                operation, f"HTTP {answer.status}: the error does not follow the contract ({error})"
            ) from None

    def _json(self, operation: str, answer: Answer, what: str = "") -> None:
        if answer.media_type != "application/json" and not answer.media_type.endswith("+json"):
            shown = answer.media_type if re.fullmatch(r"[a-z0-9.+/-]{1,60}", answer.media_type) else "no media type"
            raise self._http.unavailable(
                operation, f"{what}JSON was expected, {shown} came; is this the right address?"
            )
        if answer.charset not in ("", "utf-8", "utf8"):
            raise self._http.unavailable(operation, f"{what}the answer is not in UTF-8")

    def _same(self, operation: str, said: object, asked: object, what: str) -> None:
        if said != asked:
            raise self._http.unavailable(operation, f"the answer is about another {what} than the one asked for")


def _method(body: dict[str, Any] | None) -> str:
    return "GET" if body is None else "POST"
