"""Real front processes that kill themselves at a commit. One process loads everything once and forks a front for each order on stdin:

    {"config": "front.toml", "kill": ["before", 3]}    SIGKILL right before the third commit is durable; null: never
    {"reap": pid}                                      wait for that front's end

Each front answers with {"pid": …, "url": …}, or with {"pid": …, "dead": true} when it died before it could serve.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from kiosk.front import front as fronts
from kiosk.front.serving import run
from kiosk.front.settings import load
from kiosk.front.store import Change
from kiosk.logs import configure
from kiosk.ports.clock import SystemClock


def killer(kill: list[Any] | None) -> Any:
    """A commit hook."""
    seen = {"before": 0, "after": 0}

    def hook(when: str, _: tuple[Change, ...]) -> None:
        seen[when] += 1
        if kill is not None and [when, seen[when]] == kill:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


def live(config: Path, kill: list[Any] | None, tell: int) -> None:
    settings = load(config)
    front = fronts.build(settings, SystemClock(), on_commit=killer(kill))

    def announce(url: str, _: int) -> None:
        os.write(tell, url.encode())
        os.close(tell)

    asyncio.run(run(front, settings.server, announce))


def main() -> None:
    configure()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if "reap" in order:
            print(json.dumps({"status": os.waitpid(order["reap"], 0)[1]}), flush=True)
            continue
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            status = 1
            try:
                live(Path(order["config"]), order["kill"], write)
                status = 0
            finally:
                os._exit(status)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            url = pipe.read().decode()
        print(json.dumps({"pid": pid, "url": url, "dead": not url}), flush=True)


if __name__ == "__main__":
    main()
