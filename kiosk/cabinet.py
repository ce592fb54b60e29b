"""The devices in the cabinet: which driver over which line, as the settings say, and the simulators behind those that have none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from config.settings import Settings, SettingsError
from kiosk.care.socket import Socket, plugged
from kiosk.ports.bench import VirtualDevice
from kiosk.ports.controls import IoBoard, NavPad, SignaturePad
from kiosk.ports.devices import Camera, Device, FaceCapturer, FaceMatcher, IdCardReader, QrScanner, ReceiptPrinter
from kiosk.ports.documents import DocumentPrinter
from kiosk.ports.permit import PermitReader, PermitUnit
from kiosk.ports.photo import PhotoStudio
from kiosk.ports.platform import PolicePlatform
from kiosk.ports.recorder import Recorder

if TYPE_CHECKING:
    from config.io_board import IoTable
    from config.scenarios import Scenario
    from drivers.registry import Registry


@dataclass(frozen=True, slots=True)
class Devices:
    """The opened drivers, and the simulators behind those that are simulated."""

    id_card: IdCardReader
    faces: FaceCapturer
    matcher: FaceMatcher | None
    printer: ReceiptPrinter
    scanner: QrScanner
    by_name: Mapping[str, Device]
    virtual: Mapping[str, VirtualDevice]
    permit_unit: PermitUnit | None = None
    permit_reader: PermitReader | None = None
    """Both or none: what a machine that writes endorsements has besides."""
    document_printer: DocumentPrinter | None = None
    """The A4 printer; None: this machine prints no application forms."""
    studio: PhotoStudio | None = None
    """None where the settings say that this machine takes no photos for the form."""
    nav_pad: NavPad | None = None
    io_board: IoBoard | None = None
    signature_pad: SignaturePad | None = None
    """A pad with a pen; None: citizens sign on the touch screen, which the page does by itself."""
    recorder: Recorder | None = None
    """Films the signing; None: this machine has no microphone."""


def build_devices(
    settings: Settings,
    police: PolicePlatform | None = None,
    scenarios: Sequence[Scenario] = (),
    registry: Registry | None = None,
) -> Devices:
    """The drivers the settings name, not opened yet. Raises SettingsError for an URL that makes no sense.

    `registry`: where drivers come from; None: those of the house and of installed packages.
    """
    from drivers import camera as cameras
    from drivers.camera.capture import CaptureSettings
    from drivers.camera.simulator import CameraSimulator
    from drivers.id_card.simulator import SamvSimulator
    from drivers.qr_scanner.simulator import ScanEngineSimulator
    from drivers.receipt_printer.simulator import EscposSimulator
    from drivers.registry import Registry

    registry = registry or Registry()
    wanted = settings.devices
    virtual: dict[str, Any] = {}
    if wanted.id_card.startswith("samv+sim:"):
        virtual["id_card"] = SamvSimulator({scenario.name: card_of(scenario) for scenario in scenarios})
    if wanted.camera.startswith("sim:"):
        virtual["camera"] = CameraSimulator(_before_camera(settings))
    if wanted.receipt_printer.startswith("escpos+sim:"):
        virtual["receipt_printer"] = EscposSimulator(columns=wanted.printer_columns)
    if wanted.qr_scanner.startswith("sim:"):
        virtual["qr_scanner"] = ScanEngineSimulator()
    try:
        reader = _socket(
            registry.connect("id_card", wanted.id_card, decoder=wanted.photo_decoder, simulator=virtual.get("id_card"))
        )
        camera = cast(Camera, _socket(registry.connect("camera", wanted.camera, simulator=virtual.get("camera"))))
        printer = _socket(
            registry.connect(
                "receipt_printer",
                wanted.receipt_printer,
                simulator=virtual.get("receipt_printer"),
                columns=wanted.printer_columns,
            )
        )
        scanner = _socket(
            registry.connect("qr_scanner", wanted.qr_scanner, camera=camera, simulator=virtual.get("qr_scanner"))
        )
    except ValueError as error:
        raise SettingsError(f"devices: {error}") from None
    faces = cameras.make_capturer(
        camera, CaptureSettings(blink=settings.face.blink), yunet_model=settings.face.yunet_model
    )
    by_name: dict[str, Device] = {
        "id_card": reader,
        "camera": camera,
        "qr_scanner": scanner,
        "receipt_printer": printer,
    }
    permits = _permit_devices(settings, virtual, registry)
    by_name.update(permits)
    documents = _document_printer(settings, virtual, registry)
    if documents is not None:
        by_name["document_printer"] = documents
    by_name.update(_small_parts(settings, virtual, registry))
    by_name.update(_recorder(settings, virtual, registry, camera))
    return Devices(
        id_card=cast(IdCardReader, reader),
        faces=faces,
        matcher=_matcher(settings, police),
        printer=cast(ReceiptPrinter, printer),
        scanner=cast(QrScanner, scanner),
        by_name=by_name,
        virtual=virtual,
        document_printer=documents,
        studio=_studio(settings, camera),
        nav_pad=cast("NavPad | None", by_name.get("nav_pad")),
        io_board=cast("IoBoard | None", by_name.get("io_board")),
        signature_pad=cast("SignaturePad | None", by_name.get("signature_pad")),
        recorder=cast("Recorder | None", by_name.get("recorder")),
        **permits,
    )


SIMULATED: Mapping[str, str] = {
    "id_card": "samv+sim:",
    "camera": "sim:",
    "qr_scanner": "sim:",
    "receipt_printer": "escpos+sim:",
    "permit_unit": "cardunit+sim:",
    "permit_reader": "icao+sim:",
    "document_printer": "cups+sim:",
    "nav_pad": "evdev+sim:",
    "io_board": "modbus+sim:",
    "ups": "nut+sim:",
    "signature_pad": "stu+sim:",
    "recorder": "sim:",
}
"""The URL of each kind's simulator."""


