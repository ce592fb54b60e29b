"""`kiosk front`: as a program of its own, told to stop, with wrong settings, beside a front that runs."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

from config.settings import SettingsError
from config.settings import load as kiosk_settings
from kiosk.cli import main
from kiosk.front.acquirer.fake import FakeAcquirer
from kiosk.front.acquirer.signing import HmacSigner
from kiosk.front.embedded import embedded_front
from kiosk.front.settings import load
from kiosk.gateways.embedded import serve
from kiosk.ports.clock import SystemClock
from kiosk.ports.wallet import TradeState
from kiosk.remotes import wallet_front
from tests.front.hall import PAYER_CODE, SECRET, SUBJECT, Files, client, hall
from tests.front.test_kill import toml

ROOT = Path(__file__).parents[2]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture(autouse=True)
def _logs() -> Iterator[None]:
    """What the command line sets up for its own process is put back."""
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers, sys.excepthook = handlers, hook
    root.setLevel(level)


def written(files: Files, url: str = "http://127.0.0.1:9/", text: str = "", **changes: Any) -> Path:
    changes.setdefault("server", {"port": 0})
    (config := files.folder / "front.toml").write_text(toml(files.settings(url, **changes)) + text)
    return config


@asynccontextmanager
async def program(config: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kiosk", "front", "run", "--config", str(config), cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        found = re.search(r"http://\S+", line)
        assert found, line
        yield process, found[0]
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_a_front_as_a_program_serves_and_ends_when_it_is_told(files: Files) -> None:
    acquirer = FakeAcquirer(HmacSigner(SECRET))
    async with serve(acquirer.app) as remote:
        config = written(files, remote.url)
        async with program(config) as (process, url):
            kiosk = client(url, files.public_key, SystemClock())
            assert (await kiosk.charge("A1", 100, SUBJECT, PAYER_CODE, 60)).state is TradeState.PAID
            await kiosk.aclose()
            checked = await asyncio.to_thread(told, "check", "--json", "--config", str(config))
            assert checked.pop("disk")["least_mb"] == 200
            assert checked == {
                "version": 1,
                "good": True,
                "troubles": [],
                "wallets": ["acquirer"],
                "open": [],
                "work_list": [],
            }
            process.send_signal(signal.SIGTERM)
            out, err = await process.communicate()
            assert process.returncode == 0
            assert PAYER_CODE.encode() not in out + err
            assert SUBJECT.encode() not in out + err


def told(*words: str) -> Any:
    done = subprocess.run([sys.executable, "-m", "kiosk", "front", *words], cwd=ROOT, capture_output=True, check=False)
    return json.loads(done.stdout)


def sentence(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a failing `kiosk front` says: one sentence."""
    capsys.readouterr()
    assert main(["front", *words]) == 1
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("kiosk: ")
    assert said.endswith(".")
    return said


@pytest.mark.parametrize(
    ("changes", "text", "said"),
    [
        ({}, "\nnonsense = 1\n[other]\n", "acquirer|polling|no such key"),
        ({"acquirer": {"algorithm": "RSA-SHA256"}}, "", "private_key_file and public_key_file are needed"),
        ({"acquirer": {"secret_file": "/nowhere"}}, "", "/nowhere: No such file"),
        ({"acquirer": {"url": "ftp://x"}}, "", "the address must look like"),
        ({"signing_key_file": "/nowhere"}, "", "the signing key cannot be read"),
        ({"ledger": {"url": "mysql://x/y"}}, "", "cannot be kept in mysql"),
        ({"server": {"host": "0.0.0.0"}}, "", "reached from other machines"),
        ({"server": {"host": "127.0.0.1", "port": 1_000_000}}, "", "server.port"),
        ({"shown": "alipay"}, "", "shown: 'alipay' has no section"),
        ({"hours": "noon"}, "", "hours: write hours as 03:00-21:00"),
        ({"device": []}, "", "device"),
    ],
)
def test_wrong_settings_are_one_sentence(
    files: Files, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], text: str, said: str
) -> None:
    config = written(files, text=text, **changes)
    assert re.search(said, sentence(capsys, "run", "--config", str(config)))


def test_files_that_are_not_there_or_no_toml(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no such file" in sentence(capsys, "run", "--config", str(files.folder / "none.toml"))
    (files.folder / "bad.toml").write_text("x = ")
    assert "not valid TOML" in sentence(capsys, "check", "--config", str(files.folder / "bad.toml"))
    nowhere = written(files, ledger={"url": f"sqlite:///{files.folder}/none.db"})
    assert "There is no ledger at" in sentence(capsys, "check", "--config", str(nowhere))


async def test_an_address_that_is_taken(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    async with serve(FakeAcquirer(HmacSigner(SECRET)).app) as other:
        config = written(files, server={"port": other.port})
        said = await asyncio.to_thread(sentence, capsys, "run", "--config", str(config))
    assert f"cannot listen at 127.0.0.1 port {other.port}" in said


def test_keys_are_made_once_and_for_their_owner_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["front", "keys", "--out", str(tmp_path), "--device", "NB01"]) == 0
    said = capsys.readouterr().out
    assert f'key_file = "{tmp_path}/NB01.key"' in said
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"front.pem": 0o600, "front.pub.pem": 0o644, "NB01.key": 0o600}
    assert (tmp_path / "NB01.key").read_text().strip() not in said
    signing = (tmp_path / "front.pem").read_bytes()
    assert main(["front", "keys", "--out", str(tmp_path), "--device", "NB02"]) == 0
    assert (tmp_path / "front.pem").read_bytes() == signing
    assert "never written over" in sentence(capsys, "keys", "--out", str(tmp_path), "--device", "NB01")
    assert "no such directory" in sentence(capsys, "keys", "--out", str(tmp_path / "none"))
    assert "--device ../x" in sentence(capsys, "keys", "--out", str(tmp_path), "--device", "../x")


