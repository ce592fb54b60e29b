"""The simulated exit-entry administration: which permits exist, what is in force, and which applications are on the way.

Built from scenarios. It keeps its own catalogue, tariff and rules. Every method runs to its end without waiting, so requests of
several kiosks cannot meet in the middle.

Numbers are fictional, their real formats are not public. An application: six digits of the unit, two of the year, seven of a
serial. An endorsement: the place's letter (H, M, T), day of issue YYMMDD, five of a serial.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from config.scenario_permit import HolderData, PermitData
from config.scenario_values import endorsement_number
from config.scenarios import PersonData, Scenario
from kiosk.gateways.exit_entry.sim_drafts import DraftTray
from kiosk.gateways.exit_entry.sim_ledger import ApplicationEntry, Books, GrantEntry
from kiosk.gateways.exit_entry.sim_rules import Sold, may_apply, sold
from kiosk.gateways.sim_faces import Verdict, scripted_verdict
from kiosk.gateways.sim_server import SimRefusal, plain
from kiosk.ports.clock import SHANGHAI, Clock

UNIT = "330200"
ISSUING_KEY = b"fictional issuing authority"
"""Seals `write_data`. Fictional: nobody but this simulator knows what a real one looks like."""
FACTS = (
    "booklet",
    "residence_area",
    "registered_official",
    "military",
    "exit_barred",
    "false_statement",
    "data_changed",
    "first_here",
    "business_filed",
    "papers_for",
    "chip_writes",
    "face_on_file",
)


class World:
    """Permits of any number of scenarios, and the books of what was done.

    Raises ValueError when two scenarios claim the same permit.
    """

    def __init__(self, clock: Clock, state_file: Path | None = None) -> None:
        self._clock = clock
        self.books = Books(state_file)
        self._permits: dict[str, tuple[PermitData, Scenario]] = {}
        self._people: dict[str, Scenario] = {}
        self._forms: dict[str, Scenario] = {}
        self.drafts = DraftTray(UNIT, self.books, self.now, self._expected)

    def add(self, scenario: Scenario) -> None:
        """Scenarios without a permit and without a form are passed over."""
        if scenario.form is not None:
            self._forms[scenario.name] = scenario
        if scenario.permit is None:
            return
        known = self._permits.get(scenario.permit.number)
        if known is not None and known[1].name != scenario.name:
            raise ValueError(f"scenarios {known[1].name} and {scenario.name} both have the same permit")
        self._permits[scenario.permit.number] = (scenario.permit, scenario)
        self._people[scenario.person.number] = scenario

    @property
    def scenarios(self) -> tuple[str, ...]:
        return (*(scenario.name for _, scenario in self._permits.values()), *self._forms)

    def now(self) -> dt.datetime:
        return self._clock.now().astimezone(SHANGHAI).replace(microsecond=0)

    def today(self) -> dt.date:
        return self.now().date()

    # Questions

    def registry(self, permit_number: str) -> dict[str, Any]:
        """The record, endorsements in force included, oldest first."""
        permit, scenario = self._known(permit_number)
        holder = _holder(permit, scenario)
        pending = any(entry.open for entry in self.books.of_permit(permit_number))
        return {
            "id_number": holder.number,
            "name": holder.name,
            "birth": holder.birth,
            "permit_number": permit.number,
            "permit_valid_to": permit.expiry,
            "permit_state": permit.state,
            "hukou_area": permit.hukou_area or holder.number[:6],
            "review": permit.review or pending,
            **{name: getattr(permit, name) for name in FACTS},
            "endorsements": sorted(self._held(permit), key=lambda held: str(held["issued_on"])),
        }

    def portrait_seed(self, permit_number: str) -> int:
        permit, scenario = self._known(permit_number, "no_photo")
        if not scenario.exit_entry.photo or permit.face_on_file == "missing":
            raise SimRefusal(404, "no_photo", "没有照片")
        return _holder(permit, scenario).face_seed

    def face_verdict(self, id_number: str) -> Verdict:
        scenario = self._people.get(id_number)
        return scripted_verdict(scenario.exit_entry.face) if scenario else scripted_verdict()

    def find_application(self, key: str) -> ApplicationEntry:
        entry = self.books.by_key(key)
        if entry is None:
            raise SimRefusal(404, "no_application", "没有收到这份申请")
        return entry

    # Effects

    def apply(
        self, id_number: str, permit_number: str, options: tuple[str, ...], fee_fen: int, phone: str, key: str
    ) -> tuple[ApplicationEntry, bool]:
        """The application, and whether it is new."""
        earlier = self.books.by_key(key)
        if earlier is not None:
            said = (earlier.id_number, earlier.permit_number, earlier.options, earlier.fee_fen, earlier.phone)
            if said == (id_number, permit_number, options, fee_fen, phone):
                return earlier, False
            raise SimRefusal(409, "key_reused", "幂等号已用于另一份申请")
        permit, scenario = self._known(permit_number)
        holder = _holder(permit, scenario)
        if holder.number != id_number:
            raise SimRefusal(409, "holder_mismatch", "通行证和身份证不是同一人")
        if any(entry.open for entry in self.books.of_permit(permit_number)):
            raise SimRefusal(409, "pending_application", "这本通行证还有一份申请没有办完")
        if scenario.exit_entry.refuses:
            raise SimRefusal(409, scenario.exit_entry.refuses, "暂时不能在自助机办理，请到人工窗口")
        chosen = tuple(sold(option) for option in options)
        may_apply(permit, holder.birth, chosen, self.today())
        self._nothing_in_force(permit, chosen)
        if fee_fen != sum(option.fee_fen + scenario.exit_entry.dearer_fen for option in chosen):
            raise SimRefusal(422, "fee_differs", "费用和本平台计算的不一致")
        now = self.now()
        number = f"{UNIT}{now.year % 100:02d}{self.books.next_serial():07d}"
        applied_at = now.isoformat()
        entry = ApplicationEntry(number, key, id_number, permit_number, options, fee_fen, phone, applied_at)
        return self.books.keep(entry), True

    def authorise(self, number: str, amount_fen: int, trade_no: str, paid_at: dt.datetime) -> ApplicationEntry:
        """Grant what was applied for; told again in the same words when it was done before."""
        entry = self._application(number)
        if entry.state in ("cancelled", "written"):
            told = {"cancelled": "申请已经撤销", "written": "签注已经制作完成"}[entry.state]
            raise SimRefusal(409, entry.state, told)
        if amount_fen != entry.fee_fen:
            raise SimRefusal(422, "amount_differs", "缴款金额和费用不一致")
        if entry.state == "authorised":
            if entry.trade_no != trade_no:
                raise SimRefusal(409, "already_paid", "这份申请已经用另一笔交易缴费", earlier=_trade(entry))
            return entry
        today = self.today()
        grants = tuple(self._grant(sold(option), today) for option in entry.options)
        return self.books.keep(
            dataclasses.replace(
                entry,
                state="authorised",
                grants=grants,
                write_data=_sealed(number, grants),
                trade_no=trade_no,
                paid_at=paid_at.astimezone(SHANGHAI).isoformat(),
                authorised_at=self.now().isoformat(),
            )
        )

    def confirm(self, number: str, printed: bool) -> ApplicationEntry:
        """From now on the endorsements are in force. Once printed it stays printed."""
        entry = self._application(number)
        if entry.state == "written":
            return self.books.keep(dataclasses.replace(entry, printed=True)) if printed else entry
        if entry.state != "authorised":
            code = "cancelled" if entry.state == "cancelled" else "not_authorised"
            raise SimRefusal(409, code, "这份申请没有批准的签注")
        written_at = self.now().isoformat()
        return self.books.keep(dataclasses.replace(entry, state="written", printed=printed, written_at=written_at))

    def cancel(self, number: str, reason: str) -> ApplicationEntry:
        entry = self._application(number)
        if entry.state == "written":
            raise SimRefusal(409, "written", "签注已经制作完成，不能撤销")
        if entry.state == "cancelled":
            return entry
        cancelled_at = self.now().isoformat()
        return self.books.keep(dataclasses.replace(entry, state="cancelled", reason=reason, cancelled_at=cancelled_at))

    def lapse(self) -> None:
        """Cancel what was applied for and never paid; let go of drafts that nobody fetched."""
        self.drafts.forget()
        for entry in tuple(self.books.applications.values()):
            if entry.state == "accepted":
                self.cancel(entry.number, "lapsed")

    def _grant(self, option: Sold, issued: dt.date) -> GrantEntry:
        return GrantEntry(
            number=endorsement_number(option.destination, issued, self.books.next_serial()),
            option_id=option.id,
            destination=option.destination,
            kind=option.kind,
            entries=option.entries,
            valid_from=issued.isoformat(),
            valid_to=option.valid_to(issued).isoformat(),
        )

    def _held(self, permit: PermitData) -> list[dict[str, Any]]:
        """What the scenario says the holder has, and what was written here."""
        held: list[dict[str, Any]] = [
            {
                "number": number,
                "destination": old.destination,
                "kind": old.kind,
                "entries": old.issued_entries,
                "entries_left": old.left,
                "issued_on": old.issued_on.isoformat(),
                "valid_to": old.valid_to.isoformat(),
            }
            for number, old in permit.held()
        ]
        written = (entry for entry in self.books.of_permit(permit.number) if entry.state == "written")
        for grant in (grant for entry in written for grant in entry.grants):
            row = {**plain(grant), "entries_left": grant.entries, "issued_on": grant.valid_from}
            held.append({name: value for name, value in row.items() if name not in ("option_id", "valid_from")})
        return held

    def _nothing_in_force(self, permit: PermitData, chosen: tuple[Sold, ...]) -> None:
        today, wanted = self.today().isoformat(), {option.destination for option in chosen}
        for held in self._held(permit):
            if held["destination"] in wanted and held["valid_to"] >= today and held["entries_left"] != 0:
                raise SimRefusal(409, "in_force", "该前往地尚有有效签注")

    def _expected(self, id_number: str) -> bool:
        mine = (scenario for scenario in self._forms.values() if scenario.person.number == id_number)
        return any(scenario.exit_entry.appointment for scenario in mine)

    def _application(self, number: str) -> ApplicationEntry:
        if number not in self.books.applications:
            raise SimRefusal(404, "unknown_application", "没有查到这份申请")
        return self.books.applications[number]

    def _known(self, permit_number: str, code: str = "no_permit") -> tuple[PermitData, Scenario]:
        found = self._permits.get(permit_number)
        if found is None or not found[0].known:
            raise SimRefusal(404, code, "没有查到这本通行证")
        return found


def shown(entry: ApplicationEntry) -> dict[str, Any]:
    """The application as the contract has it: a revoked grant is not told, and what to write only as long as it may be."""
    told: dict[str, Any] = {"number": entry.number, "state": entry.state, "fee_fen": entry.fee_fen}
    if entry.state in ("authorised", "written"):
        told["grants"] = [plain(grant) for grant in entry.grants]
    if entry.state == "authorised":
        told["write_data"] = entry.write_data
    return told


def _holder(permit: PermitData, scenario: Scenario) -> PersonData | HolderData:
    return permit.holder or scenario.person


def _trade(entry: ApplicationEntry) -> dict[str, Any]:
    return {"trade_no": entry.trade_no, "amount_fen": entry.fee_fen, "paid_at": entry.paid_at}


def _sealed(number: str, grants: tuple[GrantEntry, ...]) -> str:
    """What the unit writes, base64: UTF-8 JSON with an HMAC-SHA256 over the canonical text of the rest (keys sorted, no blanks)."""
    kept = ("number", "destination", "kind", "entries", "valid_from", "valid_to")
    body: dict[str, Any] = {
        "application": number,
        "grants": [{name: getattr(grant, name) for name in kept} for grant in grants],
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    body["mac"] = hmac.new(ISSUING_KEY, text, hashlib.sha256).hexdigest()
    return base64.b64encode(json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()).decode()
