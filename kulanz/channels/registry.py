"""The channels that messages come from and go to."""

from __future__ import annotations

from typing import Protocol

from kulanz.core.errors import NotFound


class Channel(Protocol):
    """`streams`: the customer's side reads the live stream, so storing and publishing a message delivers it.

    Any other channel sends in a job of its own, by `send`, which raises TransientError to be called again and
    PermanentError to be given up; the key makes a repeated call harmless.
    """

    name: str
    streams: bool

    def send(self, key: str, payload: dict[str, object]) -> None: ...


class StreamChannel:
    """A channel whose customers hold a connection to us."""

    streams = True

    def __init__(self, name: str) -> None:
        self.name = name

    def send(self, key: str, payload: dict[str, object]) -> None:
        """Nothing is left to do: the message reached the stream in the transaction that stored it."""


CHANNELS: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    CHANNELS[channel.name] = channel


def get_channel(name: str) -> Channel:
    """Raises NotFound for a channel that this installation does not have."""
    if name not in CHANNELS:
        raise NotFound(f"There is no channel {name!r}. Known ones: {', '.join(sorted(CHANNELS))}.")
    return CHANNELS[name]


for _name in ("web_chat", "api"):
    register(StreamChannel(_name))
