"""A server that means no good, or none at all: whatever comes over the socket ends in GatewayUnavailable, in time."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ipaddress
import json
import random
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.sections import Police
from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.gateways.http import Deadlines, Endpoint, endpoint
from kiosk.gateways.police.client import PoliceClient
from tests.gateways import liar
from tests.gateways.halls import PATIENT
from tests.gateways.liar import answer

NUMBER = "330203260000001"
GOOD = {"number": NUMBER, "principal_fen": 100, "surcharge_fen": 0, "deadline": "2026-12-07", "paid": False}
QUICK = Deadlines(connect=1.0, read=0.1, total=0.25)


def speaking(
    *pieces: bytes | float | None, deadlines: Deadlines = QUICK
) -> contextlib.AbstractAsyncContextManager[PoliceClient]:
    return liar.speaking(PoliceClient, *pieces, deadlines=deadlines)


def body(**changes: object) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


async def test_the_good_answer_is_good():
    async with speaking(answer(body()), deadlines=PATIENT) as client:
        assert (await client.fine_status(NUMBER)).principal_fen == 100


@pytest.mark.parametrize(
    "tolerated",
    [
        answer(body(), "200 Fine"),
        answer(body(), "203 OK"),
        answer(body(), "200 OK", 'Content-Type: Application/JSON; Charset="UTF-8"'),
        answer(body(), "200 OK", "Content-Type: application/vnd.police+json"),
        answer(b"\xef\xbb\xbf" + body()),
        answer(body(extra={"a": [1]})),
        b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + body(),
        b"HTTP/1.1 100 Continue\r\n\r\n" + answer(body()),
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body()), body()),
    ],
)
async def test_odd_but_right_answers_are_taken(tolerated):
    async with speaking(tolerated, deadlines=PATIENT) as client:
        assert (await client.fine_status(NUMBER)).number == NUMBER


ILL: dict[str, tuple[bytes | float | None, ...]] = {
    "nothing": (),
    "silence": (None,),
    "half a status line": (b"HTTP/1.1 2", None),
    "half a head": (b"HTTP/1.1 200 OK\r\nContent-", None),
    "half a body": (answer(body(), length=500),),
    "half a body, then silence": (answer(body(), length=500), None),
    "an endless drip": (answer(b"", length=4000), *([b" ", 0.02] * 100)),
    "an endless head": (b"HTTP/1.1 200 OK\r\n", *([b"X-More: " + b"x" * 8000 + b"\r\n"] * 100)),
    "broken chunks": (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    ),
    "chunks without end": (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    ),
    "two lengths": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 90\r\nContent-Type: application/json\r\n\r\n{}",
    ),
    "not HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n",),
    "a TLS alert": (b"\x15\x03\x01\x00\x02\x02\x0a",),
    "a huge body": (answer(b" " * 5000 + body()),),
    "a huge length": (answer(body(), length=10**12), None),
    "gzip": (answer(b"\x1f\x8b\x08\x00", "200 OK", "Content-Encoding: gzip"),),
    "HTML": (answer(b"<html>login</html>", "200 OK", "Content-Type: text/html"),),
    "no media type": (answer(body(), "200 OK", "Content-Type: "),),
    "a hostile media type": (answer(body(), "200 OK", "Content-Type: 330203199001010006\x7f"),),
    "another charset": (answer(body(), "200 OK", "Content-Type: application/json; charset=gbk"),),
    "UTF-16": (answer(json.dumps(GOOD).encode("utf-16")),),
    "bytes that are no UTF-8": (answer(body().replace(b"2026", b"\xff\xfe\xfd\xfc")),),
    "empty": (answer(b""),),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n",),
    "half JSON": (answer(body()[:-9]),),
    "two documents": (answer(body() + body()),),
    "a list": (answer(b"[1]"),),
    "null": (answer(b"null"),),
    "deep nesting": (answer(b"[" * 2000 + b"]" * 2000),),
    "a string for a number": (answer(body(principal_fen="100")),),
    "a float": (answer(body(principal_fen=100.5)),),
    "true for a number": (answer(body(surcharge_fen=True)),),
    "one for true": (answer(body(paid=1)),),
    "NaN": (answer(body().replace(b"100", b"NaN")),),
    "a negative amount": (answer(body(principal_fen=-1)),),
    "a monstrous amount": (answer(body(principal_fen=10**30)),),
    "a date that is none": (answer(body(deadline="2026-02-30")),),
    "a date as a number": (answer(body(deadline=20261207)),),
    "another decision": (answer(body(number="330203260000002")),),
    "a redirect": (answer(b"", "302 Found", "Location: http://127.0.0.1:1/"),),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\n\r\n",),
    "500": (answer(b'{"code": "boom", "message": ""}', "500 Internal Server Error"),),
    "503 HTML": (answer(b"<html>", "503 Busy", "Content-Type: text/html"),),
    "404 of a proxy": (answer(b"Not Found", "404 Not Found", "Content-Type: text/plain"),),
    "404 without a code": (answer(b'{"detail": "Not Found"}', "404 Not Found"),),
    "400 with a broken code": (answer(b'{"code": "a b\\n", "message": ""}', "400 Bad Request"),),
    "401": (answer(b'{"code": "no", "message": ""}', "401 Unauthorized"),),
    "403": (answer(b'{"code": "no", "message": ""}', "403 Forbidden"),),
    "429": (answer(b'{"code": "slow_down", "message": ""}', "429 Too Many Requests"),),
    "status 099": (answer(body(), "099 Odd"),),
    "status 999": (answer(body(), "999 Odd"),),
}


@pytest.mark.parametrize("pieces", ILL.values(), ids=ILL.keys())
async def test_ill_answers_are_no_answers(pieces):
    async with speaking(*pieces) as client:
        with pytest.raises(GatewayUnavailable) as trouble:
            await client.fine_status(NUMBER)
    assert trouble.value.gateway == "police"
    assert trouble.value.hint.startswith("fine_status: ")
    assert "33020319900101" not in str(trouble.value)


@pytest.mark.parametrize("seed", range(20))
async def test_random_bytes(seed):
    chance = random.Random(seed)
    whole = bytearray(answer(body()))
    if seed % 2:
        data = chance.randbytes(chance.randint(1, 3000))
    else:  # a good answer with bytes of its head spoilt
        for _ in range(seed):
            whole[chance.randrange(30)] = chance.randrange(256)
        data = bytes(whole)
    async with speaking(data) as client:
        try:
            status = await client.fine_status(NUMBER)
        except GatewayUnavailable:
            return
        assert status.principal_fen == 100  # the spoilt bytes did not matter


@pytest.mark.parametrize("cut", range(0, len(answer(body())), 17))
async def test_an_answer_cut_anywhere_is_no_answer(cut):
    async with speaking(answer(body())[:cut]) as client:
        with pytest.raises(GatewayUnavailable):
            await client.fine_status(NUMBER)


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.find_decision("3302031001000001"),
        lambda client: client.identify("330203199001010006", "张示例"),
        lambda client: client.police_photo("330203199001010006"),
        lambda client: client.verify_vehicle("浙B12345", "02", "000001"),
    ],
)
@pytest.mark.parametrize("said", [b'{"code": "not_found", "message": ""}', b"<html>404</html>", b"{}", b""])
async def test_a_404_that_is_not_the_contracts_is_never_none(call: Callable, said: bytes):
    """A wrong address must not read as "there is no decision": that would let the kiosk decide a second time."""
    async with speaking(answer(said, "404 Not Found")) as client:
        with pytest.raises((GatewayUnavailable, Refused)):
            await call(client)


async def test_a_refusal_hides_numbers_that_the_platform_repeats():
    said = json.dumps({"code": "odd", "message": "证件号330203199001010006或33020619800118000X有误"}).encode()
    async with speaking(answer(said, "422 Unprocessable"), deadlines=PATIENT) as client:
        with pytest.raises(Refused) as no:
            await client.fine_status(NUMBER)
    assert (no.value.code, no.value.message) == ("odd", "证件号…或…有误")


@pytest.mark.parametrize(
    "picture",
    [
        answer(b"<html>", "200 OK", "Content-Type: text/html"),
        answer(b"<svg xmlns='http://www.w3.org/2000/svg'/>" * 5, "200 OK", "Content-Type: image/svg+xml"),
        answer(b"\xff\xd8\xff", "200 OK", "Content-Type: image/jpeg"),
        answer(b"GIF89a" + b"x" * 200, "200 OK", "Content-Type: image/jpeg"),
        answer(b"\xff\xd8\xff" + b"x" * 200),
    ],
)
async def test_what_is_no_picture_is_not_taken_for_one(picture):
    async with speaking(picture) as client:
        with pytest.raises(GatewayUnavailable, match="police_photo"):
            await client.police_photo("330203199001010006")


async def test_nobody_listens():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        client = PoliceClient(Endpoint(f"http://127.0.0.1:{taken.getsockname()[1]}", deadlines=QUICK))
        with pytest.raises(GatewayUnavailable, match="no connection"):
            await client.health()
        await client.aclose()


async def test_a_cancelled_call_leaves_nothing_behind():
    async with speaking(None) as client:
        call = asyncio.create_task(client.fine_status(NUMBER))
        await asyncio.sleep(0.02)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


@pytest.mark.parametrize(
    "url", ["", "ftp://x/", "police", "http://", "http://user:secret@x/", "http://x/?a=1", "http://x/#a"]
)
def test_unusable_addresses_are_told_at_the_start(url):
    with pytest.raises(ValueError, match="police: the address"):
        PoliceClient(Endpoint(url))


def test_an_unusable_authority_file_is_told_at_the_start(tmp_path):
    (tmp_path / "ca.pem").write_text("not a certificate")
    for name in ("ca.pem", "missing.pem"):
        with pytest.raises(ValueError, match=name):
            PoliceClient(Endpoint("https://police.invalid/", ca_file=tmp_path / name))


def test_the_device_key_is_not_shown():
    assert "secret" not in repr(Endpoint("https://police.invalid/", "secret"))
    with pytest.raises(ValueError, match="printable") as trouble:
        PoliceClient(Endpoint("https://police.invalid/", "secret\r\nX: y"))
    assert "secret" not in str(trouble.value)


def certificate(name: str, folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for a host name or address: (certificate, key), PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "OneTrip test")])
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        alternative = x509.DNSName(name)
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@pytest.mark.parametrize(
    ("issued_for", "trusted", "hint"),
    [
        ("127.0.0.1", True, None),
        ("127.0.0.1", False, "certificate is not trusted"),
        ("police.invalid", True, "certificate is not trusted"),
    ],
)
async def test_only_the_configured_authority_is_trusted(tmp_path, issued_for, trusted, hint):
    pem, key = certificate(issued_for, tmp_path)
    other, _ = certificate("10.0.0.1", tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer(body()))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(session, "127.0.0.1", 0, ssl=context)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    client = PoliceClient(Endpoint(url, "key", ca_file=pem if trusted else other))
    if hint is None:
        assert (await client.fine_status(NUMBER)).number == NUMBER
    else:
        with pytest.raises(GatewayUnavailable, match=hint):
            await client.fine_status(NUMBER)
    await client.aclose()
    server.close()
    await server.wait_closed()


def test_an_endpoint_from_the_settings(tmp_path):
    (tmp_path / "key").write_text("abc\n")
    made = endpoint(Police(url="https://police.invalid/", device_key_file=tmp_path / "key", connect_s=2, read_s=5))
    assert (made.device_key, made.deadlines) == ("abc", Deadlines(2, 5, 8))
    with pytest.raises(ValueError, match="cannot be read"):
        endpoint(Police(device_key_file=tmp_path / "missing"))
