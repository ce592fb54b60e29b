"""The remote sides of one journey, which outlive every kiosk process; a run under a plan; and the books compared afterwards."""

from __future__ import annotations

import json
import shutil
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

import config.scenarios
from config.scenarios import Scenario, load_scenario
from drivers.permit_unit.simulator import PermitUnitSimulator
from drivers.transport.host import serve_tcp
from kiosk.gateways.embedded import serve
from kiosk.gateways.exit_entry.simulated import SimulatedExitEntry
from kiosk.gateways.police.simulated import SimulatedPolice
from kiosk.gateways.wallet.fake import FakeFront
from kiosk.ledger.cipher import load_key
from kiosk.ports.clock import SystemClock
from kiosk.ports.wallet import TradeState
from tests.crash.conftest import Zygote, with_template
from tests.faultplan.books import agree
from tests.faultplan.paper import papers
from tests.faultplan.plan import Fault, MovedClock

log = structlog.get_logger(__name__)
KEY = b"device key of the fault plan"
SCENARIOS = Path(config.scenarios.__file__).parent / "scenarios"
PAYS = {"preset": "pays", "seconds": 0}


@dataclass(frozen=True, slots=True)
class Journey:
    """What is run under the plan. `after`: a visit (or two codes shown) comes first, without a fault, and the plan is for the start after
    it."""

    name: str
    scenario: str
    wallet: dict[str, Any]
    outcome: str
    changes: tuple[tuple[str, str], ...] = ()
    after: str = ""


STAFF = ("[citizen]", "[citizen]\nface_consent = false")
PHONE = '[citizen]\npayer_codes = ["280000000000000018"]'
JOURNEYS = {
    journey.name: journey
    for journey in (
        Journey(
            "violation", "happy_two_records", PAYS, "paid", (("looks_at_evidence = true", "face_consent = false"),)
        ),
        Journey("endorsement", "endorse_happy_both", PAYS, "endorsed", (STAFF,)),
        Journey(
            "form", "form_first_passport", PAYS, "printed", (("[form]", "[citizen]\nface_consent = false\n[form]"),)
        ),
        Journey("fine", "fine_by_number", PAYS, "paid"),
        Journey("scanned", "fine_by_number", PAYS, "paid", (("[payer]", f"{PHONE}\n[payer]"),)),
        Journey("pooled", "v_number_pool", PAYS, "paid", (("[platform]", f"{STAFF[1]}\n[platform]"),)),
        Journey("paid_twice", "happy_two_records", {"preset": "human"}, "swept", after="prepare"),
        Journey(
            "paid_too_late",
            "endorse_happy_both",
            {"preset": "never"},
            "swept",
            (("[citizen]", '[citizen]\nface_consent = false\ncancel_at = "pay"'),),
            after="visit",
        ),
    )
}


class Broken(AssertionError):
    """What was found, and after which fault."""


