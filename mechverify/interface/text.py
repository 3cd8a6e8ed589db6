"""The text of the spec that says the same as a call of ``mechverify.verify``."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from mechverify.errors import UsageError
from mechverify.spec.sections.keys import EXPECTATIONS

_SCHEMA = "# yaml-language-server: $schema=schema.json"
Bounds = str | tuple[Any, Any] | list[Any] | Mapping[str, Any]
Place = str | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """The claim of a call, key by key as in a spec; what is empty is left out."""

    always: str | None = None
    interchange: Sequence[str] = ()
    resample: Sequence[str] = ()
    ignores: Sequence[str] = ()
    faithful: bool = False
    tolerance: Any = None
    expect: str | None = None

    def lines(self) -> list[str]:
        """The claim's keys. Raises UsageError for ``interchange: all``, which is several claims, and for no claim."""
        names = {key: listed(getattr(self, key)) for key in ("interchange", "resample", "ignores")}
        if names["interchange"] == ["all"]:
            raise UsageError(
                "interchange='all' is a claim for every subset, and verify decides one claim: name the variables, or "
                "ask for faithful=True"
            )
        found = [f"always: {json.dumps(self.always)}"] if self.always is not None else []
        found += [f"{key}: {json.dumps(value)}" for key, value in names.items() if value]
        found += ["faithful: true"] if self.faithful else []
        if not found:
            raise UsageError("verify needs a claim='...', ignores=[...] or faithful=True")
        found += [] if self.tolerance is None else [f"tolerance: {flow('the tolerance', self.tolerance)}"]
        if self.expect is None:
            return found
        if self.expect.lower() not in EXPECTATIONS:
            raise UsageError(f"expect={self.expect!r} is no verdict; it is one of {', '.join(EXPECTATIONS)}")
        return [*found, f"expect: {self.expect.lower()}"]


def spec_text(
    model: str,
    inputs: Mapping[str, str],
    preconditions: Mapping[str, str],
    sites: Mapping[str, Place],
    read_as: Mapping[str, str],
    explanation: Mapping[str, str],
    feed: Mapping[str, str],
    arithmetic: str,
    asked: Asked,
) -> str:
    """The whole spec; ``model`` is the line that names the model. Raises UsageError for what no spec can hold."""
    quoted = json.dumps
    lines = [_SCHEMA, "mechverify: 1", "title: A claim about a module in memory", "model:", f"  {model}"]
    lines += [f"  arithmetic: {quoted(arithmetic)}"]
    if feed:
        lines += ["  feed:", *(f"    {quoted(name)}: {quoted(value)}" for name, value in feed.items())]
    lines += ["inputs:", *(f"  {name}: {domain}" for name, domain in inputs.items())]
    if preconditions:
        lines += ["preconditions:", *(f"  {name}: {quoted(text)}" for name, text in preconditions.items())]
    names = list(dict.fromkeys((*explanation, *sites)))
    lost = [name for name in read_as if name not in sites]
    if lost:
        raise UsageError(f"read_as has {', '.join(lost)}, which sites has not")
    if names:
        lines += ["explanation:", "  variables:"]
        for name in names:
            lines.append(f"    {name}:")
            lines += [f"      value: {quoted(explanation[name])}"] if name in explanation else []
            lines += [f"      located_at: {flow(f'the site of {name}', sites[name])}"] if name in sites else []
            lines += [f"      read_as: {quoted(read_as[name])}"] if name in read_as else []
    return "\n".join([*lines, "claims:", "  claim:", *(f"    {line}" for line in asked.lines()), ""])


def listed(names: str | Sequence[str]) -> list[str]:
    """Names as a list; one name may stand by itself."""
    return [names] if isinstance(names, str) else list(names)


def check_names(names: Iterable[str]) -> None:
    """Raise UsageError for what cannot be a name."""
    for name in names:
        if not name.isidentifier():
            raise UsageError(f"{name!r} cannot be a name: letters, digits and _, no digit first")


def elements_of(name: str, bounds: Bounds) -> list[str]:
    """``x[0][1]``, ...: the scalars of an input."""
    return [name + "".join(f"[{i}]" for i in index) for index in product(*map(range, lengths(bounds)))]


def lengths(bounds: Bounds) -> list[int]:
    """The shape of an input: as it is given, or that of the lists that its ranges stand in."""
    if isinstance(bounds, Mapping) and "shape" in bounds:
        shape = bounds["shape"]
        return [int(n) for n in ((shape,) if isinstance(shape, int | str) else shape)]
    inner: Any = bounds
    if isinstance(bounds, Mapping):
        inner = next((bounds[k] for k in ("integers", "reals") if k in bounds), ())
    found = []
    while isinstance(inner, list) and inner:
        found.append(len(inner))
        inner = inner[0]
    return found


def conditions_of(preconditions: str | Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    """The preconditions by name; a list gets names."""
    if isinstance(preconditions, Mapping):
        check_names(preconditions)
        return dict(preconditions)
    return {f"condition_{k}": text for k, text in enumerate(listed(preconditions), 1)}


def domain_of(name: str, bounds: Bounds) -> str:
    """An input's domain as a spec writes it. Raises UsageError for bounds that no spec can hold."""
    if isinstance(bounds, str):
        return f"{{integers: {json.dumps(bounds)}}}"
    if isinstance(bounds, tuple) and len(bounds) == 2:
        low, high = bounds
        kind = "integers" if isinstance(low, int) and isinstance(high, int) else "reals"
        where = f"the bounds of {name}"
        return f"{{{kind}: {flow(where, low)} .. {flow(where, high)}}}"
    if isinstance(bounds, list) and bounds:
        numbers = list(_numbers(name, bounds))
        kind = "integers" if all(isinstance(n, int) for n in numbers) else "reals"
        return f"{{{kind}: {_ranges(f'the bounds of {name}', bounds)}}}"
    if not isinstance(bounds, Mapping):
        raise UsageError(
            f"the bounds of {name} are (low, high), a list of such, or a mapping as in a spec, not {bounds!r}"
        )
    return flow(f"the bounds of {name}", bounds)


def _numbers(name: str, bounds: Any) -> Iterator[Any]:
    """The ends of ranges in lists."""
    if isinstance(bounds, list):
        for each in bounds:
            yield from _numbers(name, each)
    elif isinstance(bounds, tuple) and len(bounds) == 2:
        yield from bounds
    else:
        raise UsageError(f"in the bounds of {name}, {bounds!r} is no (low, high)")


def _ranges(where: str, bounds: Any) -> str:
    if isinstance(bounds, list):
        return f"[{', '.join(_ranges(where, each) for each in bounds)}]"
    return f"{flow(where, bounds[0])} .. {flow(where, bounds[1])}"


def flow(where: str, value: Any) -> str:
    """A value as YAML on one line, numbers in their own digits. Raises UsageError for what is no number, text, list or
    mapping; ``where`` says what it belongs to.
    """
    if isinstance(value, Mapping):
        keys = {key: key if str(key).isidentifier() else json.dumps(str(key)) for key in value}
        return "{" + ", ".join(f"{keys[key]}: {flow(where, item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(flow(where, v) for v in value)}]"
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, int | Fraction | float) and not isinstance(value, bool):
        return repr(value) if isinstance(value, float) else str(value)
    raise UsageError(f"{where} holds {value!r}, which is no number")
