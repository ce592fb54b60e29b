"""Filing somebody else's vehicle (备案非本人机动车): who may ask, and what the simulated owner answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from config.scenario_violation import FilingData
from config.scenarios import Scenario, VehicleData
from kiosk.domain.violation import Filing, FilingStanding
from kiosk.gateways.police import requests as asked
from kiosk.gateways.police.sim_ledger import Books, FilingEntry
from kiosk.gateways.sim_server import Row, SimRefusal, idempotency_key, json_answer, read_body

FILABLE_TYPES, FILABLE_USES = frozenset({"02", "52"}), frozenset("ALM")
FILED_AT_ONCE, USERS, A_DAY, A_YEAR = 3, 3, 1, 5
TRIES = 3
VehicleKey = tuple[str, str]


class Filings:
    """`citizens` by ID number and `vehicles` by plate and type are the world's own, as it has them at the moment."""

    def __init__(
        self,
        books: Books,
        now: Callable[[], dt.datetime],
        citizens: Mapping[str, Scenario],
        vehicles: Mapping[VehicleKey, tuple[VehicleData, Scenario]],
    ) -> None:
        self._books, self._now, self._citizens, self._vehicles = books, now, citizens, vehicles

    # Questions

    def filed_on(self, id_number: str) -> dict[VehicleKey, dt.date]:
        """The vehicles that this person has filed by a kiosk, with the day."""
        return {
            (entry.plate, entry.plate_type): dt.datetime.fromisoformat(entry.asked_at).date()
            for entry in self._books.filings.values()
            if entry.id_number == id_number and entry.state == "filed"
        }

    def standing(self, id_number: str, key: VehicleKey) -> FilingStanding:
        vehicle, _ = self._vehicle(key)
        citizen = self._citizens.get(id_number)
        before = self._owner(id_number)
        today = self._now().date()
        mine = [
            entry for entry in self._books.filings.values() if entry.id_number == id_number and entry.state == "filed"
        ]
        days = [dt.datetime.fromisoformat(entry.asked_at).date() for entry in mine]
        filed = {(v.plate, v.plate_type) for v in (citizen.vehicles if citizen else ()) if v.relation == "filed"}
        users = {
            e.id_number for e in self._books.filings.values() if (e.plate, e.plate_type) == key and e.state == "filed"
        }
        return FilingStanding(
            filed_now=len(filed | set(self.filed_on(id_number))),
            filings_today=before.today + sum(day == today for day in days),
            filings_this_year=before.this_year + sum(day.year == today.year for day in days),
            users_of_vehicle=vehicle.users + len(users),
        )

    def find(self, filing_id: str, *, asks: bool = False) -> FilingEntry:
        """The filing as it stands; being asked after brings the simulated owner nearer to an answer."""
        entry = self._books.filings.get(filing_id)
        if entry is None:
            raise SimRefusal(404, "unknown_filing", "没有查到这次备案申请")
        if entry.state != "waiting":
            return entry
        if self._now() >= dt.datetime.fromisoformat(entry.expires_at):
            return self._put(entry, state="expired")
        if not asks:
            return entry
        owner, asked_times = self._owner(entry.id_number), entry.questions + 1
        if asked_times > owner.answers_after and owner.owner == "refuses":
            return self._put(entry, state="refused")
        if asked_times > owner.answers_after and (owner.owner, entry.way) == ("confirms", "qr"):
            return self._put(entry, state="filed")
        return self._put(entry, questions=asked_times)

    # Effects

    def request(self, id_number: str, key: VehicleKey, way: str, idempotency: str) -> tuple[FilingEntry, bool]:
        """The filing, and whether it is new. Raises SimRefusal where the bounds of V04 forbid it."""
        same = next((entry for entry in self._books.filings.values() if entry.key == idempotency), None)
        if same is not None:
            if (same.id_number, same.plate, same.plate_type, same.way) == (id_number, *key, way):
                return self.find(same.filing_id), False
            raise SimRefusal(409, "key_reused", "幂等号已用于另一次备案")
        self._may_file(id_number, key, way)
        now = self._now()
        number = f"B{now:%Y%m%d}{len(self._books.filings) + 1:06d}"
        until = (now + dt.timedelta(seconds=self._owner(id_number).waits_s)).isoformat()
        entry = FilingEntry(number, id_number, *key, way, idempotency, "waiting", now.isoformat(), until)
        self._books.put_filing(entry)
        return entry, True

    def confirm(self, filing_id: str, code: str) -> FilingEntry:
        """Three different wrong codes end it; the same one again, after a lost answer, is the same try."""
        entry = self.find(filing_id)
        if entry.state == "filed":
            return entry
        if entry.state != "waiting" or entry.way != "sms":
            raise SimRefusal(409, "filing_closed", "这次备案申请已经结束，请重新申请")
        owner = self._owner(entry.id_number)
        if owner.owner == "confirms" and code == owner.code:
            return self._put(entry, state="filed")
        tried = entry.tried if code in entry.tried else (*entry.tried, code)
        left = TRIES - len(tried)
        self._put(entry, tried=tried, state="waiting" if left else "expired")
        said = f"验证码不正确，还可以输入{left}次" if left else "验证码输错三次，这次备案申请已经结束"
        raise SimRefusal(422, "wrong_code", said)

    def withdraw(self, filing_id: str) -> FilingEntry:
        """Of a waiting one nothing comes; one that was filed is dissolved, which either side may do at any time."""
        entry = self.find(filing_id)
        return self._put(entry, state="expired") if entry.state in ("waiting", "filed") else entry

    def answer(self, state: str) -> None:
        """The owner answers the newest request that waits, whatever its scenario says. Raises ValueError where none does."""
        waiting = [entry for entry in self._books.filings.values() if self.find(entry.filing_id).state == "waiting"]
        if not waiting:
            raise ValueError("no filing waits for its owner")
        self._put(waiting[-1], state=state)

    def _may_file(self, id_number: str, key: VehicleKey, way: str) -> None:
        """Limits of the national app. Raises SimRefusal."""
        vehicle, _ = self._vehicle(key)
        citizen = self._citizens.get(id_number)
        known = {(v.plate, v.plate_type): v.relation for v in (citizen.vehicles if citizen else ())}
        if citizen is None or citizen.licence is None:
            raise SimRefusal(422, "no_licence", "没有查到驾驶证")
        if known.get(key) == "own" and vehicle.owner == "person":
            raise SimRefusal(409, "own_vehicle", "车辆在您名下，不需要备案")
        if known.get(key) == "filed" or key in self.filed_on(id_number):
            raise SimRefusal(409, "already_filed", "这辆车已经备案")
        if vehicle.plate_type not in FILABLE_TYPES or vehicle.use not in FILABLE_USES:
            raise SimRefusal(422, "filing_not_allowed", "只有非营运的小型汽车可以备案")
        standing = self.standing(id_number, key)
        if (
            standing.filed_now >= FILED_AT_ONCE
            or standing.users_of_vehicle >= USERS
            or standing.filings_today >= A_DAY
            or standing.filings_this_year >= A_YEAR
        ):
            raise SimRefusal(422, "filing_limit", "备案的次数或数量已满")
        if way == "sms" and not self._owner(id_number).phone_tail:
            raise SimRefusal(422, "no_phone", "车辆所有人没有登记手机号")

    def _vehicle(self, key: VehicleKey) -> tuple[VehicleData, Scenario]:
        if key not in self._vehicles:
            raise SimRefusal(404, "unknown_vehicle", "没有查到这辆车")
        return self._vehicles[key]

    def _owner(self, id_number: str) -> FilingData:
        citizen = self._citizens.get(id_number)
        return (citizen.filing if citizen else None) or FilingData()

    def _put(self, entry: FilingEntry, **changes: object) -> FilingEntry:
        entry = replace(entry, **changes)  # type: ignore[arg-type]
        self._books.put_filing(entry)
        return entry

    def told(self, entry: FilingEntry) -> Filing:
        qr = entry.way == "qr"
        return Filing(
            filing_id=entry.filing_id,
            way=entry.way,
            state=entry.state,
            qr_text=f"https://filing.example/{entry.filing_id}" if qr else "",
            phone_tail="" if qr else self._owner(entry.id_number).phone_tail,
            expires_at=dt.datetime.fromisoformat(entry.expires_at),
        )

    def rows(self, changed: Callable[[], None]) -> list[Row]:
        def answer(entry: FilingEntry, status: int = 200) -> Response:
            changed()
            return json_answer(self.told(entry), status)

        async def standing(request: Request) -> Response:
            body = await read_body(asked.FilingOf, request)
            return json_answer(self.standing(body.id_number, (body.plate, body.plate_type)))

        async def ask(request: Request) -> Response:
            body = await read_body(asked.RequestFiling, request)
            key = idempotency_key(request)
            entry, new = self.request(body.id_number, (body.plate, body.plate_type), body.way, key)
            return answer(entry, 201 if new else 200)

        async def find(request: Request) -> Response:
            return answer(self.find(request.path_params["filing_id"], asks=True))

        async def confirm(request: Request) -> Response:
            body = await read_body(asked.ConfirmFiling, request)
            return answer(self.confirm(request.path_params["filing_id"], body.code))

        async def withdraw(request: Request) -> Response:
            return answer(self.withdraw(request.path_params["filing_id"]))

        return [
            ("POST", "/v1/filings/standing", "filing_standing", standing),
            ("POST", "/v1/filings", "request_filing", ask),
            ("GET", "/v1/filings/{filing_id}", "filing", find),
            ("POST", "/v1/filings/{filing_id}/confirm", "confirm_filing", confirm),
            ("POST", "/v1/filings/{filing_id}/withdraw", "withdraw_filing", withdraw),
        ]
