"""Encryption of fields, the index, and the key file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kiosk.ledger.cipher import FieldCipher, KeyFileError, load_key
from kiosk.ledger.states import Kind
from tests.ledger.parts import KEY, Counter, charges

NUMBER = "330203199001010006"
AT = ("decision", "detail_enc", "O1D1")


def test_sealed_and_opened(cipher: FieldCipher) -> None:
    value = {"name": "张示例", "number": NUMBER, "list": [1, None, True]}
    sealed = cipher.seal(value, *AT)
    assert cipher.open(sealed, *AT) == value
    assert FieldCipher(KEY).open(sealed, *AT) == value
    assert "张示例".encode() not in sealed
    assert NUMBER.encode() not in sealed


def test_the_same_value_never_looks_the_same(cipher: FieldCipher) -> None:
    assert len({cipher.seal("张示例", *AT) for _ in range(50)}) == 50


@pytest.mark.parametrize(
    "place", [("order", "detail_enc", "O1D1"), ("decision", "other_enc", "O1D1"), ("decision", "detail_enc", "O1D2")]
)
def test_a_value_cannot_be_moved(cipher: FieldCipher, place: tuple[str, str, str]) -> None:
    sealed = cipher.seal("张示例", *AT)
    with pytest.raises(ValueError, match="cannot be decrypted"):
        cipher.open(sealed, *place)


@pytest.mark.parametrize("at", [1, 12, 13, -17, -1])
def test_an_altered_byte_is_refused(cipher: FieldCipher, at: int) -> None:
    sealed = bytearray(cipher.seal("张示例", *AT))
    sealed[at] ^= 1
    with pytest.raises(ValueError, match="cannot be decrypted"):
        cipher.open(bytes(sealed), *AT)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + b"0" * 12, b"\x02" + b"0" * 40])
def test_a_broken_value_is_refused_without_repeating_it(cipher: FieldCipher, sealed: bytes) -> None:
    with pytest.raises(ValueError, match=r"decision\.detail_enc"):
        cipher.open(sealed, *AT)


def test_another_key(cipher: FieldCipher) -> None:
    with pytest.raises(ValueError, match="another key"):
        FieldCipher(bytes(32)).open(cipher.seal("张示例", *AT), *AT)


def test_index_meets_and_needs_the_key(cipher: FieldCipher) -> None:
    assert cipher.index(NUMBER) == FieldCipher(KEY).index(NUMBER)
    assert cipher.index(NUMBER) != cipher.index("330212198506150006")
    assert cipher.index(NUMBER) != FieldCipher(bytes(32)).index(NUMBER)
    assert len(cipher.index(NUMBER)) == 64


def test_index_known_answer(cipher: FieldCipher) -> None:
    """HMAC-SHA256 with a key derived for this use only; a change would orphan every earlier order."""
    import hashlib
    import hmac

    own = hmac.new(KEY, b"onetrip ledger index", hashlib.sha256).digest()
    assert cipher.index(NUMBER) == hmac.new(own, NUMBER.encode(), hashlib.sha256).hexdigest()


def test_a_key_is_made_once_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "ledger.key"
    key = load_key(file, create=True)
    assert len(key) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_key(file, create=True) == key
    assert load_key(file, create=False) == key


def test_a_missing_key_of_a_ledger_in_use_is_not_made_anew(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="missing"):
        load_key(tmp_path / "ledger.key", create=False)
    assert not (tmp_path / "ledger.key").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o611])
def test_a_key_others_may_touch(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "ledger.key"
    load_key(file, create=True)
    file.chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        load_key(file, create=False)


@pytest.mark.parametrize("text", ["", "zz" * 32, "00" * 31, "00" * 33, "键"])
def test_not_a_key(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ledger.key"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(KeyFileError, match="64 hex digits"):
        load_key(file, create=True)
    assert file.read_text() == text


async def test_nothing_personal_stands_in_the_file(counter: Counter) -> None:
    order_id, rows = await counter.decided()
    await counter.cashier.begin(order_id, charges(rows), "交通违法罚款")
    counter.pays()
    counter.leave()
    await counter.sweeper.sweep()
    assert await counter.state(Kind.ORDER, order_id) == "settled"
    await counter.store.close()
    folder = counter.file.parent
    raw = b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith(counter.file.name))
    person = counter.scenario.person
    for word in (person.name, person.number, person.address, counter.scenario.vehicles[0].plate):
        assert word.encode() not in raw
    assert b"alipay" in raw  # the search itself finds what is there
    assert os.path.getsize(counter.file) > 0
    await counter.open()
