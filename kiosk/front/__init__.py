"""The payment front: the one process that holds the merchant keys. Kiosks reach it by `kiosk/gateways/wallet/openapi.yaml`."""