@dataclass
class World:
    journey: Journey
    folder: Path
    scenario: Scenario
    scenario_file: Path
    police: SimulatedPolice
    exits: SimulatedExitEntry
    wallet: FakeFront
    clock: MovedClock
    zygote: Zygote
    empty: Path
    unit: PermitUnitSimulator | None = None
    seen: dict[Fault, int] = field(default_factory=dict)

    async def counts(self) -> dict[Fault, int]:
        """At how many calls each kind of fault can come up."""
        await self.run(Fault.RAISE, 0)
        return self.seen

    async def run(self, fault: Fault, at: int) -> str:
        """One run on a fresh ledger with the fault at its n-th call; where it came up, empty where it did not.

        Raises Broken where something is lost, charged, posted, written or printed twice, or stays open.
        """
        self._fresh()
        async with self._unit() as url:
            if self.journey.after:
                await self._before(url)
            do = "sweep" if self.journey.after else "visit"
            said = await self._ask(url, do=do, fault=fault, at=at)
            self.seen = {Fault(name): count for name, count in said.get("seen", {}).items()}
            fired = "killed" if said["exit"] == -signal.SIGKILL else said["fired"]
            about = f"{self.journey.name}: {fault} at call {at} ({fired}, {said.get('outcome', '')})"
            if not fired and said["outcome"] != self.journey.outcome:
                raise Broken(f"{about}: nothing went wrong, and {self.journey.outcome} was to come")
            found = await self._ask(url, do="recover", straggler=said.get("straggler", ""))
            try:
                self.judge(found)
            except AssertionError as error:
                raise Broken(f"{about}: {error}\n{found}") from None
            return str(fired)

    async def _ask(self, unit: str, **order: Any) -> dict[str, Any]:
        order = {"at": 0, "fault": Fault.RAISE, "straggler": "", "unit": unit, "folder": str(self.folder), **order}
        order["here"] = not order["fault"].startswith("kill")
        order |= {"config": str(self.folder / "kiosk.toml"), "scenario": str(self.scenario_file)}
        answer = await self.zygote.ask(**order)
        if answer["exit"] == -signal.SIGKILL and str(order["fault"]).startswith("kill"):
            return {"exit": answer["exit"]}
        if answer["exit"] != 0:
            raise Broken(
                f"{self.journey.name}: {order['do']} ended with {answer['exit']} after {order['fault']} at {order['at']}"
            )
        return {"exit": 0, **json.loads(answer["said"])}

    async def _before(self, url: str) -> None:
        said = await self._ask(url, do=self.journey.after)
        trades = self.wallet.ledger._entries
        if self.journey.after == "prepare":
            trades[said["first"]].pays_in_spite = True
            self.wallet.ledger.pay(said["second"])
        else:  # a wallet that breaks its word, after the citizen has gone
            assert [trade.state for trade in trades.values()] == [TradeState.CLOSED]
            for trade in trades.values():
                trade.pays_in_spite = True

    def _fresh(self) -> None:
        for left in self.folder.glob("ledger.db*"):
            left.unlink()
        shutil.copy(self.empty, self.folder / "ledger.db")
        (self.folder / "papers").unlink(missing_ok=True)
        (self.folder / "unit.json").unlink(missing_ok=True)
        self.clock.set_forward(0)
        for side in (self.police, self.exits):
            side.control({"do": "reset"})
        self.wallet.control({"do": "reset"})
        self.wallet.control({"do": "script", **self.journey.wallet})

    @asynccontextmanager
    async def _unit(self) -> AsyncIterator[str]:
        """The card unit with the citizen's permit before it; whoever stands there takes it when it lies at the slot."""
        if self.scenario.permit is None:
            yield ""
            return
        unit = self.unit = PermitUnitSimulator(nvram=self.folder / "unit.json", speed=100_000)

        def hand() -> None:
            state = unit.state()
            if state["position"] == "mouth" and not state["accepting"]:
                unit.control({"do": "take"})

        async with serve_tcp(unit) as port:
            stop = unit.listen(hand)
            unit.control({"do": "insert", "card": self.scenario.permit.card(self.scenario.person)})
            yield f"cardunit+tcp://127.0.0.1:{port}"
            stop()

    # What must be so afterwards, whatever went wrong.

    def judge(self, found: dict[str, Any]) -> None:
        still = [line for line in found["open"] if not line.endswith("retained")]
        assert still == [], f"after hours still open: {still}"
        assert found["breaches"] == [], found["breaches"]
        assert found["clean"]
        self._money(found)
        self._paper(found)
        self._numbers()
        if self.journey.scenario.startswith("endorse"):
            self._permit(found)
        assert Counter(self.exits.counts()["drafts"]).keys() <= {"open", "withdrawn"}
        assert self.exits.counts()["drafts"].get("open", 0) <= 1

    def _money(self, found: dict[str, Any]) -> None:
        agree(found, self.wallet.ledger, self.police.world.books, self.exits.world.books)
        if any(row[1] == "paid" for row in found["payments"].values()):
            assert set(found["orders"].values()) == {"settled"}, found["orders"]

    def _numbers(self) -> None:
        """Out of an authority's pool: a number that a decision bears is used, and no other is."""
        books = self.police.world.books
        used = {entry.number for entry in books.numbers.values() if entry.state == "committed"}
        assert used == {number for number in books.numbers if books.by_number(number) is not None}

    def _paper(self, found: dict[str, Any]) -> None:
        """No paper twice; each job that is done has come out, and each that came out was on record before."""
        out = papers(self.folder / "papers")
        slips = Counter(job for device, job, _ in out if device == "receipt_printer")
        assert all(count == 1 for count in slips.values()), f"printed twice: {slips}"
        jobs = {job: state for job, state in found["prints"].items() if not job.rpartition("E1B")[0]}
        assert slips.keys() <= jobs.keys()
        assert {job for job, state in jobs.items() if state == "done"} <= slips.keys()
        assert not {job for job, state in jobs.items() if state == "failed"} & slips.keys()
        forms = Counter(job for device, job, _ in out if device == "document_printer")
        assert all(count == 1 for count in forms.values())
        assert len(forms) <= 1, "the form came out twice"

    def _permit(self, found: dict[str, Any]) -> None:
        assert self.unit is not None
        books = self.exits.world.books
        assert not [entry for entry in books.applications.values() if entry.open], "an application was left open"
        state = self.unit.state()
        assert state["position"] == "none", "the permit is still in the unit"
        assert set(found["custodies"]) <= {"returned", "none", "retained"}
        assert state["bin_count"] == found["custodies"].count("retained")
        in_force = [entry for entry in books.applications.values() if entry.state == "written"]
        numbers = [grant.number for entry in in_force for grant in entry.grants]
        card = self.unit.mechanics.hand or self.unit.mechanics.nvram.card
        if card is not None:
            assert list(card.endorsements) == numbers, "chip and registry disagree, or something was written twice"
        assert found["issuances"].count("confirmed") == len(in_force)
        assert "manual" not in found["issuances"], "the chip could have been asked"


