"""`kiosk run`: the kiosk in a window or full screen. The home screen is painted first; everything heavy comes after."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from kiosk.ports.clock import Clock, SystemClock
from kiosk.verbs.look import Look

if TYPE_CHECKING:
    from config.scenarios import Scenario
    from config.settings import Settings
    from kiosk.app import Machine
    from kiosk.diagnostics.logring import LogRing
    from kiosk.journeys.lobby import Ended
    from ui.bench.window import BenchWindow
    from ui.desk import QtDesk
    from ui.frame import KioskFrame

STARTING = "正在启动，请稍等。"
PAINT_MS = 2000
"""A window nobody can see (no compositor yet) is not waited for any longer."""
COLLECT_S = 10.0
PAD_S = 3600.0
"""The pad is listened to for ever, an hour at a time."""
PANEL = (1080, 1920)
BENCH_WIDTH = 760
FIRST = "happy_two_records"
"""Who stands before a kiosk that was started without a scenario: the ordinary case, with no fault armed."""


def choose_platform(bench: bool) -> str:
    """Where there is no display, Qt's own VNC server shows the kiosk; returns the words to tell the user, or ""."""
    if os.environ.get("QT_QPA_PLATFORM") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return ""
    port = os.environ.get("ONETRIP_VNC_PORT", "5900")
    width = PANEL[0] + (BENCH_WIDTH if bench else 0)
    os.environ["QT_QPA_PLATFORM"] = f"vnc:size={width}x{PANEL[1]}:port={port}"
    return f"No display here: connect a VNC viewer to port {port} of this machine."


def fit_display() -> None:
    """On a desktop screen lower than the kiosk's panel the program starts itself again, scaled down to fit.

    The factor is read by Qt when the application is made, so it cannot be set any later.
    """
    app = QApplication.instance()
    if (
        "QT_SCALE_FACTOR" in os.environ
        or not isinstance(app, QApplication)
        or app.platformName() in ("vnc", "offscreen")
    ):
        return
    room = app.primaryScreen().availableGeometry().height() - 60  # the window's title bar
    if room < PANEL[1]:
        os.environ["QT_SCALE_FACTOR"] = f"{max(0.3, room / PANEL[1]):.3f}"
        os.execv(sys.executable, [sys.executable, "-m", "kiosk", *sys.argv[1:]])


