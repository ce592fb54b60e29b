"""`python -m kiosk.gateways.police`: the simulated police front-end as its own process."""

from __future__ import annotations

from kiosk.gateways.police.simulated import SimulatedPolice
from kiosk.gateways.sim_program import Program, run_platform

PROGRAM = Program(
    package="kiosk.gateways.police",
    title="traffic-police",
    port=8101,
    service="violation",
    also=("fine",),
    keeps="decisions, payments and bills",
    examples="""\
  {prog} --port {port}
      everybody of all scenarios exists, nothing goes wrong
  {prog} --port {port} --scenario decide_answer_lost --state-file police.json
      one scenario with its faults; decisions and payments outlive the process
  curl -X POST http://127.0.0.1:{port}/_sim/control -d '{{"do": "fault", "id": "post_payment.error_503", "count": 3}}'
      let the next three postings fail; {{"do": "faults"}} lists what can go wrong
  curl -X POST http://127.0.0.1:{port}/_sim/control -d '{{"do": "pay_bill"}}'
      somebody pays the newest bill of the platform's own
  curl http://127.0.0.1:{port}/_sim/ledger
      the platform's own books
""",
)


def main(argv: list[str] | None = None) -> int:
    return run_platform(PROGRAM, SimulatedPolice, argv)


if __name__ == "__main__":
    raise SystemExit(main())
