"""The command line: arguments in, the library called, a writer chosen, an exit status out.

Exit status, the same for every format: 0 nothing at or above `--fail-on`, 1 something is, 2 it could not run. An error
the user can cause is one line on standard error. Every command imports what it needs when it runs, because the start
of the process counts.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

gc.set_threshold(100_000, 20, 20)  # a run makes many small objects and drops few: looking for cycles is a tenth of it

import click  # noqa: E402

from flexlint import __version__  # noqa: E402

FORMAT_NAMES = "full, concise, grouped, json, json-lines, sarif, github, gitlab, junit, rdjson, markdown, html"


class _Gone(Exception):
    """Nobody reads what we write any more (`flexlint ... | head`)."""


class _Group(click.Group):
    """Turns whatever goes wrong into one line and status 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:  # click would make status 1 of it, which says that something was found
            raise _Gone from error

    def main(self, *args: object, **kwargs: object) -> NoReturn:
        try:
            status = super().main(*args, standalone_mode=False, **kwargs)  # type: ignore[call-overload]
            sys.stdout.flush()
        except click.exceptions.Abort:
            _die("interrupted")
        except click.ClickException as error:
            _die(error.format_message())
        except (_Gone, BrokenPipeError):  # say nothing, and keep Python from flushing at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            sys.exit(2)
        except Exception as error:
            if os.environ.get("FLEXLINT_DEBUG"):
                raise
            _die(_told(error))
        sys.exit(status if isinstance(status, int) else 0)


def _die(message: str) -> NoReturn:
    try:
        from flexlint.report.text import clean
    except ImportError:  # an installation that is not whole must still not print what it cannot mask
        message = "flexlint is not installed whole"
    else:
        message = clean(message)
    print(f"flexlint: {message}", file=sys.stderr)
    sys.exit(2)


def _told(error: Exception) -> str:
    """An error as one line: what the user can mend, or where our own mistake showed."""
    from flexlint.inputs.source import InputError
    from flexlint.rulebook import UnknownRule

    if isinstance(error, (InputError, UnknownRule)):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'output'}: {error.strerror or error}"
    position = getattr(error, "position", "")
    cause = error.__cause__ or error
    return (
        f"internal error{f' at {position}' if position else ''}: {type(cause).__name__}; please report it "
        f"(FLEXLINT_DEBUG=1 shows the traceback)"
    )


def run() -> NoReturn:
    """The console command: `main`, then out without taking the objects of a whole run apart one by one."""
    status = 0
    try:
        main()
    except SystemExit as done:
        status = done.code if isinstance(done.code, int) else 1
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        status = status or 2
    os._exit(status)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="flexlint %(version)s")
