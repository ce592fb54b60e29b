"""WeChat Pay APIv3, as one of the payment front's channels: `channel.open_channel(settings, clock)`; `fake` is the wallet for tests."""
