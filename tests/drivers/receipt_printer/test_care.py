"""What technicians ask of a receipt printer: examination, counters, news, a fresh start; and every fault with what the driver says."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from drivers.receipt_printer.simulator import EscposSimulator
from drivers.transport.memory import MemoryLine
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.slip import Text
from kiosk.ports.devices import Link, PrintEnd
from kiosk.ports.health import COUNTERS, Ask, Finding, Level, Resettable, Returning, Serviced, Verdict
from tests.drivers.receipt_printer.slips import decision, slip
from tests.drivers.receipt_printer.test_printer import printer


class Technician:
    """Answers every question the same way, and remembers what was asked."""

    def __init__(self, answer: bool | None = True) -> None:
        self.asked: list[Ask] = []
        self._answer = answer

    async def ask(self, what: Ask) -> bool | None:
        self.asked.append(what)
        return self._answer


@pytest.fixture(params=["memory", "tcp", "pty"])
def line(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def verdicts(findings: tuple[Finding, ...]) -> dict[str, Verdict]:
    return {finding.name: finding.verdict for finding in findings}


# -- the three levels --------------------------------------------------------------------------------------------------


async def test_a_healthy_printer_passes_all_levels(line: str) -> None:
    simulator = EscposSimulator()
    technician = Technician()
    async with printer(line, simulator) as device:
        assert isinstance(device, Serviced)
        assert isinstance(device, Resettable)
        assert isinstance(device, Returning)
        inside = await device.examine(Level.INTERNAL, technician)
        assert set(verdicts(inside).values()) == {Verdict.PASSED}
        assert list(verdicts(inside)) == ["link", "answer_ms", "paper", "cover", "cutter", "head", "end_mark"]
        assert not simulator.papers
        outside = await device.examine(Level.EXTERNAL, technician)
        assert verdicts(outside) == {"test_slip": Verdict.PASSED, "test_slip_s": Verdict.PASSED}
        assert not technician.asked
        (seen,) = await device.examine(Level.INTERACTIVE, technician)
        assert (seen.name, seen.verdict, technician.asked) == ("saw_slip", Verdict.PASSED, [Ask.SAW_SLIP])
    (paper,) = simulator.papers
    assert "打印自检" in paper.text
    assert paper.mm < 45


@pytest.mark.parametrize(("answer", "verdict"), [(False, Verdict.FAILED), (None, Verdict.UNKNOWN)])
async def test_what_nobody_saw_is_never_passed(answer: bool | None, verdict: Verdict) -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        (seen,) = await device.examine(Level.INTERACTIVE, Technician(answer))
        assert seen.verdict is verdict
    assert len(simulator.papers) == 1, "asked for by itself, it prints its slip"


@pytest.mark.parametrize(
    ("fault", "name", "value"),
    [
        ("PRN.PAPER_OUT", "paper", "out"),
        ("PRN.COVER", "cover", "open"),
        ("PRN.HOT", "head", "hot"),
    ],
)
async def test_a_part_that_is_wrong_fails_its_finding(fault: str, name: str, value: str) -> None:
    simulator = EscposSimulator()
    technician = Technician()
    async with printer("memory", simulator) as device:
        simulator.control({"do": "fault", "id": fault, "count": None})
        inside = {finding.name: finding for finding in await device.examine(Level.INTERNAL, technician)}
        assert (inside[name].verdict, inside[name].value) == (Verdict.FAILED, value)
        outside = await device.examine(Level.EXTERNAL, technician)
        assert verdicts(outside) == {"test_slip": Verdict.FAILED, "test_slip_s": Verdict.SKIPPED}
        (seen,) = await device.examine(Level.INTERACTIVE, technician)
        assert seen.verdict is Verdict.SKIPPED
        assert not technician.asked


async def test_a_printer_that_cannot_tell_is_unknown_not_well() -> None:
    simulator = EscposSimulator()
    simulator.control({"do": "fault", "id": "PRN.ESC_V", "count": None})
    async with printer("memory", simulator, status="esc_v") as device:
        found = verdicts(await device.examine(Level.INTERNAL, Technician()))
        assert found["paper"] is Verdict.PASSED
        assert found["cover"] is Verdict.UNKNOWN
        simulator.control({"do": "fault", "id": "PRN.END_LOST", "count": None})
        outside = verdicts(await device.examine(Level.EXTERNAL, Technician()))
        assert outside["test_slip"] is Verdict.UNKNOWN


async def test_a_printer_that_is_gone_is_a_finding(line: str) -> None:
    simulator = EscposSimulator()
    async with printer(line, simulator) as device:
        simulator.control({"do": "unplug"})
        found = verdicts(await device.examine(Level.INTERNAL, Technician()))
        assert found["link"] is Verdict.FAILED
        assert set(found.values()) == {Verdict.FAILED, Verdict.SKIPPED}
        assert verdicts(await device.examine(Level.EXTERNAL, Technician()))["test_slip"] is Verdict.FAILED
        await device.close()
        assert verdicts(await device.examine(Level.INTERNAL, Technician()))["link"] is Verdict.FAILED


# -- counters ----------------------------------------------------------------------------------------------------------


async def test_counts_what_was_really_sent(line: str) -> None:
    simulator = EscposSimulator()
    async with printer(line, simulator) as device:
        for job in ("a", "b"):
            assert (await device.print_slip(decision(), job)).end is PrintEnd.DONE
        counted = device.counters()
        assert (counted["jobs"], counted["cuts"], counted["opens"]) == (2, 2, 1)
        paper = sum(piece.mm for piece in simulator.papers)
        assert abs(counted["mm_printed"] - paper) < 15, "a roll's forecast may be 5 % off, not more"
        simulator.control({"do": "paper", "state": "out"})
        await device.print_slip(decision(), "c")
        assert device.counters()["failed_jobs"] == 1
        assert device.counters()["mm_printed"] == counted["mm_printed"]
        assert set(device.counters()) <= set(COUNTERS)


async def test_counts_half_a_slip_and_its_cut() -> None:
    simulator = EscposSimulator()
    async with printer("tcp", simulator) as device:
        assert (await device.print_slip(decision(), "a")).end is PrintEnd.DONE
        whole = device.counters()["mm_printed"]
        simulator.control({"do": "fault", "id": "PRN.POWER_LOSS", "after": 700})
        assert (await device.print_slip(decision(), "b")).end is PrintEnd.UNCERTAIN
        counted = device.counters()
        assert counted["uncertain_jobs"] == 1
        assert counted["losses"] == 1
        assert whole < counted["mm_printed"] <= 2 * whole
        await device.print_slip(slip(Text("补打")), "c")
        assert device.counters()["cuts"] - counted["cuts"] == 2, "the half slip is cut off before the new one"


async def test_counts_silence_and_wrong_answers() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        before = device.counters()
        simulator.control({"do": "fault", "id": "LINE.MUTE", "count": 1})
        await device.check()
        assert device.counters()["timeouts"] == before.get("timeouts", 0) + 1
        assert device.counters()["retries"] == before.get("retries", 0) + 1


# -- news --------------------------------------------------------------------------------------------------------------


async def test_changes_are_told_and_nothing_else() -> None:
    simulator = EscposSimulator()
    heard: list[tuple[Link, ErrorKind | None]] = []
    async with printer("memory", simulator) as device:
        stop = device.listen(lambda: heard.append((device.status().link, device.status().trouble)))
        await device.print_slip(slip(Text("甲")), "a")
        assert heard == [(Link.BUSY, None), (Link.READY, None)]
        heard.clear()
        simulator.control({"do": "fault", "id": "PRN.PAPER_OUT", "count": None})
        await device.check()
        assert heard[-1] == (Link.FAULT, ErrorKind.SUPPLY_OUT)
        stop()
        heard.clear()
        simulator.control({"do": "clear"})
        await device.check()
        assert not heard


@pytest.mark.parametrize(
    ("fault", "link", "trouble"),
    [
        ("PRN.PAPER_LOW", Link.DEGRADED, ErrorKind.SUPPLY_LOW),
        ("PRN.PAPER_OUT", Link.FAULT, ErrorKind.SUPPLY_OUT),
        ("PRN.COVER", Link.FAULT, ErrorKind.COVER_OPEN),
        ("PRN.HOT", Link.DEGRADED, ErrorKind.CONSUMABLE_MECH),
        ("PRN.OFFLINE", Link.DEGRADED, ErrorKind.OFFLINE),
        ("PRN.MUTE_STATUS", Link.DEGRADED, ErrorKind.TIMEOUT),
        ("PRN.HALF_OPEN", Link.DEGRADED, ErrorKind.TIMEOUT),
    ],
)
async def test_the_status_says_why(line: str, fault: str, link: Link, trouble: ErrorKind) -> None:
    if (fault, line) == ("PRN.HALF_OPEN", "pty"):
        pytest.skip("a serial line has no connection that could be forgotten")
    simulator = EscposSimulator()
    async with printer(line, simulator) as device:
        simulator.control({"do": "fault", "id": fault, "count": 1 if fault == "PRN.HALF_OPEN" else None})
        status = await device.check()
        assert (status.link, status.trouble) == (link, trouble)
        assert status.detail
        simulator.control({"do": "clear"})
        if fault == "PRN.HALF_OPEN":
            assert (await device.check()).link is Link.READY
        status = await device.check()
        assert (status.link, status.trouble, status.detail) == (Link.READY, None, "")


async def test_a_lost_line_says_why(line: str) -> None:
    simulator = EscposSimulator()
    async with printer(line, simulator) as device:
        told = asyncio.Event()
        device.listen(told.set)
        simulator.control({"do": "unplug"})
        async with asyncio.timeout(5):
            while device.status().link is not Link.OFFLINE:  # nobody asks: the line tells it
                await told.wait()
                told.clear()
        assert (device.status().trouble, device.counters()["losses"]) == (ErrorKind.OFFLINE, 1)
        waiting = asyncio.create_task(device.wait_return())
        await asyncio.sleep(0.1)
        assert not waiting.done()
        simulator.control({"do": "plug"})
        async with asyncio.timeout(5):
            await waiting
        await device.open()
        assert device.status().link is Link.READY


async def test_an_idle_connection_that_is_dropped_is_made_anew_and_no_loss() -> None:
    """Network printers hang up when nothing was sent for a while."""
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        heard: list[Link] = []
        device.listen(lambda: heard.append(device.status().link))
        transport = device._transport
        assert isinstance(transport, MemoryLine)
        assert transport._wire is not None
        await transport._wire.hang_up()
        async with asyncio.timeout(5):
            while device.counters()["opens"] < 2:
                await asyncio.sleep(0.01)
        assert (await device.print_slip(slip(Text("甲")), "a")).end is PrintEnd.DONE
        assert device.counters().get("losses", 0) == 0
        assert Link.OFFLINE not in heard


# -- faults at their place in a slip -----------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [{}, {"lines": 0}, {"lines": 8}, {"lines": 20}, {"at": "cut"}], ids=str)
@pytest.mark.parametrize(
    ("fault", "kind"), [("PRN.PAPER_OUT", ErrorKind.SUPPLY_OUT), ("PRN.COVER", ErrorKind.COVER_OPEN)]
)
async def test_paper_and_cover_at_each_phase(fault: str, kind: ErrorKind, place: dict[str, Any]) -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        simulator.control({"do": "fault", "id": fault, "count": None, **place})
        outcome = await device.print_slip(decision(), "a")
        before = not place
        assert (outcome.end, outcome.kind) == (PrintEnd.FAILED if before else PrintEnd.UNCERTAIN, kind)
        assert not simulator.papers
        assert device.status().trouble is kind
        simulator.control({"do": "refill"} if fault == "PRN.PAPER_OUT" else {"do": "cover", "open": False})
        assert not simulator.faults.as_reply()
        await asyncio.sleep(0.1)
        assert (await device.check()).link is Link.READY


async def test_paper_nearly_out_in_the_middle_is_told_after_it() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        simulator.control({"do": "fault", "id": "PRN.PAPER_LOW", "count": None, "lines": 5})
        assert (await device.check()).parts["paper"] == "full"
        assert (await device.print_slip(decision(), "a")).end is PrintEnd.DONE
        assert device.status().trouble is ErrorKind.SUPPLY_LOW


async def test_a_lost_end_is_asked_for_again() -> None:
    """A later mark says as much of all before it: nothing is printed twice, and the job is no longer uncertain."""
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        simulator.control({"do": "fault", "id": "PRN.END_LOST"})
        assert (await device.print_slip(decision(), "a")).end is PrintEnd.DONE
        assert device.counters()["retries"] == 1
        simulator.control({"do": "fault", "id": "PRN.END_LOST", "count": None})
        outcome = await device.print_slip(decision(), "b")
        assert (outcome.end, outcome.kind) == (PrintEnd.UNCERTAIN, ErrorKind.TIMEOUT)
    assert len(simulator.papers) == 2


async def test_marks_asked_for_twice_do_not_end_the_next_job_early() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator, speed=3000, stall=5, job=40) as device:
        simulator.control({"do": "fault", "id": "PRN.SLOW", "count": None, "delay": 0.05})
        for job in range(2):
            assert (await device.print_slip(slip(*decision().blocks[:30]), str(job))).end is PrintEnd.DONE
            assert len(simulator.papers) == job + 1, "done means that it came out"


async def test_a_forgotten_connection_is_made_anew() -> None:
    simulator = EscposSimulator()
    async with printer("tcp", simulator) as device:
        simulator.control({"do": "fault", "id": "PRN.HALF_OPEN"})
        assert (await device.print_slip(slip(Text("甲")), "a")).end is PrintEnd.DONE
        assert device.counters()["opens"] == 2
        simulator.control({"do": "fault", "id": "PRN.HALF_OPEN"})
        assert (await device.check()).link is Link.DEGRADED
        assert (await device.check()).link is Link.READY
    assert len(simulator.papers) == 1


# -- a fresh start -----------------------------------------------------------------------------------------------------


async def test_reset_frees_the_knife_and_forgets_the_last_citizens_slip(line: str) -> None:
    simulator = EscposSimulator()
    async with printer(line, simulator) as device:
        simulator.control({"do": "fault", "id": "PRN.CUTTER"})
        outcome = await device.print_slip(decision(), "a")
        assert (outcome.end, outcome.kind) == (PrintEnd.UNCERTAIN, ErrorKind.CONSUMABLE_MECH)
        assert (device.status().parts["cutter"], device.counters()["jams"]) == ("jammed", 1)
        await device.reset()
        assert (device.status().link, device.status().trouble) == (Link.READY, None)
        assert simulator.state()["hanging_text"] == ""
        assert (await device.print_slip(slip(Text("乙")), "b")).end is PrintEnd.DONE
    assert simulator.papers[-1].text == "乙"
    assert len(simulator.papers) == 2


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("PRN.CUTTER_STUCK", ErrorKind.CONSUMABLE_MECH),
        ("PRN.PAPER_OUT", ErrorKind.SUPPLY_OUT),
        ("PRN.MUTE_STATUS", ErrorKind.OFFLINE),
    ],
)
async def test_reset_says_what_it_could_not_mend(fault: str, kind: ErrorKind) -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        simulator.control({"do": "fault", "id": fault, "count": None})
        await device.print_slip(slip(Text("甲")), "a")
        with pytest.raises(DeviceError) as caught:
            await device.reset()
        assert caught.value.kind is kind
        simulator.control({"do": "clear"})
        await device.reset()
        assert device.status().link is Link.READY


async def test_reset_of_a_closed_printer_and_of_one_that_came_back() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        simulator.control({"do": "unplug"})
        await device.check()
        with pytest.raises(DeviceError):
            await device.reset()
        simulator.control({"do": "plug"})
        await device.reset()
        assert device.status().link is Link.READY
        await device.close()
        with pytest.raises(DeviceError) as caught:
            await device.reset()
        assert caught.value.kind is ErrorKind.NOT_OPEN


# -- a presenter -------------------------------------------------------------------------------------------------------


async def test_a_presenter_tells_of_its_slip(line: str) -> None:
    simulator = EscposSimulator(presenter=True)
    async with printer(line, simulator, presenter="custom") as device:
        assert device.status().parts["presenter"] == "clear"
        assert (await device.print_slip(slip(Text("甲")), "a")).end is PrintEnd.DONE
        assert (device.status().link, device.status().parts["presenter"]) == (Link.READY, "not_taken")
        simulator.control({"do": "fault", "id": "PRN.NOT_TAKEN"})
        simulator.control({"do": "take"})
        assert (await device.check()).parts["presenter"] == "not_taken"
        found = verdicts(await device.examine(Level.INTERNAL, Technician()))
        assert found["presenter"] is Verdict.FAILED
        simulator.control({"do": "take"})
        assert (await device.check()).parts["presenter"] == "clear"
        simulator.control({"do": "fault", "id": "PRN.PRESENTER_JAM", "count": None})
        status = await device.check()
        assert (status.link, status.trouble, status.parts["presenter"]) == (
            Link.FAULT,
            ErrorKind.MEDIA_JAMMED,
            "jammed",
        )
        assert (await device.print_slip(slip(Text("乙")), "b")).kind == ErrorKind.MEDIA_JAMMED


async def test_a_jammed_presenter_of_a_printer_that_does_not_tell_of_it() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        simulator.control({"do": "fault", "id": "PRN.PRESENTER_JAM", "count": None})
        status = await device.check()
        assert (status.link, status.trouble) == (Link.FAULT, ErrorKind.HARDWARE)
        assert "presenter" not in status.parts


async def test_a_presenter_that_stays_silent_is_unknown() -> None:
    """The setting says that there is one; this printer does not know the question."""
    async with printer("memory", EscposSimulator(), presenter="custom") as device:
        assert (device.status().link, device.status().parts["presenter"]) == (Link.DEGRADED, "unknown")
        assert device.status().trouble is ErrorKind.UNSUPPORTED
        assert (await device.print_slip(slip(Text("甲")), "a")).end is PrintEnd.DONE
