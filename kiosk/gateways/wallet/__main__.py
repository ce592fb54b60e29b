"""`python -m kiosk.gateways.wallet`: the fake payment front as a program of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from kiosk.gateways.embedded import serve
from kiosk.gateways.wallet.fake import FakeFront
from kiosk.gateways.wallet.scripts import PRESETS, read_script


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m kiosk.gateways.wallet",
        description="A fake payment front with a fake wallet behind it. No real money, no lock on /_sim: "
        "never make it reachable from a public network.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8102, help="port to listen on (default 8102)")
    parser.add_argument(
        "--public-url", help="the address phones can reach, put into the codes; e.g. http://10.0.0.5:8102"
    )
    parser.add_argument("--state-file", type=Path, help="JSON file that keeps trades and keys over restarts")
    parser.add_argument("--device", default="kiosk-1", help="the device that is let in (default kiosk-1)")
    parser.add_argument("--device-key", help="its key in hex, at least 16 bytes (default: made at random, printed)")
    parser.add_argument(
        "--script",
        choices=sorted(PRESETS),
        help="what happens to orders without a script of their own (default: the one saved, else human)",
    )
    options = parser.parse_args(argv)
    try:
        key = bytes.fromhex(options.device_key) if options.device_key else None
    except ValueError:
        parser.error("--device-key is not hex")
    if key is not None and len(key) < 16:
        parser.error("--device-key has fewer than 16 bytes")
    front = FakeFront(state_file=options.state_file, public_url=options.public_url)
    device_key = front.register(options.device, key)
    if options.script:
        front.ledger.set_script(read_script({"preset": options.script}))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(front, options.host, options.port, options.device, device_key))
    return 0


async def _run(front: FakeFront, host: str, port: int, device: str, device_key: bytes) -> None:
    async with serve(front.app, host, port) as served:
        print(f"payment front  {served.url}")
        print(f"front key      {front.public_key}")
        print(f"device         {device}")
        print(f"device key     {device_key.hex()}", flush=True)
        done = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, done.set)
        await done.wait()


if __name__ == "__main__":
    sys.exit(main())
