"""`python -m kiosk.front.acquirer`: the fake acquirer as a program of its own."""

from __future__ import annotations

import argparse
import secrets
import sys
from pathlib import Path

from kiosk.front.acquirer.fake import FakeAcquirer
from kiosk.front.acquirer.signing import HmacSigner
from kiosk.gateways.sim_program import run_alone


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m kiosk.front.acquirer",
        description="A fake acquirer with books of its own. No real money, no lock on /_sim: never make it reachable from a public "
        "network.",
        epilog='example: python -m kiosk.front.acquirer --port 8103, then curl -d \'{"do": "pay"}\' http://127.0.0.1:8103/_sim/control',
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=8103, help="port, 0 for a free one (default %(default)s)")
    parser.add_argument("--merchant", default="M1", help="the merchant that is let in (default %(default)s)")
    parser.add_argument("--secret", help="its secret in hex, at least 32 bytes (default: made at random, printed)")
    parser.add_argument("--state-file", type=Path, metavar="FILE", help="keep the books in this JSON file")
    options = parser.parse_args(argv)
    try:
        secret = bytes.fromhex(options.secret) if options.secret else secrets.token_bytes(32)
        acquirer = FakeAcquirer(HmacSigner(secret), merchant=options.merchant, state_file=options.state_file)
    except ValueError as error:
        parser.error(str(error))
    return run_alone(
        acquirer.app,
        options.host,
        options.port,
        lambda served: f"acquirer  {served.url}\nmerchant  {options.merchant}\nsecret    {secret.hex()}",
    )


if __name__ == "__main__":
    sys.exit(main())
