"""`python -m kiosk.gateways.wallet`: the fake payment front as a program of its own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kiosk.gateways.sim_program import run_alone
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
    return run_alone(
        front.app,
        options.host,
        options.port,
        lambda served: (
            f"payment front  {served.url}\n"
            f"front key      {front.public_key}\n"
            f"device         {options.device}\n"
            f"device key     {device_key.hex()}"
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
