"""A process that writes audit rows until it is killed: `python -m tests.ledger.audit_writer FILE [die-before-head N]`.

It says the number of each row when `write` has returned, so that the test knows what must be there.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from kiosk.ledger.store import Store
from tests.ledger.audit_parts import audit_of
from tests.ledger.parts import HandClock


def die_before_head(rows: int) -> None:
    """The operating system's rename is the last thing between row and head file; this process ends right before the Nth."""
    rename, left = os.replace, rows

    def counted(*paths: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        rename(*paths)

    os.replace = counted  # type: ignore[assignment]


async def main(file: Path) -> None:
    store = Store(f"sqlite:///{file}", HandClock())
    await store.open()
    audit = audit_of(store, file)
    while True:
        print(await audit.write("T0271", "page_opened", page="logs"), flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        die_before_head(int(sys.argv[3]))
    asyncio.run(main(Path(sys.argv[1])))
