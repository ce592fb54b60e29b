"""Loudness by real processes that answer as wpctl and amixer do; brightness by files as the kernel has them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from drivers.panel import knobs
from drivers.panel.backlight import Backlight
from drivers.panel.volume import Volume
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.panel import NO_BACKLIGHT, NO_CARD, NO_TOOL

CARDS = " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n                      HDA Intel PCH at 0xa1318000 irq 128\n"
NONE = "--- no soundcards ---\n"
AMIXER = """#!/bin/sh
echo "$@" >> "$0.log"
shift
case "$1" in
  scontrols) printf "Simple mixer control 'Capture',0\\nSimple mixer control 'PCM',0\\nSimple mixer control 'Master',0\\n" ;;
  *)
    if [ "$1" = sset ]; then echo "$3" > "$0.level"; echo "$4" > "$0.mute"; fi
    level=$(cat "$0.level" 2>/dev/null || echo 45%)
    on=on; [ "$(cat "$0.mute" 2>/dev/null)" = mute ] && on=off
    cat <<END
Simple mixer control 'Master',0
  Capabilities: pvolume pswitch
  Playback channels: Front Left - Front Right
  Limits: Playback 0 - 65536
  Mono:
  Front Left: Playback 29491 [$level] [$on]
  Front Right: Playback 29491 [$level] [$on]
END
    ;;
esac
"""
WPCTL = """#!/bin/sh
case "$1" in
  get-volume)
    level=$(cat "$0.level" 2>/dev/null || echo 0.40)
    [ "$(cat "$0.mute" 2>/dev/null)" = 1 ] && echo "Volume: $level [MUTED]" || echo "Volume: $level"
    ;;
  set-volume) echo "$3" | sed 's/100%/1.00/; s/^\\([0-9][0-9]\\)%/0.\\1/; s/^\\([0-9]\\)%/0.0\\1/' > "$0.level" ;;
  set-mute) echo "$3" > "$0.mute" ;;
esac
"""
NO_SERVER = "#!/bin/sh\necho 'Could not connect to PipeWire' >&2\nexit 69\n"
HANGS = "#!/bin/sh\nexec sleep 60\n"


class Machine:
    def __init__(self, folder: Path, cards: str | None = CARDS) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.cards = folder / "cards"
        if cards is not None:
            self.cards.write_text(cards)

    def install(self, name: str, script: str) -> Path:
        file = self.bin / name
        file.write_text(script)
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
        return file

    def volume(self, within_s: float = 5.0) -> Volume:
        return Volume(path=str(self.bin), cards=self.cards, within_s=within_s)


async def refused(kind: ErrorKind, doing: object, native: str = "") -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        await doing  # type: ignore[misc]
    assert caught.value.kind is kind
    assert native in ("", caught.value.native)
    return caught.value


async def test_amixer(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    program = machine.install("amixer", AMIXER)
    volume = machine.volume()
    assert await volume.level() == 45
    assert await volume.turn(70) == 70
    assert await volume.level() == 70
    assert await volume.turn(0) == 0
    assert await volume.turn(130) == 100
    asked = (tmp_path / "bin" / "amixer.log").read_text().splitlines()
    assert "-M sget Master,0" in asked, "the control for everything, by the ear's scale"
    assert "-M sset Master,0 70% unmute" in asked
    assert "-M sset Master,0 0% mute" in asked
    program.write_text("#!/bin/sh\necho 'amixer: Unable to find simple control' >&2\nexit 1\n")
    error = await refused(ErrorKind.HARDWARE, volume.level(), "1")
    assert "Unable to find" in error.hint


async def test_wpctl_comes_first(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.install("wpctl", WPCTL)
    machine.install("amixer", "#!/bin/sh\nexit 3\n")
    volume = machine.volume()
    assert await volume.level() == 40
    assert await volume.turn(70) == 70
    assert await volume.turn(5) == 5
    assert await volume.turn(0) == 0, "muted"
    assert await volume.turn(100) == 100, "heard again"


async def test_without_a_sound_server_the_card_is_turned(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.install("wpctl", NO_SERVER)
    machine.install("amixer", AMIXER)
    assert await machine.volume().turn(30) == 30


@pytest.mark.parametrize("cards", [NONE, "", None])
async def test_no_sound_card_is_said_plainly(tmp_path: Path, cards: str | None) -> None:
    """Also where a sound server answers for a sink that goes nowhere."""
    machine = Machine(tmp_path, cards)
    machine.install("wpctl", WPCTL)
    machine.install("amixer", AMIXER)
    for doing in (machine.volume().level(), machine.volume().turn(50)):
        await refused(ErrorKind.UNSUPPORTED, doing, NO_CARD)


async def test_no_program_and_no_control(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    await refused(ErrorKind.UNSUPPORTED, machine.volume().level(), NO_TOOL)
    machine.install("amixer", "#!/bin/sh\nexit 0\n")
    await refused(ErrorKind.UNSUPPORTED, machine.volume().turn(40), NO_CARD)


@pytest.mark.parametrize("name", ["wpctl", "amixer"])
async def test_a_program_that_hangs_is_ended(tmp_path: Path, name: str) -> None:
    machine = Machine(tmp_path)
    machine.install(name, HANGS)
    await refused(ErrorKind.TIMEOUT, machine.volume(within_s=0.2).level())


async def test_a_program_that_says_nonsense(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.install("wpctl", "#!/bin/sh\nprintf '\\377\\376 Volume: loud'\n")
    await refused(ErrorKind.HARDWARE, machine.volume().level())


def screen(folder: Path, now: int = 300, most: int = 1200) -> Path:
    where = folder / "intel_backlight"
    where.mkdir(parents=True)
    (where / "brightness").write_text(f"{now}\n")
    (where / "max_brightness").write_text(f"{most}\n")
    return where


async def test_backlight(tmp_path: Path) -> None:
    where = screen(tmp_path / "backlight")
    knob = Backlight(tmp_path / "backlight")
    assert await knob.level() == 25
    assert await knob.turn(50) == 50
    assert (where / "brightness").read_text() == "600\n"
    assert await knob.turn(0) == 0
    assert (where / "brightness").read_text() == "1\n", "never quite dark"
    (where / "max_brightness").write_text("?")
    await refused(ErrorKind.HARDWARE, knob.level())


async def test_a_screen_that_cannot_be_turned(tmp_path: Path) -> None:
    await refused(ErrorKind.UNSUPPORTED, Backlight(tmp_path / "none").level(), NO_BACKLIGHT)
    (tmp_path / "empty").mkdir()
    await refused(ErrorKind.UNSUPPORTED, Backlight(tmp_path / "empty").turn(50), NO_BACKLIGHT)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
async def test_a_screen_that_others_may_turn(tmp_path: Path) -> None:
    where = screen(tmp_path / "backlight")
    (where / "brightness").chmod(0o444)
    await refused(ErrorKind.PERMISSION, Backlight(tmp_path / "backlight").turn(50))


async def test_simulated_where_devices_are() -> None:
    made = knobs(simulated=True)
    assert {name: knob.simulated for name, knob in made.items()} == {"volume": True, "brightness": True}
    assert await made["volume"].turn(140) == 100
    assert await made["volume"].level() == 100
    assert {knob.simulated for knob in knobs(simulated=False).values()} == {False}
