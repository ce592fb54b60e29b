"""Nothing that must stay unsaid is ever said: not by logs, exceptions or reprs, whatever goes wrong."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import pytest
import structlog

from kiosk import logs
from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.channel import Forged, Refund
from kiosk.front.wechat.channel import open_channel
from kiosk.front.wechat.fake_bill import PAYER
from kiosk.front.wechat.fake_notices import notification
from kiosk.front.wechat.fake_scripts import Fault, Notify
from kiosk.front.wechat.keys import load_apiv3_key, load_merchant_key
from tests.front.wechat.conftest import CODE, Hall

SUBJECT = "张三的罚款"


async def test_no_key_code_payer_or_subject_is_told(
    hall: Hall, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything is logged that can be, by our own loggers and by the libraries'; then all of it is searched."""
    caplog.set_level(logging.DEBUG)
    told: list[str] = []

    def keep(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        told.append(repr(dict(event)))
        return event

    previous = structlog.get_config()
    structlog.configure(processors=[keep, logs.keep_allowed, structlog.processors.KeyValueRenderer()])
    try:
        for count, fault in enumerate(fault for fault in Fault if "timeout" not in fault):
            number = f"NB{count:016d}"
            code = f"13{count:016d}"
            hall.script(number, fault=fault.value, on=["codepay", "query", "refund"], times=1)
            for step in (
                lambda n=number, c=code: hall.channel.charge(hall.order(n, subject=SUBJECT), c),
                lambda n=number: hall.channel.query(n),
                lambda n=number: hall.channel.undo(n),
                lambda n=number: hall.channel.refund(Refund(n, "R" + n, 20_000, 20_000, SUBJECT)),
            ):
                try:
                    told.append(repr(await step()))
                except (GatewayUnavailable, Refused) as error:
                    told.append("".join(traceback.format_exception(error)))
        await hall.channel.show(hall.order("SHOWN1", subject=SUBJECT))
        order = hall.wallet.ledger.pay("SHOWN1")
        for kind in Notify:
            now = hall.clock.now().timestamp()
            headers, body = notification(order, hall.wallet.keys, hall.wallet.keys.public_key, now, kind)
            try:
                told.append(repr(hall.channel.notice({k.lower(): v for k, v in headers.items()}, body)))
            except Forged as error:
                told.append("".join(traceback.format_exception(error)))
    finally:
        structlog.configure(**previous)
    told += [repr(hall.channel), repr(vars(hall.channel)), repr(hall.channel._merchant), repr(vars(hall.channel._wire))]
    told += [record.getMessage() for record in caplog.records if not record.name.startswith(("hypothesis",))]
    captured = capsys.readouterr()
    everything = "\n".join([*told, captured.out, captured.err])
    assert len(told) > 100
    keys = hall.wallet.keys
    pem = hall.settings.merchant_key_file.read_text()
    secrets = [PAYER, SUBJECT, "张三", keys.apiv3_key, pem.splitlines()[3], CODE]
    secrets += [f"13{count:016d}" for count in range(len(Fault))]
    for secret in secrets:
        assert secret not in everything
    assert "signature=" not in everything


def test_a_key_file_that_cannot_be_used_is_named_and_not_quoted(tmp_path: Path) -> None:
    file = tmp_path / "key"
    for content in (b"", b"SECRETSECRETSECRET", b"-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----"):
        file.write_bytes(content)
        for load in (load_merchant_key, load_apiv3_key):
            with pytest.raises(ValueError, match="key") as refused:
                load(file)
            assert "SECRET" not in "".join(traceback.format_exception(refused.value))
    with pytest.raises(ValueError, match="cannot be read"):
        load_merchant_key(tmp_path / "none")


async def test_a_channel_is_not_opened_with_keys_that_do_not_fit(hall: Hall, tmp_path: Path) -> None:
    (tmp_path / "short").write_text("x" * 31)
    with pytest.raises(ValueError, match="32 ASCII characters"):
        open_channel(hall.settings.model_copy(update={"apiv3_key_file": tmp_path / "short"}), hall.clock)
