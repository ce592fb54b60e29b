"""A front with a certificate of its own, told to stop while a wallet has not answered yet."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import os
import signal
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric import ec

from config.settings import SettingsError
from kiosk.domain.errors import GatewayUnavailable
from kiosk.front.acquirer.fake import FakeAcquirer
from kiosk.front.acquirer.signing import HmacSigner
from kiosk.front.front import build
from kiosk.front.serving import run
from kiosk.front.settings import FrontSettings
from kiosk.front.states import Kind
from kiosk.front.store import Store
from kiosk.gateways.embedded import serve
from kiosk.ports.clock import SystemClock
from tests.front.hall import PAYER_CODE, SECRET, SUBJECT, Files, client


def certificate(folder: Path) -> tuple[Path, Path]:
    """For 127.0.0.1, signed by itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "front")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    (folder / "tls.pem").write_bytes(made.public_bytes(s.Encoding.PEM))
    (folder / "tls.key").write_bytes(key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()))
    return folder / "tls.pem", folder / "tls.key"


async def test_a_charge_under_way_is_finished_before_the_front_ends(tmp_path: Path) -> None:
    clock, files, (chain, key) = SystemClock(), Files(tmp_path), certificate(tmp_path)
    acquirer = FakeAcquirer(HmacSigner(SECRET), clock)
    server = {"port": 0, "certificate_file": str(chain), "certificate_key_file": str(key)}
    async with serve(acquirer.app) as remote:
        settings = FrontSettings.model_validate(files.settings(remote.url, server=server, acquirer={"read_s": 5.0}))
        started: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        front = build(settings, clock)
        running = asyncio.create_task(run(front, settings.server, lambda url, _: started.set_result(url)))
        url = await started
        assert url.startswith("https://127.0.0.1:")
        stranger = client(url, files.public_key, clock)
        with pytest.raises(GatewayUnavailable, match="certificate is not trusted"):
            await stranger.query("A1")
        await stranger.aclose()
        kiosk = client(url, files.public_key, clock, ca_file=chain)
        acquirer.control({"do": "fault", "id": "charge.delay", "seconds": 0.3})
        asking = asyncio.create_task(kiosk.charge("A1", 100, SUBJECT, PAYER_CODE, 60))
        async with asyncio.timeout(5):
            while not acquirer.calls:
                await asyncio.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
        await running
        await asyncio.gather(asking, return_exceptions=True)
        await kiosk.aclose()
    store = Store(files.ledger, clock, guest=True)
    await store.open()
    assert [row.state for row in await store.find(Kind.TRADE)] == ["paid"]
    await store.close()


async def test_a_certificate_that_is_none(tmp_path: Path) -> None:
    chain, key = certificate(tmp_path)
    chain.write_text("nonsense")
    server = {"port": 0, "certificate_file": str(chain), "certificate_key_file": str(key)}
    settings = FrontSettings.model_validate(Files(tmp_path).settings("http://127.0.0.1:9/", server=server))
    front = build(settings, SystemClock())
    with pytest.raises(SettingsError, match=r"tls\.pem: the certificate or its key cannot be used"):
        await run(front, settings.server, lambda *_: None)
