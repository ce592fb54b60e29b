"""Wallets behind a payment front: the client the kiosk uses and a fake front for tests, demo and training.

`client.WalletClient` asks, `fake.FakeFront` answers, `openapi.yaml` is the contract between them. This package imports
nothing by itself, so that httpx and starlette load when they are first needed.
"""
