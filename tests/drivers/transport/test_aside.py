"""Work that never ends takes nothing with it: not the loop, not the next work, not the end of the program."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import warnings
import weakref
from pathlib import Path

import pytest

from drivers.transport.aside import OneThread, aside


async def test_results_and_exceptions_come_over() -> None:
    assert await aside(lambda: threading.current_thread().daemon, "x") is True
    with pytest.raises(ZeroDivisionError):
        await aside(lambda: 1 // 0, "x")
    thread = OneThread("y")
    assert await thread.do(lambda: 7, 5) == 7
    with pytest.raises(ZeroDivisionError):
        await thread.do(lambda: 1 // 0, 5)
    thread.end()


async def test_one_thread_does_one_thing_after_another_in_the_same_thread() -> None:
    thread = OneThread("y")
    running: list[int] = []
    seen: set[int] = set()

    def work(number: int) -> int:
        running.append(number)
        assert len(running) == 1
        seen.add(threading.get_ident())
        running.remove(number)
        return number

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(thread.do(lambda number=number: work(number), 5)) for number in range(20)]
    assert [task.result() for task in tasks] == list(range(20))
    assert len(seen) == 1
    thread.end()


async def test_what_hangs_is_left_behind_and_the_next_work_is_done() -> None:
    thread = OneThread("y")
    stuck = threading.Event()
    with pytest.raises(TimeoutError):
        await thread.do(lambda: stuck.wait(60), 0.05)
    assert await thread.do(lambda: 8, 5) == 8
    stuck.set()
    thread.end()


async def test_cancelled_work_that_has_not_begun_is_not_done() -> None:
    thread = OneThread("y")
    stuck, done = threading.Event(), []
    first = asyncio.ensure_future(thread.do(lambda: stuck.wait(60), 60))
    second = asyncio.ensure_future(thread.do(lambda: done.append(1), 60))
    await asyncio.sleep(0.01)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    stuck.set()
    assert await first is True
    assert await thread.do(lambda: 9, 5) == 9
    assert not done
    thread.end()


async def test_nothing_of_the_work_is_kept() -> None:
    class Picture:
        pass

    thread = OneThread("y")
    picture = Picture()
    gone = weakref.ref(picture)
    await thread.do(lambda picture=picture: None, 5)
    await thread.do(lambda: None, 5)
    del picture
    gc.collect()
    assert gone() is None
    thread.end()


async def test_an_exception_nobody_waits_for_any_more_is_no_news() -> None:
    thread = OneThread("y")
    stuck = threading.Event()

    def fail() -> None:
        stuck.wait(60)
        raise ZeroDivisionError

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asking = asyncio.ensure_future(thread.do(fail, 60))
        await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        stuck.set()
        assert await thread.do(lambda: 1, 5) == 1
        gc.collect()
    thread.end()


def test_a_program_ends_though_a_work_hangs() -> None:
    program = (
        "import asyncio, threading\n"
        "from drivers.transport.aside import OneThread, aside\n"
        "async def main():\n"
        "    aside(threading.Event().wait, 'a')\n"
        "    try:\n"
        "        await OneThread('b').do(threading.Event().wait, 0.05)\n"
        "    except TimeoutError:\n"
        "        print('left behind')\n"
        "asyncio.run(main())\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout.strip()) == (0, "left behind"), done.stderr
