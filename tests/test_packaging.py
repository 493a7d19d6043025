"""What a user gets who installs the wheel, and what a developer gets from an editable install."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

from tutor import __version__

CHECKOUT = Path(__file__).resolve().parent.parent


def build(hook: str, into: Path, source: Path = CHECKOUT) -> Path:
    """Call a build hook as pip does, in a process of its own; no network is needed."""
    code = f"import hatchling.build, sys; print(hatchling.build.{hook}(sys.argv[1]))"
    run = subprocess.run(
        [sys.executable, "-c", code, str(into)],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return into / run.stdout.split()[-1]


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("build_wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def editable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("build_editable", tmp_path_factory.mktemp("editable"))


def files_below(folder: str, pattern: str) -> set[str]:
    return {path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / folder).rglob(pattern)}


def test_the_wheel_holds_the_bank_inside_the_package(wheel: Path) -> None:
    bank = {name for name in names_in(wheel) if name.startswith("tutor/problems/")}
    assert bank == {f"tutor/{name}" for name in files_below("problems", "*.yaml")}
    with zipfile.ZipFile(wheel) as archive:
        for name in bank:
            assert archive.read(name) == (CHECKOUT / name.removeprefix("tutor/")).read_bytes()


def test_the_wheel_holds_every_module_and_its_types(wheel: Path) -> None:
    names = names_in(wheel)
    assert {"engine/py.typed", "tutor/py.typed"} <= names
    modules = {name for name in names if name.endswith(".py")}
    assert modules == files_below("engine", "*.py") | files_below("tutor", "*.py")


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in names_in(wheel)}
    assert tops == {"engine", "tutor", f"exam_tutor-{__version__}.dist-info"}


def read_metadata(wheel: Path, name: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(f"exam_tutor-{__version__}.dist-info/{name}").decode()


def test_both_commands_start_the_same_program(wheel: Path) -> None:
    entries = ConfigParser()
    entries.read_string(read_metadata(wheel, "entry_points.txt"))
    assert dict(entries["console_scripts"]) == {
        "tutor": "tutor.cli:main",
        "exam-tutor": "tutor.cli:main",
    }


def test_the_wheel_bears_its_licence_and_its_python(wheel: Path) -> None:
    metadata = read_metadata(wheel, "METADATA").splitlines()
    assert "License-Expression: MIT" in metadata
    assert "Requires-Python: >=3.11" in metadata
    assert "MIT License" in read_metadata(wheel, "licenses/LICENSE")


def test_an_editable_install_uses_the_checkout_and_copies_nothing(editable: Path) -> None:
    files = {name for name in names_in(editable) if ".dist-info/" not in name}
    assert files == {"_exam_tutor.pth"}
    with zipfile.ZipFile(editable) as archive:
        assert archive.read("_exam_tutor.pth").decode().split("\n") == [str(CHECKOUT)]


@pytest.mark.slow
def test_a_wheel_from_the_source_distribution_is_the_same(wheel: Path, tmp_path: Path) -> None:
    packed = build("build_sdist", tmp_path)
    subprocess.run(["tar", "-xzf", packed.name], cwd=tmp_path, check=True)
    unpacked = tmp_path / packed.name.removesuffix(".tar.gz")
    assert names_in(build("build_wheel", tmp_path, unpacked)) == names_in(wheel)


@pytest.mark.slow
def test_an_installed_wheel_finds_its_bank_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"

    def run(*arguments: str) -> str:
        return subprocess.run(
            [python, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout.strip()

    run("-m", "pip", "install", "--no-deps", "--no-index", str(wheel))
    packages = Path(run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))"))
    (packages / "problems").mkdir()
    (tmp_path / "problems").mkdir()
    bank = Path(run("-c", "from tutor.paths import bundled_bank as find; print(find())"))
    assert bank == packages / "tutor" / "problems"
