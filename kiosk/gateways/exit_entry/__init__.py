"""The exit-entry front-end: its contract (`openapi.yaml`), the kiosk's client and a simulated server."""
