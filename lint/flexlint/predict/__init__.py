"""From a configuration and what a peer presents to every object IOS will choose for it."""

from flexlint.predict.chain import predict

__all__ = ["predict"]
