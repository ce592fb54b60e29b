"""Every scripted fault on each front's deed, and some on its questions: what the kiosk concludes, and what the platform really did."""

from __future__ import annotations

import asyncio

import pytest
import structlog

from kiosk.domain.errors import GatewayUnavailable
from kiosk.gateways.sim_faults import KINDS
from tests.gateways.halls import HALLS, QUICK


@pytest.mark.parametrize("kind", QUICK)
async def test_after_a_fault_the_effect_is_unknown_and_can_be_found(hall, kind):
    hall.arm(f"{hall.deed}.{kind}")
    with pytest.raises(GatewayUnavailable) as trouble:
        await hall.do()
    assert hall.number not in str(trouble.value)
    found = await hall.find()
    assert (found is not None) is KINDS[kind][0]
    again = await hall.do()
    assert found is None or again == found
    assert list(hall.booked()) == [again.number]


@pytest.mark.parametrize(("kind", "effect"), [("silence", False), ("delay", True), ("drip", True)])
async def test_faults_that_run_into_the_deadline(hasty, kind, effect):
    hasty.arm(f"{hasty.deed}.{kind}", seconds=0.05 if kind == "drip" else 30)
    with pytest.raises(GatewayUnavailable, match=rf"{hasty.deed}: (no answer|the answer was not complete)"):
        await hasty.do()
    assert len(hasty.booked()) == effect


async def test_a_late_effect_takes_place_after_the_kiosk_gave_up(hasty):
    """The nastiest case: asked right after the timeout the platform says that nothing came, and takes it afterwards."""
    hasty.arm(f"{hasty.deed}.late", seconds=0.5)
    with pytest.raises(GatewayUnavailable):
        await hasty.do()
    assert hasty.booked() == {}
    taken = asyncio.Event()
    hasty.sim.listen(taken.set)
    await taken.wait()
    async with hasty.patient() as patient:
        found = await patient.find()
        assert found is not None
        assert await patient.do() == found
    assert list(hasty.booked()) == [found.number]


async def test_a_delay_within_the_deadline_is_no_fault(hall):
    hall.arm(f"{hall.deed}.delay", seconds=0.05)
    done = await hall.do()
    assert (done.number, done.fee_fen if hall.deed == "apply" else done.fine_fen) == hall.first_done


@pytest.mark.parametrize(
    ("hall_kind", "question"), [pytest.param(kind, name, id=name) for kind in HALLS for name in kind.questions]
)
@pytest.mark.parametrize(
    "kind",
    ["error_500", "drop_before", "drop_after", "half_answer", "html_200", "wrong_types", "redirect", "garbage"],
)
async def test_questions_fail_the_same_way(hall, question, kind):
    await hall.do()
    hall.arm(f"{question}.{kind}")
    with pytest.raises(GatewayUnavailable, match=question):
        await hall.ask(question)
    assert await hall.ask(question)


async def test_no_personal_data_in_errors_and_logs(hall):
    """Whatever goes wrong, what is the citizen's stays out of exceptions and log records."""
    errors = []
    with structlog.testing.capture_logs() as logs:
        for kind in QUICK:
            for operation in (hall.deed, *hall.questions):
                hall.arm(f"{operation}.{kind}")
                with pytest.raises(GatewayUnavailable) as trouble:
                    await (hall.do() if operation == hall.deed else hall.ask(operation))
                error = trouble.value
                assert error.__cause__ is None
                assert error.__suppress_context__ or error.__context__ is None
                errors.append(f"{error} {error!r} {error.hint}")
    text = " ".join(errors) + repr(logs) + repr(hall.booked())
    assert not [secret for secret in hall.secrets if secret in text]


@pytest.mark.parametrize(
    "command",
    [
        {},
        {"do": "dance"},
        {"do": "fault"},
        {"do": "fault", "id": "{deed}"},
        {"do": "fault", "id": "{deed}.explode"},
        {"do": "fault", "id": "dance.error_500"},
        {"do": "fault", "id": "{deed}.error_500", "count": 0},
        {"do": "fault", "id": "{deed}.error_500", "count": "two"},
        {"do": "fault", "id": "{deed}.delay", "seconds": "long"},
        {"do": "scenario", "name": "nobody"},
    ],
)
def test_commands_without_sense_are_told_so(hall_kind, command):
    if "id" in command:
        command = {**command, "id": command["id"].format(deed=hall_kind.deed)}
    with pytest.raises(ValueError, match=r"\w+ .*"):
        hall_kind.simulated().control(command)
