"""A fake acquirer on a real socket, and the front's channel to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric import rsa

from kiosk.front.acquirer.channel import AcquirerChannel
from kiosk.front.acquirer.fake import FakeAcquirer
from kiosk.front.acquirer.signing import HmacSigner, RsaSigner, Signer
from kiosk.front.channel import Order
from kiosk.gateways.embedded import serve
from kiosk.gateways.http import Deadlines, Endpoint
from tests.front.hall import SECRET, Watch


@pytest.fixture(scope="session")
def rsa_pair() -> tuple[RsaSigner, RsaSigner]:
    """The merchant's side and the acquirer's."""
    keys = [rsa.generate_private_key(65537, 2048) for _ in range(2)]
    private = [key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()) for key in keys]
    public = [key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo) for key in keys]
    return RsaSigner(private[0], public[1]), RsaSigner(private[1], public[0])


@dataclass
class Desk:
    channel: AcquirerChannel
    acquirer: FakeAcquirer
    clock: Watch

    def order(self, number: str = "A1", fen: int = 20000) -> Order:
        return Order(number, fen, "交通违法罚款", self.clock.now() + dt.timedelta(seconds=120), "NB01")


@pytest.fixture(params=["hmac", "rsa"])
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    clock = Watch()
    ours: Signer
    theirs: Signer
    if request.param == "rsa":
        ours, theirs = request.getfixturevalue("rsa_pair")
    else:
        ours = theirs = HmacSigner(SECRET)
    acquirer = FakeAcquirer(theirs, clock)
    async with serve(acquirer.app) as served:
        endpoint = Endpoint(f"{served.url}/", deadlines=Deadlines(2, 0.4, 2))
        channel = AcquirerChannel(endpoint, merchant="M1", signer=ours, clock=clock)
        yield Desk(channel, acquirer, clock)
        await channel.aclose()
