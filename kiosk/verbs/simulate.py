"""`kiosk simulate KIND`: one simulator as its own process, on the wire, with a control socket."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

from config.scenarios import list_scenarios, load_scenario
from kiosk.ports.clock import SystemClock


def simulate(arguments: argparse.Namespace) -> int:
    """Runs until stopped. Returns the exit status."""
    if arguments.kind in ("police", "wallet"):
        from kiosk.gateways.police.__main__ import main as police
        from kiosk.gateways.wallet.__main__ import main as wallet

        rest = list(arguments.rest)
        if arguments.listen:
            host, port = _address(arguments.listen)
            rest += ["--host", host, "--port", str(port)]
        return (police if arguments.kind == "police" else wallet)(rest)
    if not arguments.listen:
        print("kiosk: --listen is needed, e.g. tcp://127.0.0.1:7001 or pty:///tmp/reader", file=sys.stderr)
        return 2
    try:
        asyncio.run(_serve(arguments))
    except ValueError as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"kiosk: cannot listen there: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    if parts.scheme not in ("tcp", "http") or not parts.hostname or parts.port is None:
        raise ValueError(f"{url!r} is no address; it should look like tcp://127.0.0.1:7001")
    return parts.hostname, parts.port


async def _serve(arguments: argparse.Namespace) -> None:
    from drivers.control import serve_control
    from drivers.transport.host import serve_pty, serve_tcp

    simulator = _make(arguments.kind)
    async with AsyncExitStack() as stack:
        if arguments.listen.startswith("pty://"):
            where = await stack.enter_async_context(serve_pty(simulator, urlsplit(arguments.listen).path or None))
        else:
            host, port = _address(arguments.listen)
            where = f"{host}:{await stack.enter_async_context(serve_tcp(simulator, host, port))}"
        print(f"{arguments.kind}: {where}", flush=True)
        if arguments.control:
            host, port = _address(arguments.control)
            print(
                f"control: {host}:{await stack.enter_async_context(serve_control(simulator, host, port))}", flush=True
            )
        if arguments.out is not None:
            simulator.listen(_paper_saver(simulator, arguments.out))
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        await stop.wait()


def _make(kind: str):  # type: ignore[no-untyped-def]
    from kiosk.cabinet import card_of

    if kind == "id_card":
        from drivers.id_card.simulator import SamvSimulator

        today = SystemClock().now().date()
        return SamvSimulator({name: card_of(load_scenario(name, today)) for name in list_scenarios()})
    if kind == "qr_scanner":
        from drivers.qr_scanner.simulator import ScanEngineSimulator

        return ScanEngineSimulator()
    from drivers.receipt_printer.simulator import EscposSimulator

    return EscposSimulator()


def _paper_saver(simulator, out: Path):  # type: ignore[no-untyped-def]
    out.mkdir(parents=True, exist_ok=True)
    saved = 0

    def save() -> None:
        nonlocal saved
        while saved < len(simulator.papers):
            paper = simulator.papers[saved]
            saved += 1
            (out / f"receipt-{saved:03d}.png").write_bytes(paper.png)
            (out / f"receipt-{saved:03d}.escpos").write_bytes(paper.raw)

    return save
