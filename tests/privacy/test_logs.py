"""What a log may hold: fields on the list, exceptions without their words, libraries without their arguments."""

from __future__ import annotations

import ast
import io
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import structlog

from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.logs import ALLOWED, LibraryHandler
from tests.privacy.written import configured

NUMBER = "330203199001010003"
ROOT = Path(__file__).parents[2]


log = structlog.get_logger(__name__)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the kiosk's log says, at its most talkative."""
    with configured(monkeypatch) as written:
        yield written


def test_unlisted_fields_are_dropped(said: io.StringIO) -> None:
    log.info(
        "card_read", name="谢演练", number=NUMBER, plate="浙B12345", address="模拟路", photo=b"x", device="id_card"
    )
    text = said.getvalue()
    assert "card_read" in text
    assert "device='id_card'" in text
    assert "dropped=5" in text
    for secret in ("谢演练", NUMBER, "浙B12345", "模拟路"):
        assert secret not in text


@pytest.mark.parametrize("name", ["name", "number", "id_number", "card", "plate", "address", "payload", "key", "licence_no",
                                  "file_no", "signature", "photo", "raw", "text", "pin", "proof", "subject", "trade_no"])  # fmt: skip
def test_no_such_field_is_on_the_list(name: str) -> None:
    assert name not in ALLOWED


def test_exceptions_lose_their_words(said: io.StringIO) -> None:
    try:
        try:
            raise KeyError(NUMBER)
        except KeyError as error:
            raise ValueError(f"no such person: 谢演练 {NUMBER}") from error
    except ValueError:
        log.exception("session_crashed")
    text = said.getvalue()
    assert "ValueError at" in text
    assert "from KeyError at" in text
    assert "test_logs.py" in text
    assert NUMBER not in text
    assert "谢演练" not in text
    assert text.count("\n") == 1


def test_technicians_errors_keep_their_words(said: io.StringIO) -> None:
    try:
        raise DeviceError(ErrorKind.OFFLINE, "id_card", "The line is gone.", "EIO")
    except DeviceError as error:
        log.error("lost", exc_info=error)
    assert "The line is gone." in said.getvalue()


def test_uncaught_exceptions_lose_their_words(said: io.StringIO) -> None:
    error = KeyError(NUMBER)
    sys.excepthook(KeyError, error, None)
    text = said.getvalue()
    assert "uncaught" in text
    assert "KeyError" in text
    assert NUMBER not in text


def test_libraries_lose_their_arguments(said: io.StringIO) -> None:
    assert sum(isinstance(each, LibraryHandler) for each in logging.getLogger().handlers) == 1
    logging.getLogger("asyncio").error(
        f"Task exception was never retrieved\nfuture: <Task exception=KeyError('{NUMBER}')>", exc_info=KeyError(NUMBER)
    )
    logging.getLogger("some.library").warning("cannot send %s to %s", NUMBER, "谢演练")
    logging.getLogger("some.library").warning(f"formatted beforehand: {NUMBER}")
    logging.getLogger("some.library").info("quiet %s", NUMBER)
    text = said.getvalue()
    assert "never retrieved" in text
    assert "KeyError" in text
    assert "cannot send %s" in text
    assert "some.library" in text
    assert NUMBER not in text
    assert "谢演练" not in text


async def test_httpx_does_not_log_addresses(said: io.StringIO, caplog: pytest.LogCaptureFixture) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200))
    async with httpx.AsyncClient(transport=transport) as client:
        await client.get(f"http://host/v1/records/{NUMBER}/decision")
    assert NUMBER not in said.getvalue()
    assert NUMBER not in caplog.text


def test_every_field_the_code_logs_is_on_the_list() -> None:
    """A field that is dropped in silence helps nobody: it is allowed on purpose, or not logged."""
    missing: list[str] = []
    for folder in ("kiosk", "drivers", "ui", "config"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id in ("log", "_log")
                ):
                    missing += [
                        f"{file.relative_to(ROOT)}:{node.lineno} {keyword.arg}"
                        for keyword in node.keywords
                        if keyword.arg not in ALLOWED
                    ]
                    assert isinstance(node.args[0], ast.Constant), (
                        f"{file}:{node.lineno}: the event's name is not fixed"
                    )
    assert not missing
