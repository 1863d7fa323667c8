"""Devices from a few lines of configuration."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flexlint.config.model import Device
from flexlint.config.parse import read_device
from flexlint.place import TextFile

Reader = Callable[[str], Device]


@pytest.fixture
def read() -> Reader:
    """Text to device; the file is called hub.cfg and its line 1 is the first line that is not blank."""
    return lambda text: read_device(TextFile("hub.cfg", text.strip("\n").split("\n")))
