"""The bar on a terminal: nothing for a short run, nothing left of it after a long one."""

from __future__ import annotations

import pytest

from flexlint import progress


def test_nothing_is_shown_within_a_second(capsys: pytest.CaptureFixture[str]):
    bar = progress.Bar()
    bar("hub.log", 1, 100)
    bar("hub.log", 90, 100)
    bar.close()
    assert capsys.readouterr() == ("", "")


def test_a_bar_names_the_log_on_standard_error(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
    monkeypatch.setenv("TERM", "xterm")
    bar = progress.Bar()
    bar("logs/hub.log", 50, 100)
    bar.close()
    out, err = capsys.readouterr()
    assert out == ""
    assert "hub.log" in err