def stand_in_for(settings: Settings, kind: str) -> tuple[Device, VirtualDevice]:
    """The kind's usual driver on a simulator's line, and the simulator: for a technician who tries something without the device.

    Raises KeyError for a kind that has no simulator.
    """
    urls = {**settings.devices.model_dump(), kind: SIMULATED[kind]}
    made = build_devices(settings.model_copy(update={"devices": type(settings.devices)(**urls)}))
    return plugged(made.by_name[kind]), made.virtual[kind]


def _socket(device: Device) -> Device:
    """Everybody who is given the device keeps hold of its place, so that the driver can be exchanged."""
    return cast(Device, Socket(device))


def _permit_devices(settings: Settings, virtual: dict[str, Any], registry: Registry) -> dict[str, Any]:
    """The card unit and the reader of the chip inside it, where the machine has them. Where both are simulated the card that the
    unit draws in lies before the reader."""
    wanted = settings.devices
    if not wanted.permit_unit:
        return {}
    from drivers.permit_reader.simulator import PermitChipSimulator
    from drivers.permit_unit.simulator import PermitUnitSimulator

    chip = PermitChipSimulator() if wanted.permit_reader.startswith("icao+sim:") else None
    unit = None
    if wanted.permit_unit.startswith("cardunit+sim:"):
        unit = PermitUnitSimulator(on_chip=chip.hold if chip is not None else None)
    virtual.update({name: each for name, each in (("permit_unit", unit), ("permit_reader", chip)) if each is not None})
    try:
        return {
            "permit_unit": _socket(registry.connect("permit_unit", wanted.permit_unit, simulator=unit)),
            "permit_reader": _socket(registry.connect("permit_reader", wanted.permit_reader, simulator=chip)),
        }
    except ValueError as error:
        raise SettingsError(f"devices: {error}") from None


def _small_parts(settings: Settings, virtual: dict[str, Any], registry: Registry) -> dict[str, Device]:
    """The tactile pad, the board of lights and sensors, the power supply, the signature pad: each where the machine has it."""
    wanted, found = settings.devices, dict[str, Device]()
    urls = {"nav_pad": wanted.nav_pad, "io_board": wanted.io_board, "ups": wanted.ups}
    urls["signature_pad"] = "" if wanted.signature_pad == "touch:" else wanted.signature_pad
    table = settings.io_board if settings.io_board.lights or settings.io_board.inputs else None
    for kind, url in urls.items():
        if not url:
            continue
        if url.startswith(SIMULATED[kind]):
            virtual[kind] = _small_simulator(kind, table)
        context = {"table": table} if kind == "io_board" else {}
        try:
            found[kind] = _socket(registry.connect(kind, url, simulator=virtual.get(kind), **context))
        except ValueError as error:
            raise SettingsError(f"devices: {error}") from None
    return found