def build(settings: Settings | Look, clock: Clock, *, windowed: bool) -> tuple[QtDesk, KioskFrame]:
    """Application, frame and desk, with the home screen shown and its services still greyed.

    No garbage is looked for meanwhile: what is loaded and built here stays.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _build(settings, clock, windowed)
    finally:
        gc.freeze()
        gc.unfreeze()  # all of it counts as old now, so the next collection need not walk through it
        if collecting:
            gc.enable()


def _build(settings: Settings | Look, clock: Clock, windowed: bool) -> tuple[QtDesk, KioskFrame]:
    from kiosk.journeys.cards import first_home
    from ui.desk import QtDesk
    from ui.frame import KioskFrame
    from ui.theme import ThemeSource, application, dress
    from ui.widgets.bars import Brand

    look = settings if isinstance(settings, Look) else Look.of(settings)
    app = application()
    app.setQuitOnLastWindowClosed(False)  # closing a window asks the composition root; only it ends the loop
    themes = ThemeSource.for_panel(look.diagonal_in, motion=look.motion)
    dress(app, themes.theme)
    brand = Brand(look.brand, look.hall, look.machine, simulated=look.simulated, help_phone=look.help_phone)
    frame = KioskFrame(themes, clock, brand, guard_page_ms=look.guard_ms)
    if windowed:
        frame.set_closable(True)
        frame.resize(*PANEL)  # before the page comes, which is then laid out once
    desk = QtDesk(frame, themes, on_help=lambda: _log().info("staff_called"))
    desk.open(first_home(STARTING, permits=look.permits, form=look.form))
    if windowed:
        frame.show()
    else:
        frame.showFullScreen()
    return desk, frame


class FirstPaint(QObject):
    """Calls `done` once, when the page of a frame has been painted for the first time."""

    def __init__(self, frame: KioskFrame, done: Callable[[], None]) -> None:
        super().__init__(frame)
        self._done: Callable[[], None] | None = done
        if frame.page is not None:
            frame.page.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and self._done is not None:
            QTimer.singleShot(0, self._done)  # after the paint is on the screen
            self._done = None
        return False


def paint_first(frame: KioskFrame) -> None:
    """Let Qt paint the home screen before anything heavy is imported; the asyncio loop does not run yet."""
    from PySide6.QtCore import QEventLoop

    loop = QEventLoop()
    FirstPaint(frame, loop.quit)
    QTimer.singleShot(PAINT_MS, loop.quit)
    loop.exec()


def run(
    load: Callable[[], Settings],
    look: Look | None,
    *,
    windowed: bool,
    bench: bool,
    scenarios: Sequence[str],
    begin: Callable[[], LogRing | None] = lambda: None,
    config: Path | None = None,
) -> int:
    """Until somebody stops it. Returns the exit status. Raises what `load` raises.

    `look` is what the first screen shows while the settings are loaded; without it they are loaded first. `begin` is called
    before anything is logged and returns what keeps the log's last lines; `config` is the settings' file, where one was named.
    """
    if said := choose_platform(bench):
        print(said, file=sys.stderr, flush=True)
    from ui.qt_types import make_all
    from ui.theme import application

    settings = load() if look is None else None
    clock = SystemClock()
    app = application()
    if windowed or bench:
        fit_display()
    desk, frame = build(look or Look.of(settings or load()), clock, windowed=windowed or bench)
    paint_first(frame)
    make_all()
    ring = begin()
    settings = settings or load()
    import asyncio

    from qasync import QEventLoop as Loop

    with asyncio.Runner(loop_factory=lambda: Loop(app)) as runner:
        return runner.run(_serve(settings, clock, desk, frame, bench, scenarios, ring, config))


def _log() -> Any:
    """Loaded when something is to be said; the first paint comes before that."""
    import structlog

    return structlog.get_logger(__name__)


async def _serve(
    settings: Settings,
    clock: Clock,
    desk: QtDesk,
    frame: KioskFrame,
    bench: bool,
    names: Sequence[str],
    ring: LogRing | None,
    config: Path | None,
) -> int:
    import asyncio
    import signal
    from contextlib import AsyncExitStack

    from config.settings import SettingsError
    from kiosk.app import assemble, serve_citizens
    from kiosk.journeys.services import SERVICES
    from kiosk.ledger.cipher import KeyFileError
    from kiosk.ledger.store import LedgerError
    from kiosk.verbs.alone import alone_with, real_urls

    stop = asyncio.Event()
    frame.close_asked.connect(stop.set)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: loop.call_soon_threadsafe(stop.set))
    scenarios = _scenarios(settings, clock, names)
    try:
        async with AsyncExitStack() as stack:
            stack.enter_context(alone_with(real_urls(settings.devices)))
            machine = await stack.enter_async_context(
                assemble(settings, clock=clock, scenarios=scenarios, ring=ring, config=config)
            )
            window = _bench(machine, scenarios) if bench else None
            serving = asyncio.ensure_future(serve_citizens(machine, desk, SERVICES, _log_end))
            cleaning = asyncio.ensure_future(_collect_here())
            pad = asyncio.ensure_future(_follow_pad(machine, frame))
            stopping = asyncio.ensure_future(stop.wait())
            try:
                await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
                if serving.done():
                    serving.result()
            finally:
                for task in (serving, stopping, cleaning, pad):
                    task.cancel()
                await asyncio.gather(serving, stopping, cleaning, pad, return_exceptions=True)
                if window is not None:
                    window.close()
    except (LedgerError, KeyFileError, SettingsError) as error:
        _log().error("out_of_service", hint=str(error))
        print(f"kiosk: {error}", file=sys.stderr, flush=True)
        from kiosk.screens.common import OutOfService

        desk.open(OutOfService("系统维护中", elsewhere=f"请到旁边的机器或{settings.kiosk.window}办理。"))
        if not settings.simulated():
            await stop.wait()  # a hall's citizens are told; the technician reads the log
        return 1
    return 0


async def _follow_pad(machine: Machine, frame: KioskFrame) -> None:
    """Keys of the tactile pad, where the machine has one; what is wrong with it is the supervisor's matter."""
    import asyncio

    from kiosk.domain.errors import DeviceError
    from ui.pad_keys import press

    pad = machine.devices.nav_pad
    while pad is not None:
        try:
            event = await pad.event(PAD_S)
        except DeviceError:
            await machine.supervisor.changed()  # until something is different: it may be back
            continue
        if event.key is not None:
            press(frame, event.key)
        await asyncio.sleep(0)


async def _collect_here() -> None:
    """Collect garbage in Qt's thread only: left to itself, Python may do it in the ledger's, and Qt's objects must not die there."""
    import asyncio
    import gc

    gc.disable()
    try:
        while True:
            await asyncio.sleep(COLLECT_S)
            gc.collect()
    finally:
        gc.enable()


def _log_end(ended: Ended) -> None:
    _log().info("journey_ended", journey=ended.journey, outcome=ended.outcome, order=ended.order_no)


def _scenarios(settings: Settings, clock: Clock, names: Sequence[str]) -> list[Scenario]:
    if not settings.simulated():
        return []
    from config.scenarios import ScenarioError, list_scenarios, load_scenario
    from config.settings import SettingsError

    today = clock.now().date()
    try:
        wanted = names or sorted(list_scenarios("all"), key=lambda name: name != FIRST)
        return [load_scenario(name, today) for name in wanted]
    except ScenarioError as error:
        raise SettingsError(str(error)) from None


def _bench(machine: Machine, scenarios: Sequence[Scenario]) -> BenchWindow:
    from kiosk.verbs.bench import open_bench

    window = open_bench(machine.virtual, scenarios)
    window.move(PANEL[0] + 10, 0)
    return window
