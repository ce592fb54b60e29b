"""`python -m kiosk.gateways.exit_entry`: the simulated exit-entry front-end as its own process."""

from __future__ import annotations

from kiosk.gateways.exit_entry.simulated import SimulatedExitEntry
from kiosk.gateways.sim_program import Program, run_platform

PROGRAM = Program(
    package="kiosk.gateways.exit_entry",
    title="exit-entry",
    port=8103,
    service="endorsement",
    keeps="applications and drafts",
    examples="""\
  {prog} --port {port}
      the permits of all scenarios exist, nothing goes wrong
  {prog} --port {port} --scenario endorse_apply_answer_lost --state-file exit_entry.json
      one scenario with its faults; applications and drafts outlive the process
  curl -X POST http://127.0.0.1:{port}/_sim/control -d '{{"do": "fault", "id": "confirm.error_503", "count": 3}}'
      let the next three confirmations fail; {{"do": "faults"}} lists what can go wrong
  curl http://127.0.0.1:{port}/_sim/ledger
      the platform's own books
""",
)


def main(argv: list[str] | None = None) -> int:
    return run_platform(PROGRAM, SimulatedExitEntry, argv)


if __name__ == "__main__":
    raise SystemExit(main())
