"""A simulated platform as a program of its own: its command line, and serving until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from config.scenarios import Scenario, ScenarioError, Service, list_scenarios, load_scenario
from kiosk.gateways.embedded import Served, serve
from kiosk.gateways.sim_control import PlatformControl
from kiosk.ports.clock import SystemClock


@dataclass(frozen=True, slots=True)
class Program:
    """What one platform's program says of itself. `examples` may name `{prog}` and `{port}`."""

    package: str
    title: str
    port: int
    service: Service
    """Whose scenarios exist."""
    keeps: str
    """What the state file keeps."""
    examples: str
    also: tuple[Service, ...] = ()
    """Further services whose scenarios exist."""

    def scenarios(self) -> tuple[str, ...]:
        """The names of all of them, service by service."""
        return tuple(name for service in (self.service, *self.also) for name in list_scenarios(service))

    @property
    def prog(self) -> str:
        return f"python -m {self.package}"


class Front(Protocol):
    """A simulated platform's class."""

    def __call__(
        self, scenarios: Iterable[Scenario], *, device_key: str, state_file: Path | None
    ) -> PlatformControl[Any]: ...


def run_platform(program: Program, front: Front, argv: list[str] | None = None) -> int:
    """Serve a platform of scenarios until SIGTERM or Ctrl-C; the exit code. Mistakes in `argv` end it with SystemExit 2."""
    parser = _parser(program)
    arguments = parser.parse_args(argv)
    today = SystemClock().now().date()
    named = arguments.scenario or []
    try:
        scenarios = [load_scenario(name, today) for name in named or program.scenarios()]
        platform = front(scenarios if named else (), device_key=arguments.device_key, state_file=arguments.state_file)
        for scenario in () if named else scenarios:
            platform.add(scenario, with_faults=False)
    except (ScenarioError, ValueError) as error:
        parser.error(str(error))
    return run_alone(
        platform.app,
        arguments.host,
        arguments.port,
        lambda served: f"simulated {program.title} front-end: {served.url}",
    )


def run_alone(app: Any, host: str, port: int, announce: Callable[[Served], str]) -> int:
    """Serve an ASGI application in a loop of its own until SIGTERM (0) or Ctrl-C (0); 1 when the address cannot be had.

    What `announce` says is printed once connections are taken.
    """
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(app, host, port, announce))
    except OSError as error:
        print(f"cannot listen on {host} port {port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


async def _serve(app: Any, host: str, port: int, announce: Callable[[Served], str]) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serve(app, host, port) as served:
        print(announce(served), flush=True)
        await stop.wait()


def _parser(program: Program) -> argparse.ArgumentParser:
    examples = program.examples.format(prog=program.prog, port=program.port)
    parser = argparse.ArgumentParser(
        prog=program.prog,
        description=f"Simulated {program.title} front-end (contract: openapi.yaml beside this program). "
        "Fictional data only.",
        epilog=f"examples:\n{examples}\nscenarios: {', '.join(program.scenarios())}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=program.port, help="port, 0 for a free one (default %(default)s)")
    parser.add_argument(
        "--scenario",
        action="append",
        metavar="NAME|FILE",
        help="scenario that exists; may be given several times, the first one's faults are armed "
        f"(default: all of the {' and the '.join((program.service, *program.also))} service, no faults)",
    )
    parser.add_argument("--state-file", type=Path, metavar="FILE", help=f"keep {program.keeps} in this JSON file")
    parser.add_argument("--device-key", default="", metavar="KEY", help="bearer key to ask for (default: take any)")
    return parser
