"""The simulated traffic police: who exists, which records are open, and what the platform itself refuses.

Built from scenarios. It keeps its own rules: a kiosk that forgot one finds the platform saying no, as in reality. Every
method runs to its end without waiting, so requests of several kiosks cannot meet in the middle.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

from config.scenarios import RecordData, Scenario, VehicleData
from kiosk.domain.calendar import WorkCalendar
from kiosk.domain.vin import proof_matches
from kiosk.domain.violation import Consent, Decision, Driver, HandledRecord, Period, Vehicle, ViolationRecord
from kiosk.gateways.police.sim_cashier import Cashier
from kiosk.gateways.police.sim_ebills import EBills
from kiosk.gateways.police.sim_filings import Filings
from kiosk.gateways.police.sim_holds import Holds
from kiosk.gateways.police.sim_ledger import Books, DecisionEntry, PaymentEntry
from kiosk.gateways.police.sim_numbers import NumberPools, check_character, next_number
from kiosk.gateways.police.sim_rights import Rights
from kiosk.gateways.police.sim_rules import Case, may_decide
from kiosk.gateways.sim_faces import Verdict, scripted_verdict
from kiosk.gateways.sim_server import SimRefusal
from kiosk.ports.clock import SHANGHAI, Clock

OFFICER = "警号 027000"


class World:
    """People, vehicles and records of any number of scenarios, and the books of what was done.

    Raises ValueError when two scenarios claim the same record.
    """

    def __init__(self, clock: Clock, calendar: WorkCalendar, state_file: Path | None = None) -> None:
        self._clock = clock
        self._calendar = calendar
        self.books = Books(state_file)
        self._citizens: dict[str, Scenario] = {}
        self._vehicles: dict[tuple[str, str], tuple[VehicleData, Scenario]] = {}
        self._records: dict[str, tuple[RecordData, Scenario]] = {}
        self.cashier = Cashier(self.books, calendar, self.now, lambda record: self._known(record)[0], self._name)
        self.numbers = NumberPools(self.books, self.now, self._known)
        self.holds = Holds(self.books, self.now, self._known)
        self.filings = Filings(self.books, self.now, self._citizens, self._vehicles)
        self.rights = Rights(self.books, self.now, self._known)
        self.ebills = EBills(self.books, self._scenario_of)

    def add(self, scenario: Scenario) -> None:
        for record in scenario.records:
            known = self._records.get(record.id)
            if known is not None and known[1].name != scenario.name:
                raise ValueError(f"scenarios {known[1].name} and {scenario.name} both have record {record.id}")
            self._records[record.id] = (record, scenario)
        for vehicle in scenario.vehicles:
            self._vehicles[vehicle.plate, vehicle.plate_type] = (vehicle, scenario)
        self._citizens[scenario.person.number] = scenario
        self.cashier.add(scenario)

    @property
    def scenarios(self) -> tuple[str, ...]:
        return tuple(citizen.name for citizen in self._citizens.values())

    def today(self) -> dt.date:
        return self.now().date()

    # Questions

    def identify(self, id_number: str, name: str) -> Driver:
        citizen = self._citizens.get(id_number)
        if citizen is None or citizen.licence is None:
            raise SimRefusal(404, "no_licence", "没有查到驾驶证")
        if citizen.person.name != name:
            raise SimRefusal(409, "name_mismatch", "姓名和证件号码不一致")
        licence = citizen.licence
        return Driver(
            licence_no=id_number,
            name=name,
            file_no=licence.file_no,
            issued_by=licence.issued_by,
            licence_class=licence.licence_class,
            status=licence.status,
            first_issued=licence.first_issued,
            valid_to=licence.valid_to,
            points=licence.points + self.books.points_of(id_number),
            kind=licence.kind,
            full_point_courses=licence.full_point_courses,
            suspected_proxy=licence.suspected_proxy,
            not_valid=tuple(Period(period.first, period.last) for period in licence.not_valid),
        )

    def handled(self, id_number: str) -> tuple[HandledRecord, ...]:
        """What the scenario says was handled before, and what was decided here."""
        citizen = self._citizens.get(id_number)
        before = [
            HandledRecord(
                h.record_id, h.plate, h.plate_type, h.relation, h.at.astimezone(SHANGHAI), h.authority_code, h.points
            )
            for h in (citizen.handled if citizen else ())
        ]
        for entry in self.books.decisions.values():
            if entry.id_number == id_number:
                record, _ = self._known(entry.decision.record_id)
                relation = self._case(record, id_number).relation
                key = (record.id, record.plate, record.plate_type)
                at, points = record.at.astimezone(SHANGHAI), entry.decision.points
                before.append(HandledRecord(*key, relation, at, record.authority_code, points))
        return tuple(before)

    def portrait_seed(self, id_number: str) -> int:
        citizen = self._citizens.get(id_number)
        if citizen is None or not citizen.platform.photo:
            raise SimRefusal(404, "no_photo", "没有照片")
        return citizen.person.face_seed

    def face_verdict(self, id_number: str) -> Verdict:
        citizen = self._citizens.get(id_number)
        return scripted_verdict(citizen.platform.face) if citizen else scripted_verdict()

    def vehicles(self, id_number: str) -> tuple[Vehicle, ...]:
        citizen = self._citizens.get(id_number)
        owned = citizen.vehicles if citizen else ()
        listed = [self._vehicle(vehicle, vehicle.relation) for vehicle in owned if vehicle.relation != "other"]
        there = {(vehicle.plate, vehicle.plate_type) for vehicle in listed}
        for key, day in self.filings.filed_on(id_number).items():
            if key not in there:
                listed.append(replace(self._vehicle(self._vehicles[key][0], "filed"), filed_on=day))
        return tuple(listed)

    def verify_vehicle(self, plate: str, plate_type: str, proof: str) -> Vehicle:
        known = self._vehicles.get((plate, plate_type))
        if known is None or not proof_matches(proof, known[0].vin, known[0].engine):
            raise SimRefusal(404, "no_match", "号牌和车架号、发动机号对不上")
        return self._vehicle(known[0], "typed")

    def open_records(self, plate: str, plate_type: str) -> tuple[ViolationRecord, ...]:
        """Records of the vehicle without a decision, oldest first."""
        if (plate, plate_type) not in self._vehicles:
            raise SimRefusal(404, "unknown_vehicle", "没有查到这辆车")
        found = [
            self._record(record)
            for record, _ in self._records.values()
            if (record.plate, record.plate_type) == (plate, plate_type) and record.id not in self.books.decisions
        ]
        return tuple(sorted(found, key=lambda record: (record.at, record.record_id)))

    def record(self, record_id: str) -> tuple[RecordData, VehicleData]:
        """The record and its vehicle, for drawing evidence."""
        record, _ = self._known(record_id)
        return record, self._vehicles[record.plate, record.plate_type][0]

    def find_decision(self, record_id: str) -> Decision:
        self._known(record_id)
        entry = self.books.decisions.get(record_id)
        if entry is None:
            raise SimRefusal(404, "no_decision", "这条违法还没有处理")
        return entry.decision

    # Effects

    def decide(
        self, record_id: str, id_number: str, consent: Consent, key: str, number: str = ""
    ) -> tuple[Decision, bool]:
        """The decision, and whether it is new. Where there is no pool a number is taken, used and committed in one step."""
        record, scenario = self._known(record_id)
        earlier = self.books.decisions.get(record_id)
        if earlier is not None:
            if (earlier.key, earlier.id_number) == (key, id_number):
                return earlier.decision, False
            raise SimRefusal(409, "already_decided", "这条违法已经处理过")
        if any(entry.key == key for entry in self.books.decisions.values()):
            raise SimRefusal(409, "key_reused", "幂等号已用于另一条违法")
        if record.handled:
            raise SimRefusal(409, "already_decided", "这条违法已经处理过")
        self.holds.check(record_id, id_number)
        if self.rights.state(record) != "open":
            raise SimRefusal(409, "record_not_open", "这条违法正在核查，暂时不能处理")
        _check_consent(consent, scenario)
        if record.refuses:
            raise SimRefusal(422, record.refuses, "这条违法暂时不能处理，请到窗口")
        driver_points = may_decide(replace(self._case(record, id_number), before=self.handled(id_number)))
        self.numbers.check(number, record_id, scenario)
        now = self.now()
        points = 0 if record.penalty == "warning" else record.points
        number = number or next_number(record.authority_code, now, self.books)
        decision = Decision(
            number=number,
            check_char=check_character(number),
            record_id=record_id,
            decided_at=now,
            fine_fen=record.fine_fen,
            points=points,
            points_total=driver_points + points,
            deadline=self._deadline(now.date(), scenario) if record.fine_fen else None,
            authority=record.authority,
            officer=OFFICER,
            refused_to_sign=not consent.signature_sha256,
        )
        told = (consent.signature_sha256, consent.waived_at, consent.recording_sha256, consent.refusal_noted_by)
        self.books.add_decision(DecisionEntry(decision, id_number, key, *told))
        return decision, True

    def object_to(self, record_id: str, id_number: str, reason: str, key: str) -> str:
        return self.rights.object_to(record_id, id_number, reason, key)[0]

    def post_payment(self, number: str, amount_fen: int, trade_no: str, paid_at: dt.datetime, key: str) -> PaymentEntry:
        return self.cashier.post(number, amount_fen, trade_no, paid_at, key)

    def holidays(self, year: int) -> dict[str, Any]:
        calendar = self._calendar
        if year not in calendar.known_years:
            raise SimRefusal(404, "year_unknown", "这一年的放假安排还没有公布")
        off, work = (sorted(day for day in days if day.year == year) for days in (calendar.off, calendar.moved_work))
        return {"year": year, "holidays": off, "workdays": work}

    def _record(self, record: RecordData) -> ViolationRecord:
        return ViolationRecord(
            record_id=record.id,
            plate=record.plate,
            plate_type=record.plate_type,
            at=record.at.astimezone(SHANGHAI),
            place=record.place,
            code=record.code,
            act=record.act,
            fine_fen=record.fine_fen,
            points=record.points,
            authority=record.authority,
            authority_code=record.authority_code,
            region=record.region,
            provisions=record.provisions,
            basis=record.basis,
            penalty=record.penalty,
            handled=record.handled,
            measured=record.measured,
            limit=record.limit,
            photos=record.photos,
            state=self.rights.state(record),
            under_case=record.under_case,
        )

    def _case(self, record: RecordData, id_number: str) -> Case:
        key = (record.plate, record.plate_type)
        citizen = self._citizens.get(id_number)
        known = self._vehicles.get(key)
        mine = [v for v in (citizen.vehicles if citizen else ()) if (v.plate, v.plate_type) == key]
        filed_on = (
            mine[0].filed_on if mine and mine[0].relation == "filed" else self.filings.filed_on(id_number).get(key)
        )
        # While history is made out of cases, a case has none of its own.
        return Case(
            record, citizen, known[0] if known else None, filed_on, (), self.books.points_of(id_number), self.today()
        )

    def _scenario_of(self, number: str) -> Scenario | None:
        entry = self.books.by_number(number)
        return self._known(entry.decision.record_id)[1] if entry is not None else self.cashier.scenario_of(number)

    def _vehicle(self, vehicle: VehicleData, relation: str) -> Vehicle:
        return Vehicle(
            plate=vehicle.plate,
            plate_type=vehicle.plate_type,
            relation=relation,
            use=vehicle.use,
            vehicle_type=vehicle.vehicle_type,
            status=vehicle.status,
            filed_on=vehicle.filed_on if relation == "filed" else None,
            inspection_to=vehicle.inspection_to,
            owner=vehicle.owner,
            insured_to=vehicle.insured_to,
            licences_used=vehicle.licences_used,
            licence_among_them=vehicle.licence_among_them,
        )

    def _name(self, id_number: str) -> str:
        citizen = self._citizens.get(id_number)
        return citizen.person.name if citizen is not None else "某某"

    def _known(self, record_id: str) -> tuple[RecordData, Scenario]:
        if record_id not in self._records:
            raise SimRefusal(404, "unknown_record", "没有查到这条违法")
        return self._records[record_id]

    def _deadline(self, received: dt.date, scenario: Scenario) -> dt.date:
        return replace(self._calendar, holiday_shift=scenario.platform.holiday_shift).deadline(received)

    def now(self) -> dt.datetime:
        return self._clock.now().astimezone(SHANGHAI).replace(microsecond=0)


def _check_consent(consent: Consent, scenario: Scenario) -> None:
    """Signed, and recorded where that is asked for, or refused to an officer who noted it (公安部令105 第44条)."""
    if bool(consent.signature_sha256) == bool(consent.refusal_noted_by):
        raise SimRefusal(422, "no_consent", "没有签名，也没有注明拒签")
    if consent.signature_sha256 and scenario.platform.wants_recording and not consent.recording_sha256:
        raise SimRefusal(422, "not_recorded", "签名时没有同步录音录像")
