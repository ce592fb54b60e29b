"""`python -m kiosk.front.wechat`: the fake WeChat Pay as a program of its own, with a merchant's keys and settings for a front."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from kiosk.front.wechat.fake import FakeWeChatPay
from kiosk.front.wechat.fake_scripts import PRESETS, read_script
from kiosk.gateways.embedded import Served
from kiosk.gateways.sim_program import run_alone


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m kiosk.front.wechat",
        description="A fake WeChat Pay (APIv3). No real money, no lock on /_sim: never make it reachable from a public network.",
        epilog='example: python -m kiosk.front.wechat --folder /tmp/wechat, then curl -d "{}" http://127.0.0.1:8104/_sim/pay',
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=8104, help="port, 0 for a free one (default %(default)s)")
    parser.add_argument(
        "--folder", type=Path, required=True, help="where the merchant's key files and wechat.toml are written"
    )
    parser.add_argument(
        "--notify-url", default="http://127.0.0.1:8105/notify/wechat", help="the front's address (default %(default)s)"
    )
    parser.add_argument("--certificates", action="store_true", help="sign with platform certificates, not a public key")
    parser.add_argument(
        "--public-url", help="the address phones can reach, put into the codes; e.g. http://10.0.0.5:8104"
    )
    parser.add_argument(
        "--script", choices=sorted(PRESETS), help="what happens to orders without a script of their own"
    )
    options = parser.parse_args(argv)
    wallet = FakeWeChatPay(public_url=options.public_url)
    if options.script:
        wallet.ledger.set_script(read_script({"preset": options.script}))

    def announce(served: Served) -> str:
        settings = wallet.keys.settings(
            options.folder.resolve(), served.url, options.notify_url, certificates=options.certificates
        )
        (options.folder / "wechat.toml").write_text(_toml(settings), encoding="utf-8")
        return f"WeChat Pay  {served.url}\nsettings    {options.folder.resolve() / 'wechat.toml'}"

    return run_alone(wallet.app, options.host, options.port, announce)


def _toml(settings: dict[str, object]) -> str:
    """The section [wechat]. JSON's strings, numbers and booleans are TOML's."""
    tables = {name: value for name, value in settings.items() if isinstance(value, dict)}
    lines = ["[wechat]"]
    lines += [f"{name} = {json.dumps(value, default=str)}" for name, value in settings.items() if name not in tables]
    for name, table in tables.items():
        if table:
            lines += [f"[wechat.{name}]", *(f"{key} = {json.dumps(str(value))}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
