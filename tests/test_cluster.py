"""``tutor check --scheduler`` on a real scheduler with two workers on loopback."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from generated import CHECKOUT, blocks, commands
from program import PATIENCE, SHOWN, TUTOR, surroundings, tutor

from tutor.batch.cluster import Cluster, fit, watched
from tutor.batch.grader import Setup, mismatch
from tutor.cli import run
from tutor.refusal import Refusal

BIN = Path(sys.executable).parent
PAGE = CHECKOUT / "tutor" / "batch" / "README.md"


def shown_commands() -> list[str]:
    """The commands of the page: a scheduler, workers, a class."""
    scripts = (block for block in blocks(PAGE.read_text("utf-8")) if block.language == "sh")
    return [command for block in scripts for command in commands(block)]


def started(stack: ExitStack, folder: Path, command: str) -> None:
    """A part of the cluster, in a group of its own, which is ended in the end."""
    process = subprocess.Popen(
        [BIN / command.split()[0], *command.split()[1:]],
        env=surroundings(folder / "home", OPENBLAS_NUM_THREADS="1"),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    stack.callback(end, process)


def end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of a scheduler with two workers, started as the page says."""
    from distributed import Client

    folder = tmp_path_factory.mktemp("dask")
    scheduler, worker, _ = shown_commands()
    with ExitStack() as stack:
        started(stack, folder, f"{scheduler} --port 0")
        told = folder / "scheduler.json"
        deadline = time.monotonic() + PATIENCE
        while not (told.exists() and told.read_text().endswith("}")):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        started(stack, folder, worker)
        address = json.loads(told.read_text())["address"]
        client = stack.enter_context(Client(address, set_as_default=False))
        client.wait_for_workers(2, timeout=PATIENCE)
        yield client


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TUTOR_BANK", SHOWN)


@pytest.fixture
def responses(tmp_path: Path) -> Path:
    path = tmp_path / "class.jsonl"
    with path.open("w") as file:
        for at in range(1_500):
            row: dict[str, object] = {"student": f"s{at}"}
            if at % 3:
                row |= {"problem": f"shown/side@{at % 50}", "answers": {"side": str(at % 40)}}
            else:
                row |= {"reference": "x^2 + y", "symbols": "x, y", "response": f"y + x*x + {at}"}
            file.write(json.dumps(row) + "\n")
    return path


