"""One figure in a process of its own, so that none measures what another left behind; the parent reads JSON from FD."""

from __future__ import annotations

import json
import logging
import os
import sys
from importlib import import_module

import structlog

from tests.bench.rows import Effort


def main() -> None:
    name, quick, journeys, fd = sys.argv[1], sys.argv[2] == "quick", int(sys.argv[3]), int(sys.argv[4])
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    rows = import_module(f"tests.bench.{name}").measure(Effort(quick, journeys or None))
    with os.fdopen(fd, "w") as pipe:
        json.dump([row.as_json() for row in rows], pipe)


if __name__ == "__main__":
    main()
