"""What a simulated unit keeps over a loss of power: its counters, its last jobs, and (as a thing, not a memory) the card inside.

With a path it is a JSON file, replaced whole at each change, so that a killed process can be started again with the same card inside.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drivers.permit_unit.codes import JobKind, JobState, Position, Trouble
from drivers.permit_unit.messages import JobRecord
from drivers.virtual_permit import VirtualPermit


@dataclass
class LastJob:
    state: JobState = JobState.NONE
    job_id: str = ""
    reason: Trouble = Trouble.NONE
    numbers: list[str] = field(default_factory=list, repr=False)
    """WRITE: what the chip must carry when it is done."""
    finished: bool = False
    """PRINT: the head is through; only the look at the result is outstanding."""

    @property
    def record(self) -> JobRecord:
        return JobRecord(self.state, self.job_id, self.reason)

    def as_json(self) -> dict[str, Any]:
        return {
            "state": self.state.name,
            "id": self.job_id,
            "reason": int(self.reason),
            "numbers": self.numbers,
            "finished": self.finished,
        }

    @classmethod
    def of(cls, data: dict[str, Any]) -> LastJob:
        state, reason = JobState[data["state"]], Trouble(data["reason"])
        return cls(state, data["id"], reason, list(data["numbers"]), bool(data["finished"]))


class Nvram:
    """`position` is where the card lies: a sensor's place, or MOVING while it is between two."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.card: VirtualPermit | None = None
        self.position = Position.NONE
        self.bin_level = 0
        self.bin_count = 0
        self.power_ons = 0
        self.jobs = {JobKind.WRITE: LastJob(), JobKind.PRINT: LastJob()}
        if path is not None and path.exists():
            self._load(json.loads(path.read_text(encoding="utf-8")))

    def save(self) -> None:
        """Keep everything as it is now. Raises OSError when the file cannot be written."""
        if self._path is None:
            return
        data = {
            "card": None if self.card is None else dataclasses.asdict(self.card),
            "position": self.position.name,
            "bin_level": self.bin_level,
            "bin_count": self.bin_count,
            "power_ons": self.power_ons,
            "jobs": {kind.name: job.as_json() for kind, job in self.jobs.items()},
        }
        fresh = self._path.with_name(self._path.name + ".new")
        fresh.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        fresh.replace(self._path)

    def _load(self, data: dict[str, Any]) -> None:
        self.card = None if data["card"] is None else VirtualPermit.of(data["card"])
        self.position = Position[data["position"]]
        self.bin_level, self.bin_count = int(data["bin_level"]), int(data["bin_count"])
        self.power_ons = int(data["power_ons"])
        self.jobs = {kind: LastJob.of(data["jobs"][kind.name]) for kind in JobKind}