def test_other_versions_are_refused_before_the_first_row(
    client: Any,
    responses: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("tutor.batch.run.versions", lambda bank: (("exam-tutor", "7.0"),))
    out = tmp_path / "out.jsonl"
    assert (
        run(["check", str(responses), "--scheduler", client.scheduler.address, "-o", str(out)]) == 2
    )
    (line,) = capsys.readouterr().err.splitlines()
    assert "would grade otherwise: exam-tutor is" in line and "and 7.0 here" in line
    assert not out.exists()


def test_the_address_of_a_worker(
    client: Any, responses: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = next(iter(client.nthreads()))
    assert run(["check", str(responses), "--scheduler", worker]) == 2
    assert "a worker answers there" in capsys.readouterr().err


def test_a_worker_that_is_killed_costs_nothing(
    client: Any, responses: Path, tmp_path: Path
) -> None:
    here, there = tmp_path / "here.jsonl", tmp_path / "there.jsonl"
    home = tmp_path / "home"
    assert tutor("check", str(responses), "-o", str(here), home=home).returncode == 0
    places = {"class.csv": str(responses), "verdicts.jsonl": str(there)}
    words = [places.get(word, word) for word in shown_commands()[2].split()]
    words[words.index("--scheduler") + 1] = client.scheduler.address
    process = subprocess.Popen(
        [BIN / words[0], *words[1:]],
        env=surroundings(home),
        stderr=subprocess.PIPE,
    )
    while not there.exists() or not there.stat().st_size:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    assert there.read_bytes() != here.read_bytes(), "it is in the middle"
    (pid, *_) = client.run(os.getpid).values()
    os.kill(pid, signal.SIGKILL)
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told
    assert there.read_bytes() == here.read_bytes()
    assert b"Traceback" not in told and told.endswith(b"incorrect\n")


def test_a_scheduler_that_is_killed_ends_the_run_in_one_line(
    client: Any, responses: Path, tmp_path: Path
) -> None:
    """The last one that needs the scheduler."""
    out, home = tmp_path / "out.jsonl", tmp_path / "home"
    command = [TUTOR, "check", str(responses), "-o", str(out)]
    process = subprocess.Popen(
        [*command, "--scheduler", client.scheduler.address],
        env=surroundings(home),
        stderr=subprocess.PIPE,
    )
    while not out.exists() or not out.stat().st_size:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    os.kill(client.run_on_scheduler(os.getpid), signal.SIGKILL)
    _, told = process.communicate(timeout=PATIENCE)
    assert (process.returncode, told) == (2, b"tutor: the scheduler is gone: go on with --resume\n")
    again = tutor("check", str(responses), "-o", str(out), "--resume", home=home)
    assert again.returncode == 0 and again.stderr.endswith(b"incorrect\n")
    assert out.read_bytes().count(b"\n") == 1_500


class Nowhere(Executor):
    """Takes a task, and it is never heard of again."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        return Future()


def test_a_run_on_a_cluster_doesn_t_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Client:
        status = "running"
        looks = 0

        def nthreads(self) -> dict[str, int]:
            self.looks += 1
            return {"tcp://127.0.0.1:1": 1} if self.looks == 1 else {}

    monkeypatch.setattr("tutor.batch.cluster.LOOK", 0.001)
    client, executor = Client(), Cluster(Nowhere())
    with watched(client, executor):
        while client.looks < 5:
            time.sleep(0.001)
        lost = executor.submit(abs, -3)
        client.status = "closed"
        with pytest.raises(Refusal, match="the scheduler is gone"):
            lost.result(timeout=PATIENCE)
    assert capsys.readouterr().err.count("no worker is left") == 1


def test_a_worker_that_is_silent_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Client:
        def __init__(self, wait: float) -> None:
            self.wait = wait

        def nthreads(self) -> dict[str, int]:
            return {"tcp://127.0.0.1:1": 1}

        def run(self, *arguments: Any, **more: Any) -> dict[str, str]:
            time.sleep(self.wait)
            return {"tcp://127.0.0.1:1": ""}

    monkeypatch.setattr("tutor.batch.cluster.PATIENCE", 0.1)
    for wait, told in ((0.0, 0), (0.3, 1)):
        assert fit(Client(wait), "tcp://127.0.0.1:9", Setup((), False, 1.0, ()))
        time.sleep(0.15)
        assert capsys.readouterr().err.count("not all workers answer yet") == told


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("tcp://127.0.0.1:9", "no answer"),
        ("127.0.0.1", "write an address such as"),
        ("tcp://[bold]:0x/", "write an address such as"),
        ("tcp://127.0.0.1:9/", "write an address such as"),
        ("tls://127.0.0.1:9", "TLS"),
    ],
)
def test_no_such_scheduler(
    address: str,
    why: str,
    responses: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("tutor.batch.cluster.PATIENCE", 0.5)
    assert run(["check", str(responses), "--scheduler", address]) == 2
    out, err = capsys.readouterr()
    assert out == "" and why in err and err.count("\n") == 1


def test_what_is_there_is_no_scheduler(
    responses: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A web server, as Dask's own dashboard, takes the connection and waits for a request."""
    monkeypatch.setattr("tutor.batch.cluster.PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        assert run(["check", str(responses), "--scheduler", address]) == 2
    assert "no answer within 0.5 s" in capsys.readouterr().err


def test_dask_is_an_extra(
    responses: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert run(["check", str(responses), "--scheduler", "tcp://127.0.0.1:8786"]) == 2
    assert "exam-tutor[dask]" in capsys.readouterr().err


def test_what_a_worker_lacks_is_named() -> None:
    assert "bank is" in mismatch(Setup((SHOWN,), False, 1.0, (("bank", "0"),)))
    gone = mismatch(Setup((f"{SHOWN}/gone",), False, 1.0, ()))
    assert "gone" in gone and gone.count("\n") == 0
