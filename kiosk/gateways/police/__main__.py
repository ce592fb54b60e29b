"""`python -m kiosk.gateways.police`: the simulated police front-end as its own process."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from config.scenarios import ScenarioError, list_scenarios, load_scenario
from kiosk.gateways.embedded import serve
from kiosk.gateways.police.simulated import SimulatedPolice
from kiosk.ports.clock import SystemClock

EPILOG = """\
examples:
  python -m kiosk.gateways.police --port 8101
      everybody of all scenarios exists, nothing goes wrong
  python -m kiosk.gateways.police --port 8101 --scenario decide_answer_lost --state-file police.json
      one scenario with its faults; decisions and payments outlive the process
  curl -X POST http://127.0.0.1:8101/_sim/control -d '{"do": "fault", "id": "post_payment.error_503", "count": 3}'
      let the next three postings fail; {"do": "faults"} lists what can go wrong
  curl http://127.0.0.1:8101/_sim/ledger
      the platform's own books

scenarios: """


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m kiosk.gateways.police",
        description="Simulated traffic-police front-end (contract: openapi.yaml beside this program). Fictional data only.",
        epilog=EPILOG + ", ".join(list_scenarios()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=8101, help="port, 0 for a free one (default %(default)s)")
    parser.add_argument(
        "--scenario",
        action="append",
        metavar="NAME|FILE",
        help="scenario whose people exist; may be given several times, the first one's faults are armed "
        "(default: all scenarios, no faults)",
    )
    parser.add_argument("--state-file", type=Path, metavar="FILE", help="keep decisions and payments in this JSON file")
    parser.add_argument("--device-key", default="", metavar="KEY", help="bearer key to ask for (default: take any)")
    arguments = parser.parse_args(argv)
    today = SystemClock().now().date()
    try:
        named = arguments.scenario or []
        scenarios = [load_scenario(name, today) for name in named or list_scenarios()]
        police = SimulatedPolice(
            scenarios[:1] if named else (), device_key=arguments.device_key, state_file=arguments.state_file
        )
        for scenario in scenarios[1:] if named else scenarios:
            police.add(scenario, with_faults=False)
    except (ScenarioError, ValueError) as error:
        parser.error(str(error))
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_run(police, arguments.host, arguments.port))
    except OSError as error:
        print(f"cannot listen on {arguments.host} port {arguments.port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


async def _run(police: SimulatedPolice, host: str, port: int) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serve(police.app, host, port) as served:
        print(f"simulated police front-end: {served.url}", flush=True)
        await stop.wait()


if __name__ == "__main__":
    raise SystemExit(main())
