"""Drivers of other makers: found by entry point, loaded when asked for, and no trouble to anybody when they are broken."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from config.sections import SCHEMES, Devices
from config.settings import SettingsError, load
from drivers.id_card.reader import SamvReader
from drivers.registry import BUILT_IN, PORTS, DriverKind, DriverTrouble, Registry
from drivers.transport.memory import MemoryLine
from kiosk.cabinet import build_devices
from kiosk.domain.errors import DeviceError
from kiosk.verbs.drivers import listed

GOOD = """
from drivers.registry import DriverKind
from drivers.id_card.photo import NoDecoder

class Reader:
    device_id, driver, simulated, capabilities = "id_card", "acme+tcp", False, {}
    open = close = status = check = wait_card = present = wait_removed = None

def connect(url, **context):
    connect.context = context
    if "bad" in url:
        raise ValueError(f"{url!r} is no reader.")
    return Reader()

def driver():
    return DriverKind("id_card", ("acme+tcp", "acme+serial"), connect, "ACME readers")
"""
HALF = """
from drivers.registry import DriverKind
class Half:
    device_id = "id_card"
driver = DriverKind("id_card", ("half",), lambda url, **context: Half())
"""
KINDS = {
    "strange": "from drivers.registry import DriverKind\ndriver = DriverKind('toaster', ('strange',), print)",
    "misnamed": "from drivers.registry import DriverKind\ndriver = DriverKind('id_card', ('other+tcp',), print)",
    "nothing": "driver = lambda: None",
    "broken": "raise RuntimeError('no licence\\nfor this machine')",
    "absent": "import a_library_nobody_has",
}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of packages on the path, as `pip install` leaves them."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("made_"):
            del sys.modules[name]


def install(folder: Path, name: str, code: str, *, version: str = "1.0", package: str = "") -> None:
    package = package or f"made-{name}"
    module = package.replace("-", "_")
    (folder / f"{module}.py").write_text(code)
    info = folder / f"{module}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[onetrip.drivers]\n{name} = {module}:driver\n")


def test_the_house_has_a_driver_of_every_kind_and_loads_none_to_say_so() -> None:
    found = Registry(list).all()
    assert [each.name for each in found] == list(PORTS) == list(SCHEMES)
    assert all(each.source == BUILT_IN and each.driver is not None for each in found)
    assert {each.name: each.driver.schemes for each in found if each.driver} == dict(SCHEMES)


def test_the_house_connects_by_scheme() -> None:
    from drivers.id_card.simulator import SamvSimulator

    device = Registry(list).connect("id_card", "samv+sim:", simulator=SamvSimulator(), decoder="none")
    assert isinstance(device, SamvReader)
    with pytest.raises(ValueError, match="needs a full path"):
        Registry(list).connect("id_card", "samv+serial:ttyS1")
    with pytest.raises(DriverTrouble, match="no driver 'acme' is installed"):
        Registry(list).connect("id_card", "acme+tcp://127.0.0.1:1")
    with pytest.raises(DriverTrouble, match="no kind of device 'toaster'"):
        Registry(list).connect("toaster", "samv+sim:")
    with pytest.raises(DriverTrouble, match="no camera driver"):
        Registry(list).connect("camera", "tcp://127.0.0.1:1")


def test_another_maker_s_driver_is_found_by_its_name(installed: Path) -> None:
    install(installed, "acme", GOOD, version="2.1")
    registry = Registry()
    assert "made_acme" not in sys.modules
    device = registry.connect("id_card", "acme+tcp://127.0.0.1:1", decoder="sim")
    assert device.driver == "acme+tcp"
    assert sys.modules["made_acme"].connect.context == {"decoder": "sim"}  # what concerns it comes along
    (mine,) = [each for each in registry.all() if each.name == "acme"]
    assert (mine.source, mine.trouble) == ("made-acme 2.1", "")
    with pytest.raises(DriverTrouble, match="is a driver of a id_card, not of a camera"):
        registry.connect("camera", "acme+tcp://127.0.0.1:1")
    with pytest.raises(DriverTrouble, match=r"^'acme\+tcp://bad' is no reader\.$"):
        registry.connect("id_card", "acme+tcp://bad")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("strange", "is of a kind 'toaster' that this program does not know"),
        ("misnamed", "must have schemes that begin with 'misnamed'"),
        ("nothing", "is no DriverKind"),
        ("broken", "cannot be loaded: RuntimeError: no licence."),
        ("absent", "cannot be loaded: ModuleNotFoundError: No module named 'a_library_nobody_has'."),
    ],
)
def test_a_broken_package_is_one_sentence_and_stops_nobody(installed: Path, name: str, sentence: str) -> None:
    install(installed, name, KINDS[name])
    install(installed, "acme", GOOD)
    registry = Registry()
    (broken,) = [each for each in registry.all() if each.name == name]
    assert broken.driver is None
    assert sentence in broken.trouble
    assert broken.trouble.count("\n") == 0
    assert registry.connect("id_card", "acme+tcp:").driver == "acme+tcp"
    with pytest.raises(DriverTrouble, match="made-"):
        registry.connect("id_card", f"{name}+tcp://127.0.0.1:1")
    report = listed(registry)
    assert not report.good
    assert sentence in report.text


def test_a_device_that_can_do_too_little_is_refused(installed: Path) -> None:
    install(installed, "half", HALF)
    with pytest.raises(DriverTrouble, match="is no id_card: it lacks capabilities, check, close, driver"):
        Registry().connect("id_card", "half:")


def test_a_name_is_nobody_else_s(installed: Path) -> None:
    install(installed, "samv", GOOD.replace("acme", "samv"))
    install(installed, "acme", GOOD)
    install(installed, "acme", GOOD, package="made-rival")
    sentences = [each.trouble for each in Registry().all() if each.trouble]
    assert sentences[0] == sentences[1] == "made-acme 1.0 and made-rival 1.0 both bring a driver 'acme'."
    assert "which is a word of this program" in sentences[2]
    assert Registry().find("id_card", "samv+sim:").source == BUILT_IN
    with pytest.raises(DriverTrouble, match="both bring a driver"):
        Registry().connect("id_card", "acme+tcp:")


def test_the_settings_know_an_installed_name_without_loading_it(installed: Path) -> None:
    with pytest.raises(ValueError, match="use one of"):
        Devices(id_card="acme+serial:///dev/ttyS1")
    install(installed, "acme", GOOD)
    devices = Devices(id_card="acme+serial:///dev/ttyS1")
    assert "id_card" not in devices.simulated()
    assert "made_acme" not in sys.modules
    with pytest.raises(ValueError, match="use one of"):
        Devices(id_card="acme")


def test_a_tape_counts_as_simulated() -> None:
    assert "id_card" in Devices(id_card="samv+replay:///tmp/x.tape").simulated()
    assert "qr_scanner" in Devices(qr_scanner="replay:///tmp/x.tape").simulated()


def test_the_cabinet_takes_what_is_installed(installed: Path) -> None:
    install(installed, "acme", GOOD)
    base = load(profile="demo")
    changed: Mapping[str, object] = {**base.devices.model_dump(), "id_card": "acme+tcp://127.0.0.1:1"}
    settings = base.model_copy(update={"devices": Devices.model_validate(changed)})
    devices = build_devices(settings)
    assert devices.id_card is devices.by_name["id_card"]
    assert devices.by_name["id_card"].driver == "acme+tcp"
    assert "id_card" not in devices.virtual
    with pytest.raises(SettingsError, match=r"devices: .*no driver 'acme' is installed"):
        build_devices(settings, registry=Registry(list))


def test_a_line_of_one_kind_goes_through_what_was_asked_for() -> None:
    from drivers.id_card.simulator import SamvSimulator
    from drivers.receipt_printer.simulator import EscposSimulator

    seen: list[object] = []
    registry = Registry(list, {"id_card": lambda line: seen.append(line) or line})
    registry.connect("receipt_printer", "escpos+sim:", simulator=EscposSimulator())
    assert not seen
    registry.connect("id_card", "samv+sim:", simulator=SamvSimulator())
    assert [type(line) for line in seen] == [MemoryLine]


def test_a_driver_that_fails_in_its_own_way_is_a_sentence(installed: Path) -> None:
    def fail(url: str, **context: object) -> SamvReader:
        raise KeyError("model")

    install(
        installed, "acme", "from drivers.registry import DriverKind\ndriver = DriverKind('id_card', ('acme',), None)"
    )
    with pytest.raises(DriverTrouble, match="has nothing to connect with"):
        Registry().connect("id_card", "acme:")
    point = EntryPoint("odd", "made_odd:driver", "onetrip.drivers")
    sys.modules["made_odd"] = type(sys)("made_odd")
    sys.modules["made_odd"].driver = DriverKind("id_card", ("odd",), fail)  # type: ignore[attr-defined]
    with pytest.raises(DriverTrouble, match="The driver of made_odd failed at 'odd:': KeyError: 'model'"):
        Registry(lambda: [point]).connect("id_card", "odd:")
    del sys.modules["made_odd"]


def test_a_device_error_while_connecting_is_a_sentence_too(installed: Path) -> None:
    install(
        installed,
        "acme",
        "from drivers.registry import DriverKind\n"
        "from kiosk.domain.errors import DeviceError, ErrorKind\n"
        "def connect(url, **context):\n"
        "    raise DeviceError(ErrorKind.CONFIG, 'id_card', 'No model named.')\n"
        "driver = DriverKind('id_card', ('acme',), connect)",
    )
    with pytest.raises(DriverTrouble) as caught:
        Registry().connect("id_card", "acme:")
    assert isinstance(caught.value.__cause__, DeviceError)
    assert "No model named." in str(caught.value)
