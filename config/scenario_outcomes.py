"""How the visit of a scenario's citizen ends when kiosk and simulators do what they should."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    PAID = "paid"
    """Everything chosen is decided, paid and posted, and the papers are printed."""
    WARNED = "warned"
    """Decided, and there was nothing to pay."""
    UNPAID = "unpaid"
    """Decided and not paid: the citizen has 15 days."""
    PAID_LATE = "paid_late"
    """The code ran out or was closed, the money came all the same: it is posted or given back, never lost."""
    PAYMENT_UNKNOWN = "payment_unknown"
    """The visit ended without knowing; the sweeper finds out."""
    AMOUNT_ALARM = "amount_alarm"
    """Something else was paid than asked: not posted, staff are called."""
    POSTED_LATER = "posted_later"
    """Paid, and posted by the sweeper once the platform was back."""
    PRINTED_LATER = "printed_later"
    """Paid and posted, the paper was not printed (fully); it can be had again."""
    NOTHING_OPEN = "nothing_open"
    NONE_ELIGIBLE = "none_eligible"
    """There are records and none can be handled at the machine."""
    REFUSED = "refused"
    """A rule about the person or the vehicle says no."""
    DECISION_REJECTED = "decision_rejected"
    """The platform said no at the last moment, or had no number left; nothing was decided."""
    OBJECTED = "objected"
    """The citizen objected to everything chosen; nothing was decided."""
    DEFENDED = "defended"
    """The citizen stated and defended; nothing was decided."""
    REFUSED_TO_SIGN = "refused_to_sign"
    """The citizen did not sign, and nobody noted it; nothing was decided."""
    CANCELLED = "cancelled"
    """The citizen left before anything was decided."""
    UNAVAILABLE = "unavailable"
    """A part of the world was down and nothing was done."""
    ENDORSED = "endorsed"
    """Applied, paid, written into the permit and printed on its back; the citizen has it again."""
    ENDORSED_UNPRINTED = "endorsed_unprinted"
    """The chip carries the endorsements, the back does not show them: staff print it."""
    WRITE_FAILED = "write_failed"
    """Paid, and nothing was written for sure: the application is cancelled and the money asked back."""
    WRITE_UNCERTAIN = "write_uncertain"
    """Paid, and nobody knows yet what the chip carries: staff look at the permit; no money moves by itself."""
    PERMIT_RETAINED = "permit_retained"
    """Nobody took the permit: it lies in the bin."""
    PERMIT_STUCK = "permit_stuck"
    """The permit cannot be brought out of the machine: staff are called."""
    CARD_UNREADABLE = "card_unreadable"
    """What was put in, three times over, is no permit that can be read; it was given back each time."""
    DEVICE = "device"
    """A device gave up before anything was applied for; the permit is back. The end names it: device:permit_unit."""

    POSTING_REFUSED = "posting_refused"
    """Paid, and the police side does not book it, because the fine was paid elsewhere meanwhile: staff give the money back."""
    COPIED = "copied"
    """The fine was paid before, and its voucher was printed once more."""

    PRINTED = "printed"
    """The application form lies in the citizen's hand."""
    NOT_PRINTED = "not_printed"
    """No form came out of the printer; the draft is taken back."""


SERVICE_ENDS = frozenset(
    {
        Outcome.ENDORSED,
        Outcome.ENDORSED_UNPRINTED,
        Outcome.WRITE_FAILED,
        Outcome.WRITE_UNCERTAIN,
        Outcome.PERMIT_RETAINED,
        Outcome.PERMIT_STUCK,
        Outcome.CARD_UNREADABLE,
        Outcome.DEVICE,
    }
)
"""Ends that only scenarios of the endorsement service have."""
FINE_ENDS = frozenset({Outcome.POSTING_REFUSED, Outcome.COPIED})
"""Ends that only scenarios of paying by number have."""
FORM_ENDS = frozenset({Outcome.PRINTED, Outcome.NOT_PRINTED})
"""Ends that only scenarios of the form service have."""
