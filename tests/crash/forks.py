"""Processes by the line: one is forked for each line of JSON on stdin, from a process that has imported and worked out everything once.

An order with `here` is carried out in that process itself: for what will not be killed, where a process of its own shows nothing more and
costs as much as the work.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any

import structlog


def quiet() -> None:
    """Nothing but answers on stdout."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def main(
    run: Callable[[dict[str, Any]], dict[str, Any]], before: Callable[[dict[str, Any]], None] = lambda order: None
) -> None:
    """A process for each line of stdin, in which `run` is called with it; what became of the process is answered. `before` is called
    with it in this process, for what the next ones need as well."""
    quiet()
    gc.collect()
    gc.freeze()  # what is here already stays as it is, in memory that all of them share
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        before(order)
        if order.get("here"):
            print(json.dumps(_here(run, order)), flush=True)
            continue
        assert threading.active_count() == 1, threading.enumerate()  # what they hold would stay held in the child
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            status = 1
            try:
                os.write(write, json.dumps(run(order)).encode())
                status = 0
            except Exception:
                traceback.print_exc()
                raise
            finally:
                os._exit(status)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            said = pipe.read()
        _, status = os.waitpid(child, 0)
        print(json.dumps({"exit": os.waitstatus_to_exitcode(status), "said": said.decode()}), flush=True)


def _here(run: Callable[[dict[str, Any]], dict[str, Any]], order: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"exit": 0, "said": json.dumps(run(order))}
    except Exception:  # noqa: BLE001  # as a process that ends with it
        traceback.print_exc()
        return {"exit": 1, "said": ""}
