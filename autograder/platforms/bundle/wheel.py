"""This package as a wheel, made of what is installed here: the same from a clone and from a wheel.

The format: https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

import base64
import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import autograder
from autograder.shipped import shipped

DISTRIBUTION = "nbgrader-autograder"
_LEFT_OUT = frozenset({"__pycache__", "source", "docs"})  # `source`: what courses are started of
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files make the same bytes
_WHEEL = "Wheel-Version: 1.0\nGenerator: autograder bundle\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def name() -> str:
    """Return the wheel's file name."""
    return f"{_stem()}-py3-none-any.whl"


def build() -> bytes:
    """Return the wheel.

    Raises:
        PackageNotFoundError: this package is not installed, but only lies on the path.
    """
    files = dict(_files())
    record = io.StringIO(newline="")
    rows = csv.writer(record, lineterminator="\n")
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        rows.writerow((path, f"sha256={digest}", len(data)))
    listed = f"{_stem()}.dist-info/RECORD"
    rows.writerow((listed, "", ""))
    return archive({**files, listed: record.getvalue().encode()})


def archive(files: dict[str, bytes], programs: frozenset[str] = frozenset()) -> bytes:
    """Return an archive of files by path, of which some are programs; the same files make the same bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as opened:
        for path, data in files.items():
            info = zipfile.ZipInfo(path, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o100755 if path in programs else 0o100644) << 16
            opened.writestr(info, data)
    return written.getvalue()


def tree(folder: Path, left_out: frozenset[str] = frozenset({"__pycache__"})) -> Iterator[tuple[str, bytes]]:
    """Yield the regular files of a folder and those in it, by path below it, in order."""
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        if path.is_file() and not left_out & set(below.parts) and not below.name.startswith("."):
            yield below.as_posix(), path.read_bytes()


def _files() -> Iterator[tuple[str, bytes]]:
    """Yield the package's files, then what describes it."""
    package = Path(autograder.__file__).parent
    for path, data in tree(package, _LEFT_OUT):
        yield f"{package.name}/{path}", data
    for page in sorted(shipped("docs").glob("*.md")):  # messages point to them
        if not page.name.startswith("certificate-"):
            yield f"{package.name}/docs/{page.name}", page.read_bytes()
    installed = metadata.distribution(DISTRIBUTION)
    for entry in ("METADATA", "entry_points.txt"):
        yield f"{_stem()}.dist-info/{entry}", (installed.read_text(entry) or "").encode()
    yield f"{_stem()}.dist-info/WHEEL", _WHEEL.encode()


def _stem() -> str:
    """Return the name and version with which its files begin: as installed, since its metadata says the same."""
    return f"{DISTRIBUTION.replace('-', '_')}-{metadata.version(DISTRIBUTION)}"
