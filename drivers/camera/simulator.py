"""The simulated camera: what stands in front of the lens, and what is wrong with it. Commands work while it runs.

It replaces the frame source only: the frames are drawn by the same worker process, pass through the same shared memory
and are judged by the same driver as those of a real camera.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from drivers.camera.simfaults import FAULTS, WORKERS, Armed, arm, dump, next_change, out_of_plug

__all__ = ["FAULTS", "CameraSimulator"]

Send = Callable[[dict[str, Any]], None]

_LIMITS: Mapping[str, tuple[float, float]] = {
    "faces": (0, 5),
    "seed": (0, 2**31 - 1),
    "distance": (0.3, 8),
    "yaw": (-60, 60),
    "roll": (-60, 60),
    "offset_x": (-1, 1),
    "offset_y": (-1, 1),
    "light": (0, 10),
    "side_light": (-1, 1),
    "blur": (0, 60),
    "noise": (0, 60),
    "noise_seed": (0, 2**31 - 1),
    "backdrop_slope": (-1, 1),
    "backdrop_shadow": (0, 1),
}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "eyes": ("open", "closed"),
    "mouth": ("closed", "open", "masked"),
    "backdrop": ("hall", "white", "light_grey", "light_blue", "dark", "red"),
}
_WHOLE = frozenset({"faces", "seed", "noise_seed"})


class CameraSimulator:
    """A `VirtualDevice`. Verbs: scene (any fields of `faces.Scene`, plus `blinking`), blink, fault, faults, clear, unplug, plug, reset.

    `room`: fields of the scene that belong to where the camera stands (`{"backdrop": "white"}`); `reset` brings them back.
    Raises ValueError for a scene that cannot be.
    """

    kind = "camera"

    def __init__(self, room: Mapping[str, Any] | None = None) -> None:
        self._listeners: list[Callable[[], None]] = []
        self._lines: list[Send] = []
        self._room = dict(room or {})
        self._scene: dict[str, Any] = {}
        self._blinking = True
        self._set_scene(self._room)
        self._blink_at = -1e9
        self._faults: dict[str, Armed] = {}
        self._armings = 0

    def control(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out one command. Raises ValueError with a sentence when it makes no sense.

        `{"do": "scene", "seed": 7, "distance": 1.6}` changes the fields named; `{"do": "blink"}`;
        `{"do": "fault", "id": "CAM.STALL", "seconds": 5}` (without seconds: until cleared); `{"do": "clear"}` ends all
        faults, with "id" one of them; `{"do": "reset"}` starts over with the first person, before what is always there;
        `{"do": "unplug"}` and `{"do": "plug"}` are the fault CAM.UNPLUG and its end.
        """
        match command.get("do"):
            case "scene":
                self._set_scene({key: value for key, value in command.items() if key != "do"})
            case "blink":
                self._blink_at = time.monotonic()
            case "fault":
                self._set_fault(command)
            case "unplug":
                self._set_fault({"id": "CAM.UNPLUG"})
            case "plug":
                self._clear("CAM.UNPLUG")
                self._clear("CAM.FLAP")
            case "faults":
                return {"ok": True, "faults": dict(FAULTS)}
            case "clear":
                self._clear(command.get("id"))
            case "reset":
                self._scene, self._blinking = {}, True
                self._set_scene(self._room)
                self._clear(None)
            case "state":
                return self.state()
            case other:
                raise ValueError(
                    f"a camera cannot {other!r}; it knows scene, blink, fault, faults, clear, unplug, plug, reset, state"
                )
        self._push()
        self.changed()
        return self.state()

    def state(self) -> dict[str, Any]:
        """What a person would see now."""
        now = time.monotonic()
        return {
            "kind": self.kind,
            "scene": dict(self._scene),
            "blinking": self._blinking,
            "faults": sorted(name for name, one in self._faults.items() if one.lasts(now)),
            "watched": bool(self._lines),
            "plugged": self.plugged,
        }

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def changed(self) -> None:
        for callback in tuple(self._listeners):
            callback()

    @property
    def plugged(self) -> bool:
        return not out_of_plug(self._faults, time.monotonic())

    async def wait_plugged(self) -> None:
        await self._wait_plug(there=True)

    async def wait_unplugged(self) -> None:
        await self._wait_plug(there=False)

    async def _wait_plug(self, *, there: bool) -> None:
        news = asyncio.Event()
        stop = self.listen(news.set)
        try:
            while self.plugged is not there:
                now = time.monotonic()
                at = next_change(self._faults, now)
                news.clear()
                try:
                    async with asyncio.timeout(None if at is None else max(0.0, at - now) + 0.01):
                        await news.wait()
                except TimeoutError:
                    continue  # the plug moves by the clock: look again
        finally:
            stop()

    def attach(self, send: Send) -> Callable[[], None]:
        """A worker begins to draw for us; returns what to call when it has ended."""
        self._lines.append(send)
        self._push(send)
        self._spend()

        def detach() -> None:
            if send in self._lines:
                self._lines.remove(send)
                self.changed()

        self.changed()
        return detach

    def _set_scene(self, fields: dict[str, Any]) -> None:
        checked: dict[str, Any] = {}
        for key, value in fields.items():
            if key in ("covered", "blinking"):
                if not isinstance(value, bool):
                    raise ValueError(f"{key} is true or false")
            elif key in _CHOICES:
                if value not in _CHOICES[key]:
                    raise ValueError(f"{key}: one of {', '.join(_CHOICES[key])}")
            elif key in _LIMITS:
                value = _number(key, value)
            else:
                raise ValueError(
                    f"a scene has no {key!r}; it has {', '.join((*_CHOICES, 'covered', 'blinking', *_LIMITS))}"
                )
            checked[key] = value
        self._blinking = bool(checked.pop("blinking", self._blinking))
        self._scene |= checked

    def _set_fault(self, command: Mapping[str, Any]) -> None:
        name, armed = arm(command, self._armings + 1)
        self._armings += 1
        self._faults[name] = armed

    def _clear(self, name: object) -> None:
        if name is None:
            self._faults.clear()
        elif name in FAULTS:
            self._faults.pop(str(name), None)
        else:
            raise ValueError(f"no camera fault {name!r}; known: {', '.join(FAULTS)}")

    def _push(self, only: Send | None = None) -> None:
        orders = {
            "scene": self._scene,
            "faults": dump(self._faults),
            "blink_at": self._blink_at,
            "blinking": self._blinking,
        }
        for send in [only] if only else tuple(self._lines):
            send({"do": "orders", "orders": orders})
        if only is None and self._lines:
            self._spend()

    def _spend(self) -> None:
        """A crash or hang is over with the worker that was told of it."""
        for name in WORKERS & self._faults.keys():
            one = self._faults[name]
            if one.count == 1:
                del self._faults[name]
            elif one.count is not None:
                self._faults[name] = replace(one, count=one.count - 1)


def _number(key: str, value: Any) -> float | int:
    low, high = _LIMITS[key]
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or not low <= value <= high
    ):
        raise ValueError(f"{key} is a number from {low:g} to {high:g}")
    if key in _WHOLE:
        if value != int(value):
            raise ValueError(f"{key} is a whole number")
        return int(value)
    return float(value)
