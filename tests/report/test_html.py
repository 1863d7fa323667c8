"""The HTML page: read back by a parser, and opened in a browser where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from flexlint.cards import cards
from flexlint.inputs.jobs import plan
from flexlint.report.formats import render
from flexlint.report.look import Look
from flexlint.rulebook import select
from flexlint.run import Options, run

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
VOID = {"meta", "br", "input", "link", "img"}


class Page(HTMLParser):
    """The elements of a page, each with its classes and all its text; fails on elements that do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = (tag, {name: value or "" for name, value in attrs}, [])
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, _, text in self._open:
            text.append(data)

    def texts(self, tag: str, its_class: str = "") -> list[str]:
        return [
            " ".join("".join(text).split())
            for name, attributes, text in self.elements
            if name == tag and its_class in ("", *attributes.get("class", "").split())
        ]


def page_of(folder: Path, rule: str, **edits: tuple[str, str]) -> str:
    for name, text in cards()[rule].example("Contradiction").files.items():
        old, new = edits.get(name.replace(".", "_"), ("", ""))
        (folder / name).write_text(text.replace(old, new) if old else text)
    hub, spoke = str(folder / "hub"), str(folder / "spoke")
    jobs = plan([f"{hub}.cfg"], [f"{hub}.log"], f"{spoke}.cfg", [f"{spoke}.log"])
    report = run(jobs.jobs, Options(select(), detailed=True))
    return "".join(render("html", report, Look(root=str(folder))))


def test_a_finding_shows_the_lines_of_all_files_and_both_ladders(tmp_path: Path) -> None:
    page = Page(page_of(tmp_path, "SEL222"))
    [headline] = page.texts("h3")
    assert headline.startswith("the initiator 'branch1' presents fqdn branch1.example.com")
    files = [Path(text).name for text in page.texts("h4")]
    assert files[:4] == ["hub.cfg", "spoke.cfg", "hub.log", "spoke.log"]
    assert [name.partition(":")[0] for name in files[4:]] == ["hub.log", "spoke.log"]
    assert "example.net" in page.texts("mark")
    assert (
        "17 match identity remote fqdn domain example.net ↑ BRANCHES wants an FQDN in domain example.net"
        in page.texts("li", "cited")
    )
    steps = page.texts("li", "bad")
    assert any("no profile found" in step for step in steps)
    assert any("received: IKE_AUTH response 1: AUTHENTICATION_FAILED" in step for step in steps)


def test_nothing_is_fetched_and_only_its_own_script_and_style_may_run(tmp_path: Path) -> None:
    html = page_of(tmp_path, "SEL222")
    page = Page(html)
    [policy] = [a["content"] for tag, a, _ in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    for tag in ("style", "script"):
        [text] = ["".join(text) for name, _, text in page.elements if name == tag]
        assert f"{tag}-src 'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in policy
    for tag, attributes, _ in page.elements:
        assert not {"src", "href", "style", "srcset", "action"} & set(attributes), tag
        assert not any(name.startswith("on") for name in attributes), tag
    assert not re.search(r"url\(|@import", html)


def test_text_of_a_log_is_text_and_keys_are_masked(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    html = page_of(tmp_path, "SEL222", hub_log=("branch1.example.com", evil), spoke_cfg=("branch1.example.com", evil))
    page = Page(html)
    assert len(page.texts("script")) == 1
    assert any(evil in text for text in page.texts("h3"))
    assert "Zx8-branch-1" not in html


def test_headings_regions_and_labels_are_there_for_readers_that_do_not_see(tmp_path: Path) -> None:
    page = Page(page_of(tmp_path, "TUN221"))
    levels = [int(tag[1]) for tag, _, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = {a["id"] for _, a, _ in page.elements if "id" in a}
    named = [a["aria-labelledby"] for _, a, _ in page.elements if "aria-labelledby" in a]
    assert set(named) <= ids
    assert next(a for tag, a, _ in page.elements if tag == "html")["lang"] == "en"
    drawings = [a for tag, a, _ in page.elements if tag == "svg"]
    assert drawings
    assert all(a["aria-hidden"] == "true" for a in drawings), "the words beside an arrow say its direction"


def test_a_browser_runs_the_filters_under_the_policy(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium on this machine")
    (tmp_path / "page.html").write_text(page_of(tmp_path, "TUN221"), encoding="utf-8")
    done = subprocess.run(
        [browser, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", str(tmp_path / "page.html")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "<html" not in done.stdout:
        pytest.skip(f"Chromium does not start here: {done.stderr.strip()[-200:]}")
    page = Page(done.stdout)
    assert "1 of 1 shown" in page.texts("span")
    form = next(a for tag, a, _ in page.elements if tag == "form")
    assert "hidden" not in form
