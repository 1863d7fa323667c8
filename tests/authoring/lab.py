"""Hub and spoke of a card's example, written to a folder, edited, and checked together."""

from __future__ import annotations

from pathlib import Path

from flexlint.cards import cards
from flexlint.inputs.jobs import plan
from flexlint.report.model import Report
from flexlint.rulebook import select
from flexlint.run import Options, run


class Lab:
    """Hub and spoke with their logs, written to a folder."""

    def __init__(self, folder: Path, card: str, part: str = "Contradiction") -> None:
        self.folder = folder
        self.files = dict(cards()[card].example(part).files)

    def edit(self, name: str, old: str, new: str) -> Lab:
        assert old in self.files[name]
        self.files[name] = self.files[name].replace(old, new)
        return self

    def check(self, logs: tuple[str, ...] = ("hub.log",), peer_logs: tuple[str, ...] = ("spoke.log",)) -> Report:
        for name, text in self.files.items():
            (self.folder / name).write_text(text)
        paths = [str(self.folder / name) for name in (*logs, *peer_logs)]
        given, others = paths[: len(logs)], paths[len(logs) :]
        jobs = plan([str(self.folder / "hub.cfg")], given, str(self.folder / "spoke.cfg"), others).jobs
        return run(jobs, Options(select()))
