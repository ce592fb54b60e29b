"""The care of the devices: who may use them, opening and re-opening, what they counted, how healthy they are."""

import kiosk.old_timeouts  # noqa: F401
