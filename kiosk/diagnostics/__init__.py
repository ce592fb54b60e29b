"""The technician's mode: signing in, and the pages behind it."""

import kiosk.old_timeouts  # noqa: F401
