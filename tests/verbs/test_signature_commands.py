"""`kiosk device signature-pad sign` over a line to a pad in another place, and `kiosk simulate signature-pad` as its own process."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from config.settings import SettingsError, load
from drivers.signature_pad.simulator import StuSimulator
from drivers.transport.host import serve_tcp
from kiosk.verbs import device_signature
from kiosk.verbs.device import drive
from kiosk.verbs.device_words import WrongUsage
from tests.forked import python


def words(action: str, url: str = "", **more: Any) -> Namespace:
    usual = {"timeout": 5.0, "out": None, "line": "", "show": False, "record": None, "replay": None, "json": True}
    return Namespace(kind="signature_pad", action=action, url=url or None, **{**usual, **more})


async def written(simulator: StuSimulator, *commands: dict[str, Any]) -> None:
    while not simulator.picture:
        await asyncio.sleep(0.005)
    for command in commands:
        simulator.control(command)


async def test_signing_at_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_signature, "QUIET_S", 0.3)
    simulator, out = StuSimulator(), tmp_path / "signature.png"
    async with serve_tcp(simulator) as port:
        url = f"stu+tcp://127.0.0.1:{port}"
        hand = asyncio.ensure_future(written(simulator, {"do": "sign"}))
        report = await drive(load(profile="ci"), words("sign", url, out=out))
        await hand
        assert report.good
        assert (report.data["strokes"], report.data["cut"], report.data["file"]) == (3, False, str(out))
        with Image.open(out) as picture:
            assert picture.size == (960, 480)
            assert 0 in picture.tobytes()
        status = await drive(load(profile="ci"), words("status", url))
        assert (status.good, status.data["parts"]) == (True, {"surface": "idle"})
        assert status.data["capabilities"]["keys"] == ["clear"]


@pytest.mark.parametrize(("command", "error"), [({"do": "dot"}, "media_bad"), (None, "timeout")])
async def test_no_signature_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, command: dict[str, Any] | None, error: str
) -> None:
    monkeypatch.setattr(device_signature, "QUIET_S", 0.2)
    simulator = StuSimulator()
    async with serve_tcp(simulator) as port:
        hand = asyncio.ensure_future(written(simulator, *([command] if command else [])))
        report = await drive(
            load(profile="ci"), words("sign", f"stu+tcp://127.0.0.1:{port}", timeout=20.0 if command else 0.5)
        )
        await hand
        assert (report.good, report.data["error"]) == (False, error)
        assert not simulator.picture, "the pad is left as it was"


async def test_a_machine_without_a_pad(tmp_path: Path) -> None:
    for url in ("", "touch:"):
        base = load(profile="ci")
        wanted = base.model_copy(update={"devices": base.devices.model_copy(update={"signature_pad": url})})
        with pytest.raises(SettingsError, match="has no signature_pad"):
            await drive(wanted, words("status"))
    with pytest.raises(WrongUsage, match="cannot read"):
        await drive(load(profile="ci"), words("read", "stu+sim:"))


def test_the_simulator_as_a_program(tmp_path: Path) -> None:
    command = [*python(), "-m", "kiosk", "simulate", "signature-pad", "--listen", "tcp://127.0.0.1:0"]
    program = subprocess.Popen(
        [*command, "--control", "tcp://127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with program:
        try:
            assert program.stdout is not None
            where = dict(line.strip().split(": ", 1) for line in (program.stdout.readline(), program.stdout.readline()))
            host, _, port = where["control"].rpartition(":")
            with socket.create_connection((host, int(port)), 10) as line, line.makefile() as told:
                line.sendall(b'{"do": "sign"}\n')
                reply = json.loads(told.readline())
            assert (reply["ok"], reply["points"]) == (True, 120)
            assert where["signature_pad"].startswith("127.0.0.1:")
        finally:
            program.terminate()
