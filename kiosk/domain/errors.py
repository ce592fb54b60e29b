"""What can go wrong in an expected way. Anything else is a bug and stays a plain exception."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class ErrorKind(StrEnum):
    """Why a device could not do what was asked; the words follow CEN/XFS and UnifiedPOS."""

    NOT_OPEN = "not_open"
    OFFLINE = "offline"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    BUSY = "busy"
    NO_MEDIA = "no_media"
    MEDIA_REMOVED = "media_removed"
    MEDIA_BAD = "media_bad"
    MEDIA_JAMMED = "media_jammed"
    MEDIA_NOT_TAKEN = "media_not_taken"
    SUPPLY_LOW = "supply_low"
    SUPPLY_OUT = "supply_out"
    COVER_OPEN = "cover_open"
    CONSUMABLE_MECH = "consumable_mech"
    PROTOCOL = "protocol"
    UNSUPPORTED = "unsupported"
    INVALID_ARGUMENT = "invalid_argument"
    CONFIG = "config"
    PERMISSION = "permission"
    FRAUD_SUSPECT = "fraud_suspect"
    HARDWARE = "hardware"
    INTERNAL = "internal"


class Action(StrEnum):
    """What mends it, in the words of CEN/XFS error events. RETRY needs nobody, the others a technician or staff."""

    NONE = "none"
    RETRY = "retry"
    RESET = "reset"
    CLEAR = "clear"
    """Take out what is in the way: a jam, an open cover, a card."""
    REFILL = "refill"
    MAINTENANCE = "maintenance"
    CONFIGURE = "configure"
    SUSPEND = "suspend"
    """Take the device out of service and look into it: somebody may have tampered with it."""


ACTIONS: Mapping[ErrorKind, Action] = MappingProxyType(
    {
        ErrorKind.NOT_OPEN: Action.RETRY,
        ErrorKind.OFFLINE: Action.RESET,
        ErrorKind.TIMEOUT: Action.RESET,
        ErrorKind.CANCELLED: Action.RETRY,
        ErrorKind.BUSY: Action.RETRY,
        ErrorKind.NO_MEDIA: Action.RETRY,
        ErrorKind.MEDIA_REMOVED: Action.RETRY,
        ErrorKind.MEDIA_BAD: Action.RETRY,
        ErrorKind.MEDIA_JAMMED: Action.CLEAR,
        ErrorKind.MEDIA_NOT_TAKEN: Action.CLEAR,
        ErrorKind.SUPPLY_LOW: Action.REFILL,
        ErrorKind.SUPPLY_OUT: Action.REFILL,
        ErrorKind.COVER_OPEN: Action.CLEAR,
        ErrorKind.CONSUMABLE_MECH: Action.MAINTENANCE,
        ErrorKind.PROTOCOL: Action.RESET,
        ErrorKind.UNSUPPORTED: Action.CONFIGURE,
        ErrorKind.INVALID_ARGUMENT: Action.CONFIGURE,
        ErrorKind.CONFIG: Action.CONFIGURE,
        ErrorKind.PERMISSION: Action.CONFIGURE,
        ErrorKind.FRAUD_SUSPECT: Action.SUSPEND,
        ErrorKind.HARDWARE: Action.MAINTENANCE,
        ErrorKind.INTERNAL: Action.MAINTENANCE,
    }
)
"""The usual remedy of each kind of error."""


class DeviceError(Exception):
    """A device did not do what was asked.

    `kind` decides what the journey does, `hint` is one English sentence for the technician; neither may carry personal
    data. `native` is the device's own code (for example SW3 of an ID reader), printed beside the hint.
    """

    def __init__(self, kind: ErrorKind, device: str, hint: str, native: str = "") -> None:
        super().__init__(f"{device}: {kind}: {hint}" + (f" [{native}]" if native else ""))
        self.kind = kind
        self.device = device
        self.hint = hint
        self.native = native


class GatewayUnavailable(Exception):
    """A remote system gave no usable answer. The effect of the request is *unknown*, never *failed*."""

    def __init__(self, gateway: str, hint: str) -> None:
        super().__init__(f"{gateway}: {hint}")
        self.gateway = gateway
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule says no. `code` is for staff (E02, W05 …), `message` is the citizen's sentence, `reason` the technician's."""

    code: str
    message: str
    source: str = ""
    reason: str = ""
    alarm: bool = False
    """Staff are called at once (a stolen car, one person at two places)."""


class Refused(Exception):
    """A remote system answered, and the answer is no (4xx with a code). Nothing was done."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
