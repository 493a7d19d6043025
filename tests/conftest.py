"""Property tests try the same examples in every run; HYPOTHESIS_PROFILE=search tries new ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

import pytest
from hypothesis import settings

from tutor.sandbox.runner import Sandbox

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


P = ParamSpec("P")
T = TypeVar("T")


class SameProcess(Executor):
    """Does at once, here, what it is given."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future

    def stop(self) -> None:
        """There is nothing to stop."""


@pytest.fixture
def same_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A class is graded in this process, where a test may patch what grades it."""
    from tutor.batch.grader import forget

    monkeypatch.setattr("tutor.batch.run.LocalPool", lambda jobs: SameProcess())
    yield
    forget()


@pytest.fixture(scope="session")
def run() -> Iterator[Sandbox]:
    """What runs code answers."""
    with Sandbox(timed=False) as sandbox:
        yield sandbox
