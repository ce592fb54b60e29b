"""`python -m kiosk.front.alipay`: the fake Alipay as a program of its own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kiosk.front.alipay.fake import FakeAlipay
from kiosk.front.alipay.fake_scripts import PRESETS, read_script
from kiosk.gateways.embedded import Served
from kiosk.gateways.sim_program import run_alone


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m kiosk.front.alipay",
        description="A fake Alipay (gateway.do). No real money, no lock on /_sim: never make it reachable from a public network.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8111, help="port to listen on (default 8111)")
    parser.add_argument("--keys", type=Path, required=True, help="folder to write a merchant's key files into")
    parser.add_argument("--notify-url", default="", help="the payment front's address for notifications")
    parser.add_argument(
        "--script",
        choices=sorted(PRESETS),
        default="human",
        help="what happens to orders without a script of their own",
    )
    options = parser.parse_args(argv)
    fake = FakeAlipay(notify_every=1.0)
    fake.ledger.set_script(read_script({"preset": options.script}))

    def banner(served: Served) -> str:
        members = fake.merchant.settings(options.keys, served.url, options.notify_url)
        return "\n".join(f"{name:18}{value}" for name, value in members.items() if value)

    return run_alone(fake.app, options.host, options.port, banner)


if __name__ == "__main__":
    sys.exit(main())
