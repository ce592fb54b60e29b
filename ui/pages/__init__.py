"""Which page shows which screen. Pages are imported when first shown, so that start-up pays for the home page only."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from kiosk.screens.screen import Screen

PAGES: dict[str, str] = {
    "kiosk.screens.home:Home": "ui.pages.home:HomePage",
    "kiosk.screens.common:ServiceStart": "ui.pages.start:ServiceStartPage",
    "kiosk.screens.common:PlaceIdCard": "ui.pages.id_card:IdCardPage",
    "kiosk.screens.common:FaceCheck": "ui.pages.face:FacePage",
    "kiosk.screens.common:StaffCheck": "ui.pages.staff:StaffCheckPage",
    "kiosk.screens.common:Working": "ui.pages.working:WorkingPage",
    "kiosk.screens.common:Finish": "ui.pages.finish:FinishPage",
    "kiosk.screens.common:Message": "ui.pages.message:MessagePage",
    "kiosk.screens.common:OutOfService": "ui.pages.out_of_service:OutOfServicePage",
    "kiosk.screens.violation:ChooseVehicle": "ui.pages.choose_vehicle:ChooseVehiclePage",
    "kiosk.screens.violation:EnterPlate": "ui.pages.plate:EnterPlatePage",
    "kiosk.screens.violation:EnterVehicleProof": "ui.pages.vehicle_proof:VehicleProofPage",
    "kiosk.screens.violation:ChooseViolations": "ui.pages.violations:ChooseViolationsPage",
    "kiosk.screens.violation:Evidence": "ui.pages.evidence:EvidencePage",
    "kiosk.screens.violation:ReviewSelection": "ui.pages.review:ReviewPage",
    "kiosk.screens.violation:PenaltyNotice": "ui.pages.notice:PenaltyNoticePage",
    "kiosk.screens.violation:ChooseObjection": "ui.pages.objection:ChooseObjectionPage",
    "kiosk.screens.violation:ExplainObjection": "ui.pages.statement:ExplainObjectionPage",
    "kiosk.screens.violation:StateDefence": "ui.pages.statement:StateDefencePage",
    "kiosk.screens.vehicle:ChoosePlateType": "ui.pages.plate_type:ChoosePlateTypePage",
    "kiosk.screens.vehicle:OfferFiling": "ui.pages.filing_offer:OfferFilingPage",
    "kiosk.screens.vehicle:OwnerScans": "ui.pages.owner_scans:OwnerScansPage",
    "kiosk.screens.vehicle:EnterOwnerCode": "ui.pages.owner_code:OwnerCodePage",
    "kiosk.screens.fine:EnterDecisionNumber": "ui.pages.decision_number:DecisionNumberPage",
    "kiosk.screens.fine:ScanDecision": "ui.pages.decision_scan:ScanDecisionPage",
    "kiosk.screens.fine:ReviewFine": "ui.pages.fine_review:ReviewFinePage",
    "kiosk.screens.fine:ChooseReprintWay": "ui.pages.reprint_way:ChooseReprintWayPage",
    "kiosk.screens.pay:PayByQr": "ui.pages.pay:PayByQrPage",
    "kiosk.screens.pay:ScanPayerCode": "ui.pages.payer_code:PayerCodePage",
    "kiosk.screens.endorsement:InsertPermit": "ui.pages.permit_insert:InsertPermitPage",
    "kiosk.screens.endorsement:ChooseEndorsementKind": "ui.pages.endorsement_kind:EndorsementKindPage",
    "kiosk.screens.endorsement:ChooseDestinations": "ui.pages.endorsement_places:DestinationsPage",
    "kiosk.screens.endorsement:ChooseEntries": "ui.pages.endorsement_entries:EntriesPage",
    "kiosk.screens.endorsement:EnterPhone": "ui.pages.phone:PhonePage",
    "kiosk.screens.endorsement:ReviewEndorsement": "ui.pages.endorsement_review:ReviewEndorsementPage",
    "kiosk.screens.endorsement:MakingPermit": "ui.pages.permit_making:MakingPermitPage",
    "kiosk.screens.endorsement:CheckPermit": "ui.pages.permit_check:CheckPermitPage",
    "kiosk.screens.endorsement:TakePermit": "ui.pages.permit_take:TakePermitPage",
    "kiosk.screens.form:FormSections": "ui.pages.form_sections:FormSectionsPage",
    "kiosk.screens.form:BringForm": "ui.pages.form_bring:BringFormPage",
    "kiosk.screens.form:FormQuestion": "ui.pages.form_question:FormQuestionPage",
    "kiosk.screens.form:SplitName": "ui.pages.form_name:SplitNamePage",
    "kiosk.screens.form:SpellName": "ui.pages.form_pinyin:SpellNamePage",
    "kiosk.screens.form:ChoosePhotoWay": "ui.pages.photo_way:ChoosePhotoWayPage",
    "kiosk.screens.form:TakePhoto": "ui.pages.photo_take:TakePhotoPage",
    "kiosk.screens.form:PhotoTaken": "ui.pages.photo_taken:PhotoTakenPage",
    "kiosk.screens.form:EnterPhotoReceipt": "ui.pages.photo_receipt:EnterPhotoReceiptPage",
    "kiosk.screens.form:ReviewForm": "ui.pages.form_review:ReviewFormPage",
    "kiosk.screens.form:PreviewForm": "ui.pages.form_preview:PreviewFormPage",
    "kiosk.screens.diagnostics:StaffLogin": "ui.pages.diag_login:StaffLoginPage",
    "kiosk.screens.diagnostics:Overview": "ui.pages.diag_overview:OverviewPage",
    "kiosk.screens.diagnostics:DeviceDetail": "ui.pages.diag_device:DeviceDetailPage",
    "kiosk.screens.diagnostics:SelfTest": "ui.pages.diag_checks:SelfTestPage",
    "kiosk.screens.day_end:DayEndView": "ui.pages.diag_day_end:DayEndPage",
    "kiosk.screens.diagnostics:Logs": "ui.pages.diag_logs:LogsPage",
    "kiosk.screens.diagnostics:FaultBoard": "ui.pages.diag_faults:FaultBoardPage",
    "kiosk.screens.diagnostics:SettingsView": "ui.pages.diag_settings:SettingsPage",
    "kiosk.screens.diagnostics:AuditView": "ui.pages.diag_audit:AuditPage",
}
"""Screens by name, not by type, so that this list imports none of them."""


def page_class(kind: type[Screen[Any]]) -> type[Any]:
    """The page of a screen. Raises KeyError for a screen no page shows."""
    module, _, name = PAGES[f"{kind.__module__}:{kind.__qualname__}"].partition(":")
    found: type[Any] = getattr(import_module(module), name)
    return found
