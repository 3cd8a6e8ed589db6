"""Two versions' verdicts on the gallery, the examples of the documentation, and random specs.

    python benchmarks/compare.py OLD NEW [--random 300] [--timeout 5] [--json FILE] [--remembered FILE]

OLD and NEW are revisions of git; ``.`` is the working tree. Both run under this interpreter with its libraries, one
claim at a time, in turns on the same specs, those of NEW and those of OLD that NEW has no longer, or has otherwise.
Where NEW is weaker it is asked again, with more time. The status is 1 where a verdict is wrong, contradicts the other
version's, or stays weaker. What is decided now and was not, or checked now and was agreed upon, is told and is no
fault. What OLD said in a run before may be remembered from its ``--json`` file: specs are the same each time.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from differences import FAULTS, Difference, Said, difference
from versions import ROOT, environment, unpacked

SUPPORT = ROOT / "tests" / "support"
PLACES = ("specs", "docs/examples")
BATCH = 10
MOST_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Asked:
    """A spec file by the name that the report gives it, with what is known of its claims."""

    name: str
    path: Path
    truths: Mapping[str, bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a version says of a spec: its claims, or why it does not read it."""

    claims: Mapping[str, Said]
    unread: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One claim of one spec in both versions; ``again`` tells that it was asked with more time."""

    spec: str
    claim: str
    kind: Difference
    old: Said | None
    new: Said | None
    again: bool = False


def answers(tree: Path, asked: list[Asked], seconds: float, claims: Iterable[str] = ()) -> dict[str, Answer]:
    """What the version in ``tree`` says of each spec, by its name."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "mechverify", "verify", *(str(one.path) for one in asked)]
        command += ["--json", str(report), "--timeout", str(seconds), "--jobs", "1", "--iia-samples", "0"]
        command += ["--allow-code", *(word for claim in claims for word in ("--claim", claim))]
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment(tree), capture_output=True, text=True, check=False,
                timeout=MOST_SECONDS,
            )  # fmt: skip
            words = done.stderr.strip()[-300:]
        except subprocess.TimeoutExpired:
            words = f"no end after {MOST_SECONDS} s"
        if not report.is_file():
            return {one.name: Answer({}, f"no report: {words}") for one in asked}
        found = {spec["path"]: spec for spec in json.loads(report.read_text())["specs"]}
    return {one.name: _answer(found.get(one.path.as_posix())) for one in asked}


def _answer(spec: dict[str, Any] | None) -> Answer:
    if spec is None:
        return Answer({}, "not in the report")
    if spec["errors"]:
        return Answer({}, "; ".join(error["message"] for error in spec["errors"]))
    claims: dict[str, Said] = {}
    for claim in spec["claims"]:
        claims[claim["name"]] = Said.of(claim)
        if claim["ideal_verdict"] is not None:
            claims[f"{claim['name']}, ideal"] = Said(claim["ideal_verdict"])
    return Answer(claims)


def compared(asked: Asked, old: Answer, new: Answer) -> Iterator[Found]:
    """Every claim of a spec."""
    for name in dict.fromkeys((*old.claims, *new.claims)):
        a, b = old.claims.get(name), new.claims.get(name)
        yield Found(asked.name, name, difference(a, b, true=asked.truths.get(name)), a, b)


def specs(trees: tuple[Path, Path]) -> list[Asked]:
    """The specs of the gallery and of the documentation: the newer version's, and the older one's that differ."""
    old, new = trees
    found: list[Asked] = []
    for place in PLACES:
        theirs = {path.relative_to(new): path for path in sorted((new / place).rglob("*.yaml"))}
        found += [Asked(str(name), path) for name, path in theirs.items()]
        for path in sorted((old / place).rglob("*.yaml")):
            name = path.relative_to(old)
            if name not in theirs or theirs[name].read_bytes() != path.read_bytes():
                found.append(Asked(f"{name} (old)", path))
    return found


