"""OneTrip: the business of the kiosk."""

VERSION = "0.1.0"
