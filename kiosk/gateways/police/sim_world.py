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
from kiosk.domain.violation import Decision, Driver, Vehicle, ViolationRecord
from kiosk.gateways.police.sim_cashier import Cashier
from kiosk.gateways.police.sim_ledger import Books, DecisionEntry, ObjectionEntry, PaymentEntry
from kiosk.gateways.police.sim_rules import may_decide
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
        )

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
        return tuple(_vehicle(vehicle, vehicle.relation) for vehicle in owned if vehicle.relation != "other")

    def verify_vehicle(self, plate: str, plate_type: str, proof: str) -> Vehicle:
        known = self._vehicles.get((plate, plate_type))
        if known is None or not proof_matches(proof, known[0].vin, known[0].engine):
            raise SimRefusal(404, "no_match", "号牌和车架号、发动机号对不上")
        return _vehicle(known[0], "typed")

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
        self, record_id: str, id_number: str, signature_sha256: str, waived_at: str, key: str
    ) -> tuple[Decision, bool]:
        """The decision, and whether it is new. Number reserved, decision written and number committed in one step."""
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
        if self._state(record) != "open":
            raise SimRefusal(409, "record_not_open", "这条违法正在核查，暂时不能处理")
        now = self.now()
        citizen = self._citizens.get(id_number)
        driver_points = may_decide(record, citizen, self.books.points_of(id_number), now.date())
        points = 0 if record.penalty == "warning" else record.points
        serial = f"{now.year % 100:02d}{self.books.next_serial():07d}"
        decision = Decision(
            number=record.authority_code[:6] + serial,
            # Published algorithms contradict each other; this simulator's choice is the nine-digit serial modulo seven.
            check_char=str(int(serial) % 7),
            record_id=record_id,
            decided_at=now,
            fine_fen=record.fine_fen,
            points=points,
            points_total=driver_points + points,
            deadline=self._deadline(now.date(), scenario) if record.fine_fen else None,
            authority=record.authority,
            officer=OFFICER,
        )
        self.books.add_decision(DecisionEntry(decision, id_number, key, signature_sha256, waived_at))
        return decision, True

    def object_to(self, record_id: str, id_number: str, reason: str, key: str) -> str:
        record, _ = self._known(record_id)
        earlier = self.books.objections.get(key)
        if earlier is not None:
            if (earlier.record_id, earlier.id_number) == (record_id, id_number):
                return earlier.objection_no
            raise SimRefusal(409, "key_reused", "幂等号已用于另一条违法")
        if record_id in self.books.decisions:
            raise SimRefusal(409, "already_decided", "这条违法已经处理过")
        if self._state(record) != "open":
            raise SimRefusal(409, "record_not_open", "这条违法正在核查")
        number = f"Y{self.now():%Y%m%d}{len(self.books.objections) + 1:06d}"
        filed_at = self.now().isoformat()
        self.books.add_objection(ObjectionEntry(number, record_id, id_number, reason, key, filed_at))
        return number

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
            state=self._state(record),
        )

    def _state(self, record: RecordData) -> str:
        objected = any(entry.record_id == record.id for entry in self.books.objections.values())
        return "objected" if objected and record.state == "open" else record.state

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


def _vehicle(vehicle: VehicleData, relation: str) -> Vehicle:
    return Vehicle(
        plate=vehicle.plate,
        plate_type=vehicle.plate_type,
        relation=relation,
        use=vehicle.use,
        vehicle_type=vehicle.vehicle_type,
        status=vehicle.status,
        filed_on=vehicle.filed_on if relation == "filed" else None,
        inspection_to=vehicle.inspection_to,
    )
