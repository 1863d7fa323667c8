"""The steps of a prediction by name, and what the chosen authorization policy gives the peer.

Comes in: a `Prediction`, and its device. Goes out: the choices in the order in which IOS makes them, lines of a policy,
prefixes. Both the text and the JSON of `flexlint predict` are made from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from flexlint.config.model import Device, Statement
from flexlint.predict.authorization import routes_sent
from flexlint.predict.model import Choice, Prediction


class Step(NamedTuple):
    title: str
    choice: Choice[Any]


def steps_of(prediction: Prediction) -> Iterator[Step]:
    """Every step there was something to choose at; those that need a profile only where one was found."""
    yield Step("profile", prediction.profile)
    yield Step("policy", prediction.policy)
    if prediction.profile.chosen is not None:
        yield Step("keyring", prediction.keyring)
        yield Step("peer block", prediction.peer_block)
        yield Step("group authorization", prediction.authorization)
        yield Step("user authorization", prediction.user_authorization)
        yield Step("AAA list", prediction.aaa_list)
        yield Step("authorization policy", prediction.authorization_policy)
        yield Step("pool", prediction.pool)
    yield Step("interface", prediction.template)
    yield Step("ipsec profile", prediction.ipsec_profile)


def is_told(choice: Choice[Any]) -> bool:
    """Whether there is anything to say of a step."""
    return choice.chosen is not None or bool(choice.rejected) or bool(choice.missing)


def attributes_of(prediction: Prediction) -> list[Statement]:
    """What the local authorization policy gives the peer, line by line."""
    policy = prediction.authorization_policy.chosen
    return [one for one in policy.statements if not one.negated] if policy is not None else []


def routes_of(device: Device, prediction: Prediction) -> list[str] | None:
    """The IPv4 prefixes pushed to the peer; None where one of them cannot be known, or nothing authorizes the peer."""
    policy = prediction.authorization_policy.chosen
    if policy is None:
        return None
    routes = routes_sent(device, policy, prediction.template.chosen)
    return [str(one) for one in routes] if routes is not None else None
