"""Code answers run in workers: the ``engine.coding.runs.Runner`` of this program."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple, Self

from tutor.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.coding.runs import Cases, Outcome, Program
    from tutor.sandbox.pool import Reply, Worker

SECONDS = 5.0
"""Wall clock for one answer."""

KEPT = 20_000
"""Outcomes of authors' programs that are kept."""


class Layers(NamedTuple):
    """The layers that hold, and why the others don't."""

    active: tuple[str, ...]
    missing: Mapping[str, str]

    @property
    def guarded(self) -> bool:
        """Whether the operating system keeps code from files and network."""
        from tutor.sandbox.layers import guarded

        return guarded(set(self.active))


class Sandbox:
    """Runs code: a student's in a process that saw nothing else, an author's in others.

    Nothing is started before it is needed, or asked for by ``ahead``. What authors' programs do
    is kept, for they are held against every answer.
    """

    def __init__(self, *, timed: bool = True, seconds: float = SECONDS) -> None:
        self.timed = timed
        self.seconds = seconds
        self._worker: Worker | None = None
        self._layers: Layers | None = None
        self._kept: dict[tuple[Program, Cases], tuple[Outcome, ...]] = {}
        self._last: tuple[Program, Cases, tuple[Outcome, ...]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def ahead(self) -> None:
        """Start a worker while somebody reads or types."""
        from tutor.sandbox.pool import start

        if self._worker is None:
            self._worker = start(seconds=self.seconds)

    def close(self) -> None:
        """End what was started."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    @property
    def layers(self) -> Layers:
        """What stands between the code and the machine. Raises Refusal."""
        if self._layers is None:
            from tutor.sandbox import wire

            reply = self._run(wire.Packer().frame({"programs": [], "cases": []}))
            told = reply.packets[0].head.get("layers", {}) if reply.packets else {}
            told = {name: why for name, why in told.items() if name != "parent"}
            active = tuple(name for name, why in told.items() if not why)
            self._layers = Layers(active, {name: why for name, why in told.items() if why})
        return self._layers

    def student(self, program: Program, cases: Cases) -> tuple[Outcome, ...]:
        """The outcome of each case, in a process of its own. Raises Refusal."""
        if self._last is not None and self._last[0] == program and self._last[1] is cases:
            return self._last[2]
        found = self._outcomes([program], cases)[0]
        self._last = (program, cases, found)
        return found

    def author(self, programs: Sequence[Program], cases: Cases) -> tuple[tuple[Outcome, ...], ...]:
        """The outcomes of each program, all in one process. Raises Refusal."""
        new = [one for one in dict.fromkeys(programs) if (one, cases) not in self._kept]
        if new:
            if len(self._kept) > KEPT:
                self._kept.clear()
                new = list(dict.fromkeys(programs))
            for program, outcomes in zip(new, self._outcomes(new, cases), strict=True):
                self._kept[program, cases] = outcomes
        return tuple(self._kept[one, cases] for one in programs)

    def _outcomes(self, programs: Sequence[Program], cases: Cases) -> list[tuple[Outcome, ...]]:
        from engine.coding.explain import located
        from engine.coding.runs import Outcome
        from tutor.sandbox.replies import outcomes_of

        job = _job(programs, cases)
        reply = self._run(job)
        if len(reply.packets) <= len(programs) and _why(reply) == "ended":
            reply = self._run(job)  # a system short of memory ends processes that did nothing wrong
        # The first frame tells of the layers; a worker may end before it has sent all others.
        found = [outcomes_of(packet, len(cases.inputs)) for packet in reply.packets[1:]]
        lost = (Outcome(stopped=_why(reply)),) * len(cases.inputs)
        whole = [*found, *[lost] * len(programs)][: len(programs)]
        return [
            tuple(map(located, repeat(program), outcomes, cases.inputs))
            for program, outcomes in zip(programs, whole, strict=True)
        ]

    def _run(self, job: bytes) -> Reply:
        from tutor.sandbox.pool import CannotStart

        try:
            self.ahead()
            assert self._worker is not None
            return self._worker.run(job)
        except CannotStart as error:
            raise Refusal(f"code can't be run here: {error}") from None


def _why(reply: Reply) -> str:
    return reply.stopped if reply.stopped in ("time", "output") else "ended"


def _job(programs: Sequence[Program], cases: Cases) -> bytes:
    from tutor.sandbox import wire

    packer = wire.Packer()
    packed = [
        {
            name: value if isinstance(value, int | float) else packer.array(value)
            for name, value in case.items()
        }
        for case in cases.inputs
    ]
    return packer.frame({"programs": [one._asdict() for one in programs], "cases": packed})