async def test_check_names_what_is_wrong_and_settled_takes_it_off_the_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with hall(tmp_path) as pay:
        pay.script(amount_off=1)
        await pay.charge()
        config = written(pay.files, pay.acquirer_url)
        os.chmod(tmp_path / "NB01.key", 0o644)
        capsys.readouterr()
        assert await asyncio.to_thread(main, ["front", "check", "--wallets", "--json", "--config", str(config)]) == 1
        found = json.loads(capsys.readouterr().out)
        assert "others can read this key" in found["troubles"][0]
        assert found["wallets"] == {"acquirer": True}
        assert [(row["id"], row["state"], row["staff"]) for row in found["work_list"]] == [("NB01A", "paid", "amount")]
        settled = ["front", "settled", "NB01A", "--config", str(config)]
        assert await asyncio.to_thread(main, settled) == 0
        assert await asyncio.to_thread(main, settled) == 1
        assert (await pay.row()).data["staff"] is None


def test_check_shows_the_room_on_the_ledgers_disk(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    def checked(**ledger: int) -> tuple[int, dict[str, Any]]:
        config = written(files, ledger=ledger)
        capsys.readouterr()
        return main(["front", "check", "--json", "--config", str(config)]), json.loads(capsys.readouterr().out)

    status, found = checked(least_free_mb=0)
    assert (status, found["disk"]["free_mb"] > 0) == (0, True)
    status, found = checked(least_free_mb=10_000_000)
    assert (status, found["good"]) == (1, False)
    assert "below 10000000 MB no new order is taken" in found["troubles"][0]


async def test_reconcile_says_when_there_is_no_bill_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with hall(tmp_path) as pay:
        config = written(pay.files, pay.acquirer_url)
        today = SystemClock().now().date().isoformat()
        said = await asyncio.to_thread(sentence, capsys, "reconcile", "--config", str(config), "--date", today)
        assert "bill_not_ready" in said
        capsys.readouterr()
        words = ["front", "reconcile", "--json", "--config", str(config), "--date", "2026-11-01"]
        assert await asyncio.to_thread(main, words) == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["good"], found["bill"]) == (True, {"payments": 0, "kept_fen": 0})
        assert set(found["counts"].values()) == {0}


def test_each_verb_has_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("run", "check", "settled", "reconcile", "keys"):
        with pytest.raises(SystemExit):
            main(["front", verb, "--help"])
        assert f"example: kiosk front {verb}" in capsys.readouterr().out


async def test_a_front_inside_a_one_machine_sites_kiosk(files: Files) -> None:
    acquirer = FakeAcquirer(HmacSigner(SECRET))
    async with serve(acquirer.app) as remote, AsyncExitStack() as stack:
        config = written(files, remote.url)
        found = await embedded_front(config, "NB01", SystemClock(), stack)
        kiosk = client(found.url, files.public_key, SystemClock(), device_key=found.device_key)
        assert (await kiosk.charge("A1", 100, SUBJECT, PAYER_CODE, 60)).state is TradeState.PAID
        await kiosk.aclose()
        assert found.device_key.hex() not in repr(found)
        with pytest.raises(SettingsError, match="no \\[\\[device\\]\\] with id = 'NB09'"):
            await embedded_front(config, "NB09", SystemClock(), stack)
        with pytest.raises(SettingsError, match="Another payment front"):
            await embedded_front(config, "NB01", SystemClock(), stack)


async def test_a_kiosks_settings_name_the_front_inside_it(files: Files) -> None:
    acquirer = FakeAcquirer(HmacSigner(SECRET))
    async with serve(acquirer.app) as remote, AsyncExitStack() as stack:
        base = kiosk_settings(profile="ci")
        wallet = base.wallet.model_copy(update={"url": f"embedded:{written(files, remote.url)}", "device_id": "NB01"})
        kiosk = await wallet_front(base.model_copy(update={"wallet": wallet}), SystemClock(), (), {}, stack)
        assert (await kiosk.charge("A2", 100, SUBJECT, PAYER_CODE, 60)).state is TradeState.PAID


def test_the_example_in_the_documentation_is_a_settings_file(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "payment-front.md").read_text()
    example = re.findall(r"```toml\n(.*?)```", page, re.S)[0]
    (tmp_path / "front.toml").write_text(example)
    assert load(tmp_path / "front.toml").wallets
