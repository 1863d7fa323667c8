"""The pages of docs/ say what the rules and commands say today."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from flexlint.cards import cards

CHECKOUT = Path(__file__).resolve().parent.parent
SPEC = importlib.util.spec_from_file_location("generate", CHECKOUT / "docs/generate.py")
assert SPEC is not None
assert SPEC.loader is not None
generate = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(generate)


@pytest.mark.parametrize("name", list(generate.PAGES))
def test_page_is_as_it_would_be_made_now(name: str):
    assert (CHECKOUT / "docs" / name).read_text(encoding="utf-8") == generate.page(name), "run make docs"


def test_every_rule_is_linked_to_its_card():
    links = re.findall(r"\]\((\.\./rules/[^)]+)\)", generate.page("rules.md"))
    assert len(links) == len(cards())
    assert all((CHECKOUT / "docs" / link).is_file() for link in links)
