"""A place in a file while it is being read: its node, the trail of keys to it, the findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tutor.bank.findings import Finding, shown
from tutor.bank.nodes import ListNode, MapNode, Node, Scalar, Trail


class Spot:
    """Where a rule reads. All spots of one file share one list of findings."""

    __slots__ = ("file", "findings", "node", "trail")

    def __init__(self, node: Node, trail: Trail, file: str, findings: list[Finding]) -> None:
        self.node = node
        self.trail = trail
        self.file = file
        self.findings = findings

    @property
    def name(self) -> str:
        """The key under which the node stands."""
        return self.trail[-1]

    def fail(self, message: str, at: Node | None = None) -> None:
        """Add a finding here, or at another node that belongs to this trail.

        A node that has its finding gets no other.
        """
        place = at or self.node
        if place.reported and at is None:
            return
        finding = Finding(self.file, place.line, place.column, self.trail, message)
        self.findings.append(finding)

    def wrong(self, expected: str, advice: str = "") -> None:
        """Say which type was expected and which was found, unless that node has its finding."""
        self.fail(f"expected {expected}, found {described(self.node)}{advice}")
        self.node.reported = True

    def items(self) -> Iterator[Spot]:
        """The entries of a list, numbered from 1 in the trail; none if it is no list."""
        if isinstance(self.node, ListNode):
            for number, node in enumerate(self.node.items, 1):
                yield self._below(str(number), node)

    def entries(self) -> Iterator[tuple[Scalar, Spot]]:
        """Keys and values of a mapping; none if it is no mapping."""
        if isinstance(self.node, MapNode):
            for name, (key, value) in self.node.entries.items():
                yield key, self._below(name, value)

    def _below(self, name: str, node: Node) -> Spot:
        return Spot(node, (*self.trail, name), self.file, self.findings)

    def walk(self) -> Iterator[Spot]:
        """This spot and all below it."""
        yield self
        for spot in self.items():
            yield from spot.walk()
        for _, spot in self.entries():
            yield from spot.walk()


def described(node: Node) -> str:
    """A node in words, for the end of "expected …, found …"."""
    if isinstance(node, ListNode):
        return "a list"
    if isinstance(node, MapNode):
        return "a mapping"
    if isinstance(node, Scalar) and (node.text or node.quoted):
        return f"the text {shown(node.text)}"
    return "nothing"


def meant(word: str, known: Iterable[str]) -> str:
    """Return "; did you mean x?", or nothing if no known word is near."""
    from engine.language.names import nearest

    near = nearest(word[:100], known)
    return f"; did you mean {near}?" if near else ""
