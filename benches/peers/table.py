"""The table that `strength.py` prints."""

from dataclasses import dataclass

from lines import PEERS


@dataclass(frozen=True)
class Row:
    """Figures as text; `ours` is None where ours could not run, `holds` where there is nothing to compare."""
    name: str
    parameters: str
    ours: str | None
    peers: dict[str, str]
    goal: str
    holds: bool | None

    def cells(self):
        verdict = {True: "yes", False: "**no**", None: "-"}[self.holds]
        yield from (self.name, self.parameters, self.ours or "-")
        yield from (self.peers.get(peer, "") for peer in PEERS)
        yield from (self.goal, verdict)


def markdown(rows):
    yield "| what | parameters | ours | " + " | ".join(PEERS) + " | goal | holds |"
    yield "|---|---|---:|" + "---:|" * len(PEERS) + "---|---|"
    for row in rows:
        yield f"| {' | '.join(row.cells())} |"
