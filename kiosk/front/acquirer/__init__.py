"""A generic acquirer: one contract for all codes. `openapi.yaml` is the contract, `channel` the front's side, `fake` the other one.

Many halls are contracted with a bank or an aggregator that takes every wallet's codes (C扫B, B扫C). Their interfaces differ in names and
agree in kind; a small adapter beside the acquirer's own gateway speaks this contract.
"""
