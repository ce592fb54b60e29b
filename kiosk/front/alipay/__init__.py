"""Alipay (gateway.do, version 1.0, RSA2): a thin client, and a fake to test it with. `channel.py` is the place to begin."""
