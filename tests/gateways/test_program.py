"""The simulated platforms' programs: their options, their mistakes, the files they refuse."""

from __future__ import annotations

import importlib
import signal
import socket

import pytest

from config.scenarios import list_scenarios
from tests.gateways.process import start, stop

TABLES = {"police": "decisions", "exit_entry": "applications"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 9}', '{"version": 1, "serial": 1, "TABLE": [1]}'])
def test_a_foreign_state_file_is_refused(tmp_path, hall_kind, text):
    file = tmp_path / "state.json"
    file.write_text(text.replace("TABLE", TABLES[hall_kind.package.rpartition(".")[2]]))
    with pytest.raises(ValueError, match="not a state file"):
        hall_kind.simulated(state_file=file)


@pytest.mark.parametrize(
    ("package", "service", "other"),
    [
        ("kiosk.gateways.police", "violation", "endorsement"),
        ("kiosk.gateways.exit_entry", "endorsement", "violation"),
    ],
)
def test_help_names_what_can_be_done(capsys, package, service, other):
    main = importlib.import_module(f"{package}.__main__").main
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert "--state-file" in said
    assert f"python -m {package} --port 8" in said
    words = set(said.replace(",", " ").split())
    assert set(list_scenarios(service)) <= words
    assert not set(list_scenarios(other)) & words
    with pytest.raises(SystemExit) as end:
        main(["--scenario", "nobody"])
    assert end.value.code == 2
    assert "there is no scenario nobody" in capsys.readouterr().err


@pytest.mark.parametrize("package", ["police", "exit_entry", "wallet"])
def test_a_port_that_is_taken_is_told(capsys, package):
    main = importlib.import_module(f"kiosk.gateways.{package}.__main__").main
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["--port", str(taken.getsockname()[1])]) == 1
    assert "cannot listen on 127.0.0.1 port" in capsys.readouterr().err


def test_the_wallets_program_ends_when_it_is_told():
    process, url = start("kiosk.gateways.wallet", "--public-url", "http://10.0.0.5:8102")
    assert url.startswith("http://127.0.0.1:")
    assert stop(process, signal.SIGTERM) == 0
