"""`kiosk simulate KIND`: one simulator as its own process, on the wire, with a control socket."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from config.scenarios import ScenarioError, list_scenarios, load_scenario
from config.settings import SettingsError
from kiosk.ports.clock import SystemClock
from kiosk.verbs.device_documents import document_saver

if TYPE_CHECKING:
    from drivers.simulator import Simulator

USUAL_PERMIT = "endorse_happy_hk"
PERMITS = ("permit_unit", "permit_chip")


def simulate(arguments: argparse.Namespace) -> int:
    """Runs until stopped. Returns the exit status. Raises SettingsError for a scenario that does not exist."""
    server = _server(arguments.kind)
    try:
        _check_words(arguments, is_server=server is not None)
    except ValueError as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return 2
    if server is not None:
        rest = list(arguments.rest)
        if arguments.listen:
            host, port = _address(arguments.listen)
            rest += ["--host", host, "--port", str(port)]
        for name in arguments.scenario or ():
            rest += ["--scenario", name]
        return server(rest)
    if not (arguments.listen or (arguments.kind == "permit_chip" and arguments.vpcd)):
        print("kiosk: --listen is needed, e.g. tcp://127.0.0.1:7001 or pty:///tmp/reader", file=sys.stderr)
        return 2
    try:
        asyncio.run(_serve(arguments))
    except ScenarioError as error:
        raise SettingsError(str(error)) from None
    except ValueError as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        where = " or ".join(filter(None, (arguments.listen, arguments.control)))
        print(f"kiosk: cannot listen at {where}: {error.strerror or error}.", file=sys.stderr)
        return 1
    return 0


def _server(kind: str) -> Callable[[list[str]], int] | None:
    """The program of a simulated remote system; it has options of its own."""
    match kind:
        case "police":
            from kiosk.gateways.police.__main__ import main
        case "exit_entry":
            from kiosk.gateways.exit_entry.__main__ import main
        case "wallet":
            from kiosk.gateways.wallet.__main__ import main
        case "acquirer":
            from kiosk.front.acquirer.__main__ import main
        case "alipay":
            from kiosk.front.alipay.__main__ import main
        case "wechat":
            from kiosk.front.wechat.__main__ import main
        case _:
            return None
    return main


def _check_words(arguments: argparse.Namespace, *, is_server: bool) -> None:
    """Before anything is opened. Raises ValueError for an option that would be ignored, or that makes no sense."""
    kind = arguments.kind
    allowed = {
        "--control": not is_server,
        "--out": kind in ("receipt_printer", "document_printer"),
        "--vpcd": kind in PERMITS,
        "--scenario": is_server or kind in PERMITS,
        "--speed": kind == "permit_unit",
        "--nvram": kind == "permit_unit",
    }
    for option, fits in allowed.items():
        if getattr(arguments, option.removeprefix("--")) is not None and not fits:
            raise ValueError(f"{option} is nothing for {kind}; see `kiosk simulate --help`")
    if arguments.listen and (is_server or not arguments.listen.startswith("pty://")):
        _address(arguments.listen)
    if arguments.control:
        _address(arguments.control)
    if arguments.vpcd:
        _address(f"tcp://{arguments.vpcd}", "127.0.0.1:35963")


def _address(url: str, example: str = "tcp://127.0.0.1:7001") -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:  # a port that is no number, or none that exists
        host = port = None
    if host is None or port is None or not host or parts.scheme not in ("tcp", "http"):
        said = url if "://" in example else url.removeprefix("tcp://")
        raise ValueError(f"{said!r} is no address; it should look like {example}")
    return host, port


async def _serve(arguments: argparse.Namespace) -> None:
    from drivers.control import serve_control
    from drivers.transport.host import serve_pty, serve_tcp

    simulator, chip = _make(arguments)
    if arguments.out is not None:
        _make_folder(arguments.out)
    async with AsyncExitStack() as stack:
        if chip is not None:
            await _before_reader(chip, arguments.vpcd, stack)
        if arguments.listen is None:
            print(f"{arguments.kind}: a card for the virtual reader at {arguments.vpcd}", flush=True)
        elif arguments.listen.startswith("pty://"):
            where = await stack.enter_async_context(serve_pty(simulator, urlsplit(arguments.listen).path or None))
            print(f"{arguments.kind}: {where}", flush=True)
        else:
            host, port = _address(arguments.listen)
            bound = await stack.enter_async_context(serve_tcp(simulator, host, port))
            print(f"{arguments.kind}: {host}:{bound}", flush=True)
        if arguments.control:
            host, port = _address(arguments.control)
            print(
                f"control: {host}:{await stack.enter_async_context(serve_control(simulator, host, port))}", flush=True
            )
        if arguments.out is not None:
            saver = document_saver if arguments.kind == "document_printer" else _paper_saver
            simulator.listen(saver(simulator, arguments.out))
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        await stop.wait()


async def _before_reader(chip: Any, where: str, stack: AsyncExitStack) -> None:
    """Let the chip be the card in the virtual reader of a PC/SC service, for as long as the stack lasts."""
    from drivers.permit_reader.vpcd import serve_vpcd

    host, port = _address(f"tcp://{where}", "127.0.0.1:35963")
    try:
        await asyncio.get_running_loop().getaddrinfo(host, port)
    except OSError as error:
        raise SettingsError(f"--vpcd: {where} cannot be found: {error.strerror or error}.") from None
    task = asyncio.ensure_future(serve_vpcd(chip, host, port))

    async def stop() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(stop)


def _make(arguments: argparse.Namespace) -> tuple[Any, Simulator | None]:
    """The simulator that is served and controlled, and the chip that a virtual reader is given. Raises ScenarioError, ValueError."""
    match arguments.kind:
        case "id_card":
            from drivers.id_card.simulator import SamvSimulator
            from kiosk.cabinet import card_of

            today = SystemClock().now().date()
            return SamvSimulator({name: card_of(load_scenario(name, today)) for name in list_scenarios("all")}), None
        case "qr_scanner":
            from drivers.qr_scanner.simulator import ScanEngineSimulator

            return ScanEngineSimulator(), None
        case "receipt_printer":
            from drivers.receipt_printer.simulator import EscposSimulator

            return EscposSimulator(), None
        case "document_printer":
            from drivers.document_printer.simulator import IppSimulator

            return IppSimulator(), None
        case "nav_pad":
            from drivers.nav_pad.simulator import PadSimulator

            return PadSimulator(), None
        case "io_board":
            from drivers.io_board.simulator import BoardSimulator

            return BoardSimulator(), None
        case "ups":
            from drivers.ups.simulator import UpsdSimulator

            return UpsdSimulator(), None
        case "signature_pad":
            from drivers.signature_pad.simulator import StuSimulator

            return StuSimulator(), None
        case "recorder":
            from drivers.recorder.simulator import MicrophoneSimulator

            return MicrophoneSimulator(), None
    from drivers.permit_reader.simulator import PermitChipSimulator

    chip = PermitChipSimulator()
    if arguments.kind == "permit_chip":
        chip.control({"do": "place", "card": _permit(arguments.scenario or [USUAL_PERMIT])})
        return chip, chip if arguments.vpcd else None
    from drivers.permit_unit.simulator import PermitUnitSimulator

    speed = 1.0 if arguments.speed is None else arguments.speed
    unit = PermitUnitSimulator(nvram=arguments.nvram, on_chip=chip.hold, speed=speed)
    if arguments.scenario:
        unit.control({"do": "insert", "card": _permit(arguments.scenario)})
    return unit, chip if arguments.vpcd else None


def _permit(names: list[str]) -> dict[str, Any]:
    """The permit of a scenario's person. Raises ScenarioError, ValueError."""
    if len(names) > 1:
        raise ValueError("one permit is put in at a time; give one --scenario")
    scenario = load_scenario(names[0], SystemClock().now().date())
    if scenario.permit is None:
        raise ValueError(f"nobody has a permit in {names[0]}; there are {', '.join(list_scenarios('endorsement'))}")
    return scenario.permit.card(scenario.person)


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"--out: {out} cannot be made: {error.strerror or error}.") from None


def _paper_saver(simulator: Any, out: Path) -> Callable[[], None]:
    saved = 0

    def save() -> None:
        nonlocal saved
        while saved < len(simulator.papers):
            paper = simulator.papers[saved]
            saved += 1
            (out / f"receipt-{saved:03d}.png").write_bytes(paper.png)
            (out / f"receipt-{saved:03d}.escpos").write_bytes(paper.raw)

    return save
