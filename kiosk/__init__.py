"""OneTrip: the business of the kiosk."""

import sys

VERSION = "0.1.0"

if sys.version_info < (3, 11, 3):
    from kiosk import old_timeouts

    old_timeouts.mend()
