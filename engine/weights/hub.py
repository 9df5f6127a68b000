"""What the Hub knows: whose a token is, and whether it opens S1 Mini's repository."""

from engine.weights.values import HubAccount


def hub_account(token: str | None) -> HubAccount:
    raise NotImplementedError


def check_licence(token: str | None) -> None:
    raise NotImplementedError
