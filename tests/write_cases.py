"""Writes the generated cases of tests/cases anew: `python tests/write_cases.py`. Hand-written ones stay."""

from __future__ import annotations

from shutil import rmtree

from authoring.case import FOLDER, store
from authoring.drafts import FAULTS, all_cases


def main() -> None:
    cases = list(all_cases())
    for folder in FOLDER.iterdir():
        slug = folder.name.rpartition("-")[0].rpartition("-")[0]
        if folder.is_dir() and slug in FAULTS:
            rmtree(folder)
    for case in cases:
        store(case)
    print(f"{len(cases)} cases of {len(FAULTS)} kinds of fault")


if __name__ == "__main__":
    main()
