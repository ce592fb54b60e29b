"""A scenario's citizen without a window: answers screens as data and moves the virtual hardware.

Everything else is real: drivers, wires, servers, ledger. Used by the benchmarks, the crash tests and the soak; the demo does the
same on the real widgets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from config.scenarios import Scenario
from kiosk.domain.plate import guess_plate_type
from kiosk.ports.bench import VirtualDevice
from kiosk.rehearsal.filing import Borrower
from kiosk.rehearsal.fine import Bearer
from kiosk.rehearsal.form import Applicant
from kiosk.screens import common, endorsement, fine, form, pay, violation
from kiosk.screens.base import Cancelled, Screen
from kiosk.screens.robot import WAIT, Reply, RobotDesk, RobotPage

A = TypeVar("A")

STAFF_PIN = "246810"
"""The PIN of the shipped demo and ci profiles."""
STATEMENT = "signs_unclear"
"""The ready sentence of whoever has no words of their own."""
SIGNATURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010100000000376ef9240000000a49444154789c6360000000020001"
    "48afa4710000000049454e44ae426082"
)
"""A picture of one dot: what the robot signs with."""


WRITTEN = 3
"""Strokes of what is written on the simulated pad."""
MOMENTS: Mapping[type[Any], str] = {
    common.Finish: "finish",
    pay.PayByQr: "pay",
    violation.ChooseVehicle: "vehicle",
    violation.ReviewSelection: "review",
    violation.PenaltyNotice: "notice",
    endorsement.ChooseEndorsementKind: "kind",
    endorsement.ChooseDestinations: "places",
    endorsement.ChooseEntries: "entries",
    endorsement.EnterPhone: "phone",
    endorsement.ReviewEndorsement: "endorsement_review",
    endorsement.MakingPermit: "write",
    endorsement.CheckPermit: "check",
    endorsement.TakePermit: "take",
    fine.EnterDecisionNumber: "number",
    fine.ReviewFine: "review",
    form.FormSections: "sections",
    form.BringForm: "bring",
    form.FormQuestion: "question",
    form.ReviewForm: "form_review",
    form.PreviewForm: "preview",
}
"""Moments of a scenario that come with the page that opens. The others come with what the citizen does there."""


class Citizen:
    """`replies` is what a `RobotDesk` needs. One citizen lives through one visit.

    Without `troubles` nothing of what the scenario foresees for the devices happens.
    """

    def __init__(
        self, scenario: Scenario, virtual: Mapping[str, VirtualDevice], pin: str = STAFF_PIN, troubles: bool = True
    ) -> None:
        self._scenario = scenario
        self._does = scenario.citizen
        self._virtual = virtual
        self._pin = pin
        self._troubles = troubles
        self._evidence_seen = False
        self._codes = list(self._does.payer_codes)
        self._told: str | None = None
        self._wrote = False
        self._reached: set[str] = set()
        self._screens = 0
        self._applicant = Applicant(scenario, virtual, self._unless, self.reach)
        self._bearer = Bearer(scenario, virtual, self._unless)
        self._borrower = Borrower(scenario, self._unless)
        self.replies: dict[type[Any], Reply] = {
            common.ServiceStart: self._start,
            common.PlaceIdCard: self._place_card,
            common.FaceCheck: self._face,
            common.StaffCheck: self._staff,
            common.Working: lambda _: WAIT,
            common.Message: self._message,
            common.Finish: self._finish,
            violation.ChooseVehicle: self._vehicle,
            violation.EnterPlate: self._plate,
            violation.EnterVehicleProof: lambda _: self._does.proof,
            violation.ChooseViolations: self._list,
            violation.Evidence: self._evidence,
            violation.ReviewSelection: lambda _: self._unless("review", None),
            violation.PenaltyNotice: self._notice,
            violation.ChooseObjection: self._objection,
            violation.StateDefence: lambda _: {"statement": self._does.statement or STATEMENT, "phone": ""},
            violation.ExplainObjection: lambda _: {"text": self._does.statement, "phone": ""},
            pay.PayByQr: self._pay,
            pay.ScanPayerCode: self._payer_code,
            endorsement.InsertPermit: self._insert,
            endorsement.ChooseEndorsementKind: self._kind,
            endorsement.ChooseDestinations: self._places,
            endorsement.ChooseEntries: self._entries,
            endorsement.EnterPhone: lambda _: self._unless("phone", self._does.phone),
            endorsement.ReviewEndorsement: lambda _: self._unless("endorsement_review", "submit"),
            endorsement.MakingPermit: lambda _: WAIT,
            endorsement.CheckPermit: lambda _: "wrong" if self._does.says_wrong else "ok",
            endorsement.TakePermit: lambda _: WAIT,
            **self._applicant.replies,
            **self._bearer.replies,
            **self._borrower.replies,
        }

    def arrive(self) -> None:
        """Stand before the machine; what the scenario says is wrong from the start is wrong. Whoever was here before has taken their
        papers along."""
        self._tell("document_printer", {"do": "take"})
        seed = self._scenario.person.face_seed if self._does.face_seed is None else self._does.face_seed
        self._tell(
            "camera", {"do": "scene", "seed": seed, "faces": 1, "eyes": "open", "distance": 1.0, "blinking": True}
        )
        self.reach("start")

    def leave(self) -> None:
        self._tell("id_card", {"do": "remove"})
        self._tell("camera", {"do": "scene", "faces": 0})

    def reach(self, phase: str) -> None:
        """What the scenario foresees for this phase happens to the devices, once."""
        if phase in self._reached or not self._troubles:
            return
        self._reached.add(phase)
        for planned in self._scenario.devices:
            if planned.at == phase:
                self._tell(planned.device, planned.command)

    def _seen_so_many(self) -> None:
        self._screens += 1
        if self._troubles:
            for planned in self._scenario.devices:
                if planned.after_screens == self._screens:
                    self._tell(planned.device, planned.command)

    def _tell(self, device: str, command: Mapping[str, Any]) -> None:
        if device in self._virtual:
            self._virtual[device].control(command)

    def _unless(self, phase: str, answer: Any) -> Any:
        if self._does.cancel_at == phase:
            raise Cancelled
        return answer

    def _message(self, screen: common.Message) -> str:
        return self._applicant.button(screen) or self._bearer.button(screen) or choose_button(screen)

    def _start(self, _: common.ServiceStart) -> Any:
        return self._unless("start", common.StartAnswer(self._does.face_consent))

    def _place_card(self, screen: common.PlaceIdCard) -> Any:
        self._unless("card", None)
        if screen.state == "done":
            return None
        if screen.state == "lift_first":
            self._tell("id_card", {"do": "remove"})
        elif screen.state == "waiting":
            self.reach("card")
            self._tell("id_card", {"do": "place", "person": self._scenario.name})
        return WAIT

    def _face(self, screen: common.FaceCheck) -> Any:
        self._unless("face", None)
        if screen.frame is None and screen.phase == "seeking":
            self.reach("face")
        return WAIT

    def _staff(self, _: common.StaffCheck) -> Any:
        if self._does.staff == "absent":
            raise Cancelled
        return self._pin if self._does.staff == "approves" else "000000"

    def _vehicle(self, screen: violation.ChooseVehicle) -> Any:
        if self._does.types_plate:
            return None
        if self._does.vehicle:
            for row in screen.vehicles:
                if row.plate.replace("·", "") == self._does.vehicle:
                    return row.plate_type + self._does.vehicle
        free = [row for row in screen.vehicles if not row.locked] or list(screen.vehicles)
        if not free:
            raise Cancelled
        return free[0].plate_type + free[0].plate.replace("·", "")

    def _plate(self, screen: violation.EnterPlate) -> Any:
        return violation.PlateAnswer(self._does.vehicle, guess_plate_type(self._does.vehicle))

    def _list(self, screen: violation.ChooseViolations) -> Any:
        self.reach("list")
        self._unless("list", None)
        if (self._does.looks_at_evidence or self._does.objects) and not self._evidence_seen:
            self._evidence_seen = True
            return violation.ViewEvidence(screen.rows[0].record_id, screen.chosen)
        for row in screen.rows:
            wanted = self._does.choose == "all" or row.record_id in self._does.choose
            if wanted and not row.locked and row.record_id not in screen.chosen:
                return violation.Toggled((*screen.chosen, row.record_id))
        if not screen.chosen:
            raise Cancelled
        return violation.Chosen(screen.chosen)

    def _evidence(self, screen: violation.Evidence) -> Any:
        if screen.photos is None:
            return WAIT
        return "object" if self._does.objects else "close"

    def _notice(self, screen: violation.PenaltyNotice) -> Any:
        self._unless("notice", None)
        if self._does.defend:
            return violation.Defend()
        if screen.filming is not None and screen.filming.state != "on":
            return WAIT
        if screen.sign and self._does.refuses_to_sign:
            return violation.RefuseToSign(waived=True)
        if screen.sign and self._writes(screen.pen):
            return WAIT
        return violation.Signed(SIGNATURE if screen.sign else b"", ())

    def _writes(self, pen: violation.Pen | None) -> bool:
        """Whether they write on the pad beside the screen, and are not done yet."""
        if pen is None or "signature_pad" not in self._virtual:
            return False
        if not pen.ready:
            self._wrote = False
        elif not self._wrote:
            self._wrote = True
            self.reach("sign")
            self._tell("signature_pad", {"do": "sign"})
        return len(pen.strokes) < WRITTEN

    def _objection(self, screen: violation.ChooseObjection) -> Any:
        ids = [row.label for row in screen.reasons]
        return self._does.objection if self._does.objection in ids else ids[0]

    def _insert(self, screen: endorsement.InsertPermit) -> Any:
        if screen.state == "done":
            return None
        self._unless("permit", None)
        self.reach("permit")
        if screen.state in ("waiting", "given_back") and self._scenario.permit is not None:
            self._tell("permit_unit", {"do": "take"})  # a card that was refused at the slot
            self._tell("permit_unit", {"do": "insert", "card": self._scenario.permit.card(self._scenario.person)})
        return WAIT

    def _kind(self, screen: endorsement.ChooseEndorsementKind) -> Any:
        self._unless("kind", None)
        wanted = next((row for row in screen.kinds if row.id == self._does.kind), None)
        if wanted is None or wanted.locked:
            raise Cancelled
        return wanted.id

    def _places(self, screen: endorsement.ChooseDestinations) -> Any:
        self._unless("places", None)
        free = [row.id for row in screen.places if not row.locked]
        wanted = tuple(place for place in self._does.places if place in free)
        if not wanted:
            raise Cancelled
        return wanted

    def _entries(self, screen: endorsement.ChooseEntries) -> Any:
        self._unless("entries", None)
        chosen: list[str] = []
        for group in screen.groups:
            free = [option.id for option in group.options if not option.locked]
            wanted = [entry for entry in self._does.entries if entry in free] or free
            if not wanted:
                raise Cancelled
            chosen.append(wanted[0])
        return tuple(chosen)

    def see(self, screen: Screen[Any]) -> None:
        self._seen_so_many()
        if (moment := MOMENTS.get(type(screen))) is not None:
            self.reach(moment)
        if isinstance(screen, endorsement.TakePermit) and self._does.takes_permit:
            self._tell("permit_unit", {"do": "take"})
        if isinstance(screen, common.Working) and any("打印" in phase.title for phase in screen.phases):
            self.reach("print")

    def _pay(self, screen: pay.PayByQr) -> Any:
        self.reach("pay")
        if screen.state == "expired" or self._does.cancel_at == "pay":
            return "cancel"
        return "scan" if self._codes and screen.can_scan and screen.state == "waiting" else WAIT

    def _payer_code(self, screen: pay.ScanPayerCode) -> Any:
        """Hold the next code before the scanner each time the page says something else about the last one."""
        if screen.state != "waiting" or screen.trouble == self._told:
            return WAIT
        self._told = screen.trouble
        if not self._codes:
            return "show_qr"
        self._tell("qr_scanner", {"do": "show", "data": self._codes.pop(0)})
        return WAIT

    def _finish(self, screen: common.Finish) -> Any:
        self._tell("id_card", {"do": "remove"})
        return common.FinishAnswer("exit", self._does.rating)


def choose_button(screen: common.Message) -> str:
    """Staff where they are offered, then the way out, then whatever comes last: nobody tries for ever."""
    ids = [button.id for button in screen.buttons]
    return next((wanted for wanted in ("staff", "print", "exit") if wanted in ids), ids[-1])


class Rehearsal(RobotDesk):
    """A robot's desk that lets the citizen see every page as it opens, also those that ask nothing."""

    def __init__(self, citizen: Citizen, keep: bool = True) -> None:
        super().__init__(citizen.replies, keep)
        self._citizen = citizen

    def open(self, screen: Screen[A]) -> RobotPage:
        self._citizen.see(screen)
        return super().open(screen)
