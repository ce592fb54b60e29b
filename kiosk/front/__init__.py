"""The payment front: the one process that holds the merchant keys. Kiosks reach it by `kiosk/gateways/wallet/openapi.yaml`.

`app` is its door to the outside (`door` who may ask, `requests` what, `counter` what is done), `notices` the wallets' own door. `till`
speaks with one wallet about one order, `evidence` says what its word does, `engine` asks when nobody else does (`pace` says when). `store`
is the ledger. `channel` is what a wallet must be able to do: `alipay`, `wechat`, `acquirer`. `front` puts it together, `serving` runs it
alone and `embedded` inside a kiosk; `check` and `reconcile` look at it. This package imports nothing by itself.
"""

import kiosk.old_timeouts  # noqa: F401