def random_specs(count: int, folder: Path) -> list[Asked]:
    """Specs that are made on the spot, of whose claims mostly the truth is known."""
    sys.path[:0] = [str(room) for room in SUPPORT.iterdir()]
    from random_specs import write  # noqa: PLC0415

    found = []
    for number in range(count):
        home = folder / str(number)
        home.mkdir()
        made = write(number, home)
        found.append(Asked(f"random {number} ({made.kind})", made.path, made.truths))
    return found


class Comparison:
    """Asks both versions and tells what differs as soon as it is known."""

    def __init__(self, trees: tuple[Path, Path], seconds: float, factor: float, remembered: Path | None = None) -> None:
        self.old, self.new = trees
        self.seconds, self.factor = seconds, factor
        self.found: list[Found] = []
        self.answered: dict[str, tuple[Answer, Answer]] = {}
        self.remembered: dict[str, Answer] = {}
        if remembered is not None:
            for name, (old, _) in json.loads(remembered.read_text(encoding="utf-8")).items():
                claims = {claim: Said(**said) for claim, said in old["claims"].items()}
                self.remembered[name] = Answer(claims, old["unread"])

    def ask(self, batch: list[Asked]) -> None:
        """Ask both about some specs, but the older version only about those of which nothing is remembered."""
        unknown = [one for one in batch if one.name not in self.remembered]
        old = {**self.remembered, **(answers(self.old, unknown, self.seconds) if unknown else {})}
        new = answers(self.new, batch, self.seconds)
        for one in batch:
            a, b = self.answered[one.name] = old[one.name], new[one.name]
            if a.unread or b.unread:
                print(f"| {one.name} | | not read | {a.unread} | {b.unread} |", flush=True)
            for found in compared(one, a, b):
                self._tell(self._again(one, found) if found.kind is Difference.WEAKER else found)

    def _again(self, asked: Asked, found: Found) -> Found:
        claim = found.claim.removesuffix(", ideal")
        again = answers(self.new, [asked], self.seconds * self.factor, (claim,))[asked.name]
        new = again.claims.get(found.claim)
        kind = difference(found.old, new, true=asked.truths.get(found.claim))
        return Found(found.spec, found.claim, kind, found.old, new, again=True)

    def _tell(self, found: Found) -> None:
        self.found.append(found)
        if found.kind is Difference.SAME and not found.again:
            return
        old, new = ("not there" if one is None else one.words for one in (found.old, found.new))
        kind = f"{found.kind}, with {self.factor:g} times the time" if found.again else str(found.kind)
        print(f"| {found.spec} | {found.claim} | {kind} | {old} | {new} |", flush=True)


def main() -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--random", type=int, default=300, help="how many random specs")
    parser.add_argument("--timeout", type=float, default=5.0, help="seconds for each claim")
    parser.add_argument("--factor", type=float, default=6.0, help="of the time for a claim whose verdict is weaker")
    parser.add_argument("--json", type=Path, help="everything that was said, by spec: the older version's, the newer's")
    parser.add_argument("--remembered", type=Path, help="such a file, for what the older version says")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = ("mechverify", *PLACES)
        old = unpacked(asked.old, folder / "old", *parts)
        new = unpacked(asked.new, folder / "new", *parts)
        made = folder / "random"
        made.mkdir()
        drawn = random_specs(asked.random, made)
        comparison = Comparison((old, new), asked.timeout, asked.factor, asked.remembered)
        print(f"| spec | claim | difference | {asked.old} | {asked.new} |\n| --- | --- | --- | --- | --- |", flush=True)
        batches = [[one] for one in specs((old, new))]
        batches += [drawn[start : start + BATCH] for start in range(0, len(drawn), BATCH)]
        for batch in batches:
            comparison.ask(batch)
            if asked.json is not None:
                told = {name: [asdict(one) for one in both] for name, both in comparison.answered.items()}
                asked.json.write_text(json.dumps(told, indent=1), encoding="utf-8")
    counts = Counter(found.kind for found in comparison.found)
    print(f"\n{len(comparison.found)} claims: {', '.join(f'{n} {k}' for k, n in counts.items())}")
    return int(any(found.kind in FAULTS for found in comparison.found))


if __name__ == "__main__":
    sys.exit(main())
