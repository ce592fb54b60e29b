import kiosk.old_timeouts  # noqa: F401
