"""The course of a capture, with times given by hand."""

from __future__ import annotations

from drivers.camera.steps import CaptureMachine, CaptureSettings, HintHold, Phase, Seen, Step
from kiosk.ports.devices import FaceHint

BOX = (400, 100, 400, 400)
SETTINGS = CaptureSettings(good_frames=3)


def good(at: float, sharpness: float = 1.0, eyes: str = "open") -> Seen:
    return Seen(at, FaceHint.OK if eyes == "open" else FaceHint.EYES, eyes, BOX, sharpness)


def run(machine: CaptureMachine, *frames: Seen) -> list[Step]:
    return [machine.feed(frame) for frame in frames]


def asked(settings: CaptureSettings = SETTINGS) -> CaptureMachine:
    """A machine whose citizen reads 请眨眨眼 since 1.5 s."""
    machine = CaptureMachine(settings)
    steps = run(machine, *(good(t / 10) for t in range(16)))
    assert steps[-1].hint is FaceHint.BLINK
    assert machine.phase is Phase.OPEN
    return machine


def test_a_hint_stays_its_time_and_ok_does_not_wait() -> None:
    hold = HintHold(1.2)
    assert hold.show(FaceHint.TOO_FAR, 0.0) is FaceHint.TOO_FAR
    assert hold.show(FaceHint.TOO_DARK, 1.1) is FaceHint.TOO_FAR
    assert hold.show(FaceHint.TOO_DARK, 1.25) is FaceHint.TOO_DARK
    assert hold.show(FaceHint.POSE, 2.0) is FaceHint.TOO_DARK
    assert hold.show(FaceHint.OK, 2.1) is FaceHint.OK


def test_good_frames_must_come_in_a_row() -> None:
    machine = CaptureMachine(CaptureSettings(good_frames=3, blink=False))
    steps = run(machine, good(0.0), good(0.1), Seen(0.2, FaceHint.POSE, "open", BOX), good(0.3), good(0.4), good(0.5))
    assert [step.done for step in steps] == [False] * 5 + [True]
    assert [round(step.progress, 2) for step in steps] == [0.33, 0.67, 0.0, 0.33, 0.67, 1.0]
    assert steps[2].begun_again


def test_the_sharpest_good_frame_is_the_one_to_keep() -> None:
    machine = CaptureMachine(CaptureSettings(good_frames=4, blink=False))
    steps = run(machine, good(0.0, 1.0), good(0.1, 3.0), good(0.2, 2.0), good(0.3, 2.9))
    assert [step.best for step in steps] == [True, True, False, False]


def test_a_frame_unlike_the_one_before_breaks_the_row_and_is_never_kept() -> None:
    machine = CaptureMachine(CaptureSettings(good_frames=3, blink=False))
    damaged = Seen(0.1, FaceHint.OK, "open", BOX, 9.0, steady=False)
    steps = run(machine, good(0.0), damaged, good(0.2, 1.0), good(0.3, 2.0), good(0.4, 1.5))
    assert [step.best for step in steps] == [True, False, True, True, False]
    assert [step.done for step in steps] == [False] * 4 + [True]
    assert steps[1].begun_again


def test_a_damaged_frame_during_the_challenge_is_not_kept() -> None:
    step = asked().feed(Seen(1.7, FaceHint.OK, "open", BOX, 9.0, steady=False))
    assert not step.best
    assert not step.begun_again


def test_a_blink_after_the_question_ends_the_capture() -> None:
    machine = asked()
    steps = run(machine, good(1.7, eyes="closed"), good(1.8, eyes="closed"), good(1.9))
    assert [step.done for step in steps] == [False, False, True]
    assert [step.progress for step in steps] == [0.85, 0.85, 1.0]
    assert steps[-1].hint is FaceHint.OK


def test_a_blink_before_the_question_is_shown_does_not_count() -> None:
    machine = CaptureMachine(SETTINGS)
    run(machine, good(0.0), good(0.1), good(0.2))  # the hint 'hold still' stays until 1.2 s
    steps = run(machine, good(0.4), good(0.5, eyes="closed"), good(0.7))
    assert not any(step.done for step in steps)
    assert steps[-1].hint is FaceHint.HOLD_STILL


def test_unsure_eyes_are_no_blink() -> None:
    steps = run(asked(), Seen(1.7, FaceHint.EYES, "unsure", BOX), good(1.8), good(1.9))
    assert not any(step.done for step in steps)


def test_eyes_closed_for_long_are_no_blink_but_the_next_one_is() -> None:
    machine = asked()
    steps = run(machine, good(1.7, eyes="closed"), good(3.5), good(3.7, eyes="closed"), good(3.9))
    assert [step.done for step in steps] == [False, False, False, True]


def test_another_face_during_the_challenge_begins_again() -> None:
    elsewhere = Seen(1.7, FaceHint.OK, "open", (900, 100, 300, 300), 1.0)
    machine = asked()
    step = machine.feed(elsewhere)
    assert step.begun_again
    assert machine.phase is Phase.HOLDING
    gone = asked()
    assert not gone.feed(Seen(1.9, FaceHint.NO_FACE)).begun_again
    assert gone.feed(Seen(2.6, FaceHint.NO_FACE)).begun_again
    two = asked()
    assert two.feed(Seen(1.7, FaceHint.SEVERAL_FACES, "open", BOX)).begun_again


def test_no_blink_within_the_time_begins_again() -> None:
    machine = asked()
    assert machine.feed(good(14.0)).begun_again
    assert machine.phase is Phase.HOLDING


def test_a_citizen_who_steps_back_is_told_and_keeps_the_place() -> None:
    machine = asked()
    steps = run(machine, *(Seen(1.6 + t / 10, FaceHint.TOO_FAR, "open", BOX) for t in range(14)))
    assert steps[-1].hint is FaceHint.TOO_FAR
    assert machine.phase is Phase.OPEN
