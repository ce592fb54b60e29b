"""A scenario's citizen without a window."""

from kiosk.rehearsal.citizen import SIGNATURE, STAFF_PIN, Citizen, Rehearsal, choose_button

__all__ = ["SIGNATURE", "STAFF_PIN", "Citizen", "Rehearsal", "choose_button"]
