"""Which drivers there are: those of the house, and those that other makers have installed under the entry point group `onetrip.drivers`.

An entry point's name is the word before the plus in the URLs of its driver; it leads to a `DriverKind`, or to a function without arguments
that makes one:

    [project.entry-points."onetrip.drivers"]
    acme = "acme_reader:driver"                 # acme+serial:///dev/ttyS1, acme+tcp://10.0.0.8:7001

Nothing is imported before it is asked for, and a package that is broken is told in one sentence and stops nobody else.
docs/drivers.md has the whole example.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

import structlog

from config.sections import DRIVER_GROUP, SCHEMES
from drivers.transport.url import LineWrapper, lines_through
from kiosk.domain.errors import DeviceError
from kiosk.ports.controls import IoBoard, NavPad, SignaturePad, Ups
from kiosk.ports.devices import Camera, Device, IdCardReader, QrScanner, ReceiptPrinter
from kiosk.ports.documents import DocumentPrinter
from kiosk.ports.permit import PermitReader, PermitUnit
from kiosk.ports.recorder import Recorder

if TYPE_CHECKING:
    from drivers.transport.tape import Masker

log = structlog.get_logger(__name__)

PORTS: Mapping[str, type] = {
    "id_card": IdCardReader,
    "camera": Camera,
    "qr_scanner": QrScanner,
    "receipt_printer": ReceiptPrinter,
    "permit_unit": PermitUnit,
    "permit_reader": PermitReader,
    "document_printer": DocumentPrinter,
    "nav_pad": NavPad,
    "io_board": IoBoard,
    "ups": Ups,
    "signature_pad": SignaturePad,
    "recorder": Recorder,
}
"""Kinds of device, and what a driver of each must be able to do."""
BUILT_IN = "built in"
OWN_WORDS = frozenset(scheme.partition("+")[0] for schemes in SCHEMES.values() for scheme in schemes)
"""Names that no other driver may take."""


class DriverTrouble(ValueError):
    """No driver for this URL, or one that cannot be used; one sentence."""


@dataclass(frozen=True, slots=True)
class DriverKind:
    """What a driver's maker tells about it.

    `connect(url, **context)` gives the device, not opened yet, and raises ValueError with one sentence for a URL that makes no sense. It
    takes the whole URL and may ignore any of the context: `camera` (the machine's own, for qr_scanner and recorder), `columns`
    (receipt_printer), `decoder` (id_card), `vault` (recorder: where recordings are kept), `simulator` (None but for the house's own).
    Its lines should come from `drivers.transport.url.open_transport`.
    """

    kind: str
    """A key of `PORTS`."""
    schemes: tuple[str, ...]
    """acme+serial, acme+tcp …: the entry point's name, alone or with a line."""
    connect: Callable[..., Device]
    about: str = ""
    """One line for people: which machines these are."""
    masker: Callable[[], Masker] | None = None
    """Without one no session of this driver can be recorded."""


@dataclass(frozen=True, slots=True)
class Found:
    """A driver, or why there is none. `kind` is empty where that cannot be told."""

    name: str
    source: str
    """`built in`, or the package and its version."""
    driver: DriverKind | None = None
    trouble: str = ""


class Registry:
    """Finds drivers by kind and URL. `lines`: what the lines of a kind's driver go through (a recorder), by kind."""

    def __init__(
        self,
        installed: Callable[[], Iterable[EntryPoint]] | None = None,
        lines: Mapping[str, LineWrapper] | None = None,
    ) -> None:
        self._installed = installed or (lambda: entry_points(group=DRIVER_GROUP))
        self._lines = dict(lines or {})

    def connect(self, kind: str, url: str, **context: object) -> Device:
        """The device behind a settings URL, not opened yet. Raises DriverTrouble, or the driver's own ValueError."""
        found = self.find(kind, url)
        wrap = self._lines.get(kind)
        with lines_through(wrap) if wrap is not None else nullcontext():
            if found.source == BUILT_IN:
                try:
                    return found.driver.connect(url, **context)
                except DeviceError as error:
                    raise DriverTrouble(error.hint) from error
            return self._foreign(found.source, found.driver, url, context)

    def masker(self, kind: str, url: str) -> Masker | None:
        """What keeps personal data off a tape of this driver's line; None: nothing does, or there is no such line."""
        made = self.find(kind, url).driver.masker
        return made() if made is not None else None

    def find(self, kind: str, url: str) -> Usable:
        """Raises DriverTrouble."""
        scheme = url.partition(":")[0].lower()
        name = scheme.partition("+")[0]
        own = _built_in(kind)
        if scheme in own.schemes or name in OWN_WORDS:
            return Usable(BUILT_IN, own)  # whose own `connect` says what is wrong with the rest
        for point in self._points():
            if point.name.lower() == name:
                found = self._load(point)
                if found.driver is None:
                    raise DriverTrouble(found.trouble)
                if found.driver.kind != kind:
                    raise DriverTrouble(f"{url!r} is a driver of a {found.driver.kind}, not of a {kind}.")
                return Usable(found.source, found.driver)
        raise DriverTrouble(f"{url!r}: no driver {name!r} is installed; see `kiosk drivers`.")

    def all(self) -> tuple[Found, ...]:
        """Every driver there is, those of the house first, and every package that was meant to be one."""
        own = [Found(kind, BUILT_IN, _built_in(kind)) for kind in PORTS]
        return (*own, *(self._load(point) for point in self._points()))

    def _points(self) -> list[EntryPoint]:
        return sorted(self._installed(), key=lambda point: (point.name, _source(point)))

    def _load(self, point: EntryPoint) -> Found:
        source, name = _source(point), point.name
        if name.lower() in OWN_WORDS:
            return Found(name, source, trouble=f"{source} calls its driver {name!r}, which is a word of this program.")
        rivals = {_source(each) for each in self._points() if each.name.lower() == name.lower()}
        if len(rivals) > 1:
            return Found(name, source, trouble=f"{' and '.join(sorted(rivals))} both bring a driver {name!r}.")
        try:
            told = point.load()
            driver = told if isinstance(told, DriverKind) else told()
        except Exception as error:  # whatever another maker's package does wrong stays its own trouble
            log.warning("driver_package_broken", driver=name, source=source, exc_info=error)
            said = f"{type(error).__name__}: {error}".splitlines()[0]
            return Found(name, source, trouble=f"The driver {name!r} of {source} cannot be loaded: {said}.")
        trouble = _unfit(name, driver)
        return Found(
            name, source, None if trouble else driver, trouble and f"The driver {name!r} of {source} {trouble}."
        )

    def _foreign(self, source: str, driver: DriverKind, url: str, context: Mapping[str, object]) -> Device:
        try:
            device = driver.connect(url, **context)
        except (ValueError, DeviceError) as error:
            raise DriverTrouble(str(error)) from error
        except Exception as error:
            log.warning("driver_package_broken", driver=url.partition("+")[0], source=source, exc_info=error)
            raise DriverTrouble(
                f"The driver of {source} failed at {url!r}: {type(error).__name__}: {error}."
            ) from error
        missing = [name for name in _abilities(driver.kind) if not hasattr(device, name)]
        if missing:
            raise DriverTrouble(f"What {source} gave for {url!r} is no {driver.kind}: it lacks {', '.join(missing)}.")
        if device.device_id != driver.kind:
            raise DriverTrouble(
                f"What {source} gave for {url!r} calls itself {device.device_id!r}, not {driver.kind!r}."
            )
        return device


@dataclass(frozen=True, slots=True)
class Usable:
    """A driver that is there."""

    source: str
    driver: DriverKind


def _source(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else point.value.partition(":")[0]


def _unfit(name: str, driver: object) -> str:
    """What is wrong with a maker's description; empty: nothing."""
    if not isinstance(driver, DriverKind):
        return "is no DriverKind"
    if driver.kind not in PORTS:
        return f"is of a kind {driver.kind!r} that this program does not know; it knows {', '.join(PORTS)}"
    strange = [each for each in driver.schemes if each.partition("+")[0].lower() != name.lower()]
    if strange or not driver.schemes:
        return f"must have schemes that begin with {name!r}"
    if not callable(driver.connect):
        return "has nothing to connect with"
    return ""


def _abilities(kind: str) -> list[str]:
    """The names of a port, those of `Device` with it."""
    return sorted(name for name in dir(PORTS[kind]) if not name.startswith("_"))


# --- the drivers of the house -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Own:
    """A kind's package `drivers.KIND` has a `connect`; `masker` is a class in its module `mask`, where a session can be recorded."""

    about: str
    masker: str = ""


_OWN: Mapping[str, _Own] = {
    "id_card": _Own("ID card readers with a SAM_V module (GA/T 467)", "SamvMasker"),
    "camera": _Own("UVC cameras, pictures and films"),
    "qr_scanner": _Own("scan engines (plain, Newland, Honeywell), and the camera as one", "EngineMasker"),
    "receipt_printer": _Own("ESC/POS printers", "EscposMasker"),
    "permit_unit": _Own("motor card units (docs/permit-unit-protocol.md)", "PermitUnitMasker"),
    "permit_reader": _Own("PC/SC readers, chips of ICAO 9303"),
    "document_printer": _Own("A4 printers behind CUPS"),
    "nav_pad": _Own("tactile keypads with a headphone jack"),
    "io_board": _Own("boards of relays and inputs, Modbus RTU", "BoardMasker"),
    "ups": _Own("power supplies behind Network UPS Tools"),
    "signature_pad": _Own("the touch screen, or a pad with a pen"),
    "recorder": _Own("sound and picture of the signing: a microphone, and the camera"),
}


def _built_in(kind: str) -> DriverKind:
    """Raises DriverTrouble for a kind that does not exist. Imports nothing."""
    own = _OWN.get(kind)
    if own is None:
        raise DriverTrouble(f"There is no kind of device {kind!r}; there are {', '.join(PORTS)}.")

    def connect(url: str, **context: object) -> Device:
        device: Device = import_module(f"drivers.{kind}").connect(url, **context)
        return device

    def masker() -> Masker:
        made: Masker = getattr(import_module(f"drivers.{kind}.mask"), own.masker)()
        return made

    return DriverKind(kind, SCHEMES[kind], connect, own.about, masker if own.masker else None)
