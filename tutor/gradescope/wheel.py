"""This program as a wheel, from the files that it runs from: no build tool and no network.

An editable checkout and an installed wheel give the same one. Source of the format:
https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

from __future__ import annotations

import csv
import io
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib import metadata
from pathlib import Path

from tutor.paths import PACKAGE, bundled_bank
from tutor.refusal import Refusal

DISTRIBUTION = "exam-tutor"
EPOCH = (1980, 1, 1, 0, 0, 0)
_NOT_IN_A_WHEEL = ("README.md", "schema.json")
_WHEEL = "Wheel-Version: 1.0\nGenerator: exam-tutor\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel() -> tuple[str, bytes]:
    """The wheel's file name and its bytes, the same for the same files. Raises Refusal."""
    try:
        installed = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        raise Refusal(
            f"{DISTRIBUTION} is not installed here: pip install . in its folder"
        ) from None
    stem = f"{DISTRIBUTION.replace('-', '_')}-{installed.version}"
    files = {**_packages(), **_about(installed, f"{stem}.dist-info")}
    record = f"{stem}.dist-info/RECORD"
    files[record] = _record(files, record)
    return f"{stem}-py3-none-any.whl", packed(files)


def packed(files: Mapping[str, bytes], programs: tuple[str, ...] = ()) -> bytes:
    """A zip archive of files by name; ``programs`` may be run."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # the rights below are Unix's
            entry.external_attr = (0o100755 if name in programs else 0o100644) << 16
            archive.writestr(entry, content)
    return data.getvalue()


def _packages() -> dict[str, bytes]:
    """The packages, and the bank inside them, where an installed program looks for it."""
    bank = bundled_bank()
    found = {**_below(PACKAGE, "tutor"), **_below(PACKAGE.parent / "engine", "engine")}
    if not bank.is_relative_to(PACKAGE):
        beside = {f"tutor/problems/{name}" for name in _NOT_IN_A_WHEEL}
        problems = _below(bank, "tutor/problems")
        found |= {name: data for name, data in problems.items() if name not in beside}
    return dict(sorted(found.items()))


def _below(folder: Path, name: str) -> dict[str, bytes]:
    return {
        f"{name}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def _about(installed: metadata.Distribution, folder: str) -> dict[str, bytes]:
    """What the distribution says of itself: its metadata, its commands, its licences."""
    texts = {"WHEEL": _WHEEL}
    for name in ("METADATA", "entry_points.txt", *_licences(installed)):
        text = installed.read_text(name)
        if text is None:
            raise Refusal(f"{DISTRIBUTION} is installed without its {name}: install it again")
        texts[name] = text
    return {f"{folder}/{name}": text.encode() for name, text in sorted(texts.items())}


def _licences(installed: metadata.Distribution) -> Iterator[str]:
    for name in installed.metadata.get_all("License-File") or ():
        yield f"licenses/{name}"


def _record(files: Mapping[str, bytes], itself: str) -> bytes:
    """Every file with its digest and size; the record has none of its own."""
    lines = io.StringIO()
    rows = csv.writer(lines, lineterminator="\n")
    for name, content in files.items():
        digest = urlsafe_b64encode(sha256(content).digest()).decode().rstrip("=")
        rows.writerow((name, f"sha256={digest}", len(content)))
    rows.writerow((itself, "", ""))
    return lines.getvalue().encode()