def _recorder(settings: Settings, virtual: dict[str, Any], registry: Registry, camera: Camera) -> dict[str, Device]:
    """What films the signing: a microphone of its own, and the camera that is there for the face."""
    url = settings.devices.recorder
    if not url:
        return {}
    from drivers.recorder.vault import Vault
    from kiosk.ledger.cipher import load_key

    if url.startswith("sim:"):
        from drivers.recorder.simulator import MicrophoneSimulator

        virtual["recorder"] = MicrophoneSimulator()
    wanted, key_file = settings.signing, settings.ledger.key_file
    vault = Vault(
        wanted.folder,
        lambda: load_key(key_file, create=False),
        keep_days=wanted.keep_days,
        most_bytes=wanted.most_mb * 1024 * 1024,
    )
    try:
        made = registry.connect("recorder", url, camera=camera, vault=vault, simulator=virtual.get("recorder"))
    except ValueError as error:
        raise SettingsError(f"devices: {error}") from None
    return {"recorder": _socket(made)}


def _small_simulator(kind: str, table: IoTable | None) -> VirtualDevice:
    if kind == "nav_pad":
        from drivers.nav_pad.simulator import PadSimulator

        return PadSimulator()
    if kind == "io_board":
        from drivers.io_board.simulator import BoardSimulator

        return BoardSimulator(table)
    if kind == "signature_pad":
        from drivers.signature_pad.simulator import StuSimulator

        return StuSimulator()
    from drivers.ups.simulator import UpsdSimulator

    return UpsdSimulator()


def _document_printer(settings: Settings, virtual: dict[str, Any], registry: Registry) -> DocumentPrinter | None:
    url = settings.devices.document_printer
    if not url:
        return None
    if url.startswith("cups+sim:"):
        from drivers.document_printer.simulator import IppSimulator

        virtual["document_printer"] = IppSimulator()
    try:
        printer = registry.connect("document_printer", url, simulator=virtual.get("document_printer"))
        return cast(DocumentPrinter, _socket(printer))
    except ValueError as error:
        raise SettingsError(f"devices: {error}") from None


def _studio(settings: Settings, camera: Camera) -> PhotoStudio | None:
    if not settings.form.photo:
        return None
    from drivers import id_photo

    return id_photo.make_studio(camera, yunet_model=settings.face.yunet_model, profiles=settings.form.photo_folder())


def _before_camera(settings: Settings) -> Mapping[str, Any]:
    """What a simulated camera sees besides people: a machine that takes photos for the form has a white panel behind the citizen."""
    return {"backdrop": "white"} if settings.devices.document_printer and settings.form.photo else {}


def _matcher(settings: Settings, police: PolicePlatform | None) -> FaceMatcher | None:
    from kiosk.journeys.identify import PlatformMatcher

    match settings.face.matcher:
        case "platform":
            return PlatformMatcher(police) if police is not None else None
        case "sface":
            from drivers.camera.match import SfaceMatcher

            if settings.face.sface_model is None or settings.face.yunet_model is None:
                raise SettingsError(
                    "face: matcher = 'sface' needs sface_model and yunet_model, the paths of both files."
                )
            return SfaceMatcher(settings.face.sface_model, settings.face.yunet_model, settings.face.threshold)
        case "simulated":
            from drivers.camera.match import SimulatedMatcher

            return SimulatedMatcher()
        case "staff":
            return None


def card_of(scenario: Scenario) -> dict[str, Any]:
    """A scenario's person as the simulated card holds it."""
    person = scenario.person
    return {
        "name": person.name,
        "sex": person.sex,
        "nation": person.nation,
        "birth": f"{person.birth:%Y%m%d}",
        "address": person.address,
        "number": person.number,
        "issuer": person.issuer,
        "from": f"{person.valid_from:%Y%m%d}",
        "to": f"{person.valid_to:%Y%m%d}" if person.valid_to else "长期",
        "kind": person.kind,
        "face_seed": person.face_seed,
        "pass_number": person.pass_number,
        "issue_count": person.issue_count,
        "name_latin": person.name_latin,
        "nationality": person.nationality,
    }
