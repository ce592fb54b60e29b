"""Which page shows which screen. Pages are imported when first shown, so that start-up pays for the home page only."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from kiosk.screens import common, violation
from kiosk.screens.base import Screen

PAGES: dict[type[Screen[Any]], str] = {
    common.Home: "ui.pages.home:HomePage",
    common.ServiceStart: "ui.pages.start:ServiceStartPage",
    common.PlaceIdCard: "ui.pages.id_card:IdCardPage",
    common.FaceCheck: "ui.pages.face:FacePage",
    common.StaffCheck: "ui.pages.staff:StaffCheckPage",
    common.Working: "ui.pages.working:WorkingPage",
    common.Finish: "ui.pages.finish:FinishPage",
    common.Message: "ui.pages.message:MessagePage",
    common.OutOfService: "ui.pages.out_of_service:OutOfServicePage",
    violation.ChooseVehicle: "ui.pages.choose_vehicle:ChooseVehiclePage",
    violation.EnterPlate: "ui.pages.plate:EnterPlatePage",
    violation.EnterVehicleProof: "ui.pages.vehicle_proof:VehicleProofPage",
    violation.ChooseViolations: "ui.pages.violations:ChooseViolationsPage",
    violation.Evidence: "ui.pages.evidence:EvidencePage",
    violation.ReviewSelection: "ui.pages.review:ReviewPage",
    violation.PenaltyNotice: "ui.pages.notice:PenaltyNoticePage",
    violation.ChooseObjection: "ui.pages.objection:ChooseObjectionPage",
    violation.PayByQr: "ui.pages.pay:PayByQrPage",
}


def page_class(kind: type[Screen[Any]]) -> type[Any]:
    """The page of a screen. Raises KeyError for a screen no page shows."""
    module, _, name = PAGES[kind].partition(":")
    found: type[Any] = getattr(import_module(module), name)
    return found