@asynccontextmanager
async def fault_world(folder: Path, name: str, zygote: Zygote) -> AsyncIterator[World]:
    journey = JOURNEYS[name]
    folder.mkdir(parents=True)
    here, shipped = (place / f"{journey.scenario}.toml" for place in (Path(__file__).parent, SCENARIOS))
    text = (here if here.exists() else shipped).read_text()
    for old, new in journey.changes:
        assert old in text, f"{journey.scenario} is no longer the scenario this was made for"
        text = text.replace(old, new)
    file = folder / f"{journey.scenario}.toml"
    file.write_text(text)
    scenario = load_scenario(file, SystemClock().now().date())
    (folder / "clock").write_text("0")
    clock = MovedClock(folder / "clock")
    police, exits = SimulatedPolice([scenario], clock=clock), SimulatedExitEntry([scenario], clock=clock)
    wallet = FakeFront(clock)
    wallet.register("CI01", KEY)
    assert zygote.template is not None
    load_key(folder / "ledger.key", create=True)
    async with serve(police.app) as traffic, serve(exits.app) as office, serve(wallet.app) as till:
        (folder / "device.key").write_text(KEY.hex())
        (folder / "front.pub").write_text(wallet.public_key)
        (folder / "kiosk.toml").write_text(
            f'profile = "ci"\n[devices]\npermit_unit = ""\npermit_reader = ""\n'
            f'[exit_entry]\nurl = "{office.url}"\n[endorsement]\ntake_s = 5\n[police]\nurl = "{traffic.url}"\n'
            f'[wallet]\nurl = "{till.url}"\npoll_s = 0.05\nlate_s = 1\n'
            f'device_key_file = "{folder}/device.key"\npublic_key_file = "{folder}/front.pub"\n'
            f'[ledger]\nurl = "sqlite:///{folder}/ledger.db"\nkey_file = "{folder}/ledger.key"\n'
        )
        yield World(journey, folder, scenario, file, police, exits, wallet, clock, zygote, zygote.template)


@asynccontextmanager
async def planners(*visits: str) -> AsyncIterator[Zygote]:
    """The process that the kiosk processes of many worlds are forked from, with an empty ledger for them. `visits` are scenarios it makes
    once beforehand, of the services that are wanted; all without any."""
    async with with_template("tests.faultplan.process", *visits) as zygote:
        yield zygote