def main() -> None:
    """Holds a Cisco FlexVPN / IKEv2 configuration against what the router's debug log says happened."""


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--log", "logs", multiple=True, metavar="LOG", help="The log of the one configuration given.")
@click.option("--peer", metavar="CONFIG", help="The configuration of the other end.")
@click.option("--peer-log", "peer_logs", multiple=True, metavar="LOG", help="The log of the other end.")
@click.option("--find-partner", is_flag=True, help="Find the log or configuration that belongs to each file on disk.")
@click.option("--follow", is_flag=True, help="Keep reading a log that grows, or standard input.")
@click.option("--idle", type=click.FloatRange(1), metavar="S", help="Seconds that end a negotiation in --follow: 75.")
@click.option("--select", "select_", multiple=True, metavar="X", help="Only these rules: id, name or family.")
@click.option("--ignore", multiple=True, metavar="X", help="Not these rules.")
@click.option("--fail-on", type=click.Choice(["error", "warning", "note", "never"]), default="error", show_default=True)
@click.option("--min-confidence", type=click.Choice(["low", "medium", "high"]), default="low", show_default=True)
@click.option("--assume", multiple=True, metavar="NAME=VALUE", help="Settle a contested behaviour of IOS.")
@click.option("--release", metavar="17.9", help="The IOS XE release, when the configuration does not say.")
@click.option("--output-format", "outputs", multiple=True, metavar="FORMAT[=PATH]", help=f"One of {FORMAT_NAMES}.")
@click.option("--statistics", is_flag=True, help="Count what was read, and the findings of each rule.")
@click.option("--explain-silence", metavar="RULE", help="Say why a rule found nothing.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--fix", is_flag=True, help="Mend configurations where the change is safe.")
@click.option("--fix-commands", is_flag=True, help="Print the fixes as IOS commands to paste in configuration mode.")
@click.option("--unsafe-fixes", is_flag=True, help="Also changes that may drop an established session.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="Processes for many files or a large log; as a rule, processors.",
)
def check(**arguments: object) -> int:
    """Check configurations, logs, or both against each other. A PATH is a file, a folder, or - for standard input."""
    from flexlint.commands.checking import check as run_check

    return run_check(**arguments)  # type: ignore[arg-type]


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="LOG... [CONFIG]")
@click.option("--only", type=click.Choice(["failed"]), help="Only the negotiations that failed.")
@click.option("--peer", metavar="ADDR", help="Only negotiations with this peer, by address or identity.")
@click.option("--negotiation", "numbers", multiple=True, type=int, metavar="N", help="Only this one, step by step.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each negotiation.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
def trace(
    paths: tuple[str, ...],
    only: str | None,
    peer: str | None,
    numbers: tuple[int, ...],
    as_json: bool,
    color: str,
) -> int:
    """Tell the negotiations of a LOG step by step, beside the lines of CONFIG they used; many are listed. Rotated logs
    are read as one, other logs one after another."""
    from flexlint.commands.tracing import trace as run_trace

    return run_trace(paths, only == "failed", peer, numbers, as_json, color)


@main.command()
@click.argument("config")
@click.option("--identity", metavar="TYPE:VALUE", help="What the peer sends: fqdn:br1.example.com.")
@click.option("--peer", metavar="A", help="The address the peer comes from.")
@click.option("--local", metavar="A", help="The address it comes to.")
@click.option("--fvrf", metavar="VRF", help="The VRF the packet comes in, '' for the global one.")
@click.option("--role", type=click.Choice(["responder", "initiator"]), default="responder", show_default=True)
@click.option("--method", metavar="M", help="How the peer authenticates: psk, rsa-sig, eap ...")
@click.option("--cert-dn", "subject", metavar="DN", help="The subject of the peer's certificate.")
@click.option("--assume", multiple=True, metavar="NAME=VALUE", help="Settle a contested behaviour of IOS.")
@click.option("--json", "as_json", is_flag=True, help="As JSON; flexlint schema prediction prints its schema.")
def predict(
    config: str,
    identity: str | None,
    peer: str | None,
    local: str | None,
    fvrf: str | None,
    role: str,
    method: str | None,
    subject: str | None,
    assume: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say what CONFIG would choose for a peer, and why not anything else."""
    from flexlint.commands.checking import assumptions
    from flexlint.commands.predicting import predict as run_predict

    run_predict(config, identity, peer, local, fvrf, role, method, subject, assumptions(assume), as_json)


@main.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Print the card of RULE, an id or a name."""
    from flexlint.cards import by_id_or_name
    from flexlint.rulebook import UnknownRule, select

    card = by_id_or_name(rule)
    if card is None:
        select([rule])  # says what was probably meant
        raise UnknownRule(f"'{rule}' is a family; flexlint rules lists its rules")
    header, _, body = card.text.removeprefix("---\n").partition("\n---\n")
    click.echo(f"{card.id} ({', '.join(line.strip() for line in header.splitlines())})\n\n{body.strip()}")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="As a JSON list.")
def rules(as_json: bool) -> None:
    """List all rules."""
    from flexlint.cards import cards

    columns = ("id", "name", "severity", "confidence", "verdict", "grade", "summary")
    rows = [tuple(str(getattr(card, column)) for column in columns) for card in cards().values()]
    if as_json:
        from json import dumps

        click.echo(dumps([dict(zip(columns, row, strict=True)) for row in rows], indent=2))
        return
    widths = [max(len(cell) for cell in column) for column in zip(columns, *rows, strict=True)]
    for row in (columns, *rows):
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


@main.command()
@click.argument("of", type=click.Choice(["report", "prediction", "trace"]), default="report")
def schema(of: str) -> None:
    """Print the JSON Schema of the json format, of predict --json, or of trace --json."""
    if of == "report":
        from flexlint.report.schema import SCHEMA_FILE
    elif of == "prediction":
        from flexlint.report.prediction import SCHEMA_FILE
    else:
        from flexlint.report.trace_schema import SCHEMA_FILE
    click.echo(SCHEMA_FILE.read_text(encoding="utf-8"), nl=False)
