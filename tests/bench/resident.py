"""Resident memory of a check of a large log: `python tests/bench/resident.py 1000` makes a log of so many megabytes in
the folder for temporary files, checks it with one process, prints the figure, and deletes it."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from generate_log import log

MEGABYTE = 1_000_000


def main() -> None:
    megabytes = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hub.log"
        with path.open("w", encoding="utf-8") as out:
            out.writelines(log(megabytes * MEGABYTE))
        command = [str(Path(sys.executable).with_name("flexlint")), "check", str(path), "--jobs", "1"]
        subprocess.run([*command, "--fail-on", "never"], stdout=subprocess.DEVNULL, check=True)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{megabytes} MB: {usage.ru_maxrss / 1024:.0f} MB resident, {usage.ru_utime:.0f} s of the processor")


if __name__ == "__main__":
    main()
