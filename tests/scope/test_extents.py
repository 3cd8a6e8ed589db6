"""How far ranges go, and what ends them."""

from fractions import Fraction as F
from pathlib import Path

import pytest
from variants_making import variants_of, with_network

from mechverify.api import check_certificate_file
from mechverify.deciding.options import VerifyOptions
from mechverify.engines.processes.kernel import check_certificate
from mechverify.scope.extents import Group, extents, groups_of
from mechverify.scope.variants import Variant, Variants
from mechverify.scope_results import RangeExtent
from mechverify.verification.certificate_file import read_certificate


def found(variants: Variants, work: float = 40.0) -> dict[tuple[str, str], RangeExtent]:
    written = variants.tried(Variant("as written"), 5.0)
    return {("+".join(one.inputs), one.bound): one for one in extents(variants, written, work)}


def declared(folder: Path, inputs: str) -> tuple[Group, ...]:
    names = [part.split(":")[0].strip() for part in inputs.split("},")]
    spec = variants_of(folder, "network.out == x", inputs, arguments=", ".join(names)).spec
    return groups_of(spec.inputs, holds=True)


@pytest.mark.parametrize(
    ("inputs", "groups"),
    [
        ("x: {integers: 0 .. 9}", ["x high"]),
        ("x: {integers: 2 .. 9}", ["x high", "x low"]),
        ("x: {integers: -9 .. 9}", ["x both"]),
        ("x: {one_of: [0, 3]}", []),
        ("x: {integers: 0 .. 9}, y: {integers: 0 .. 9}", ["x+y high", "x high", "y high"]),
        ("x: {integers: 1 .. 9}, y: {integers: 0 .. 9}", ["x high", "y high", "x low"]),
        ("x: {integers: 0 .. 9}, y: {reals: 0 .. 9}", ["x high", "y high"]),
        ("x: {integers: 0 .. 9}, v: {integers: 0 .. 9, shape: [3]}", ["x+v high", "x high", "v high"]),
    ],
)
def test_what_is_asked(tmp_path: Path, inputs: str, groups: list[str]) -> None:
    assert [f"{'+'.join(one.names)} {one.bound}" for one in declared(tmp_path, inputs)] == groups


def test_of_many_inputs_all_together_alone(tmp_path: Path) -> None:
    inputs = ", ".join(f"{name}: {{integers: 0 .. 9}}" for name in ("x", *(f"x{k}" for k in range(8))))
    assert [len(one.names) for one in declared(tmp_path, inputs)] == [9]


def test_certificates_of_both_ends(tmp_path: Path) -> None:
    """Far beyond the declared range; the kernel takes what is left of either end."""
    variants = variants_of(tmp_path, "network.out <= 5000", "x: {integers: 0 .. 9}")
    (one,) = found(variants).values()
    reach = one.reach
    assert (reach.proved, reach.refuted, reach.exact, reach.ended_by) == (5000, 5001, True, "counterexample")
    assert reach.certificate is not None
    assert reach.witness is not None
    assert reach.witness.certificate is not None
    assert dict(reach.witness.counterexample.inputs) == {"x": 5001}
    for path in (reach.certificate, reach.witness.certificate):
        assert check_certificate(read_certificate(path), 60.0).answer == "valid"
    file = tmp_path / "s.yaml"
    file.write_text(file.read_text().replace("0 .. 9", "0 .. 5000"))
    answer = check_certificate_file(reach.certificate, file, VerifyOptions(claims=("c",)))
    assert (answer.answer, answer.spec_matches) == ("valid", True)
    assert {path.name for path in (tmp_path / "certificates").iterdir()} == {
        reach.certificate.name, reach.witness.certificate.name,
    }  # fmt: skip


def test_one_number_for_all(tmp_path: Path) -> None:
    inputs = "x: {integers: 0 .. 9}, y: {integers: 0 .. 9}"
    variants = variants_of(tmp_path, "network.out <= 100", inputs, body="x + 2 * y", arguments="x, y")
    reaches = {key: one.reach for key, one in found(variants).items()}
    assert {key: (r.proved, r.exact) for key, r in reaches.items()} == {
        ("x+y", "high"): (33, True), ("x", "high"): (82, True), ("y", "high"): (45, True),
    }  # fmt: skip


def test_of_a_refuted_claim_the_range_shrinks(tmp_path: Path) -> None:
    variants = variants_of(tmp_path, "abs(network.out - 50) <= 40", "x: {integers: 12 .. 1000}")
    told = found(variants)
    low, high = told["x", "low"], told["x", "high"]
    assert (high.reach.proved, high.reach.refuted) == (90, 91)
    assert (low.reach.proved, low.reach.refuted, low.reach.exact) == (None, 1000, True)


def test_both_ends_of_a_range_around_zero(tmp_path: Path) -> None:
    variants = variants_of(tmp_path, "abs(network.out) <= 40", "x: {integers: -100 .. 100}")
    (one,) = found(variants).values()
    assert (one.reach.proved, one.reach.refuted, one.reach.exact) == (40, 41, True)
    assert one.ends(F(40)) == (-40, 40)


def test_the_limit(tmp_path: Path) -> None:
    (one,) = found(variants_of(tmp_path, "network.out == x", "x: {integers: 0 .. 9}")).values()
    assert (one.reach.proved, one.reach.refuted, one.reach.ended_by) == (10**12, None, "limit")
    assert (one.reach.exact, one.reach.settled, one.reach.attempts) == (False, True, 1)


def test_a_precondition_is_the_end(tmp_path: Path) -> None:
    inputs = "x: {integers: 0 .. 9}, y: {integers: 0 .. 700}"
    asked = "few: x <= y + 100, other: x >= 0"
    variants = variants_of(tmp_path, "network.out == x", inputs, preconditions=asked, arguments="x, y")
    told = found(variants)
    one = told["x", "high"]
    assert (one.reach.proved, one.reach.refuted, one.reach.exact) == (800, None, True)
    assert (one.reach.ended_by, one.reach.names) == ("precondition", ("few",))
    assert told["y", "high"].reach.ended_by == "limit"


def test_where_it_has_no_value_it_ends(tmp_path: Path) -> None:
    variants = variants_of(tmp_path, "100 // (77 - x) >= 0 or network.out > 99", "x: {integers: 0 .. 9}")
    (one,) = found(variants).values()
    assert (one.reach.proved, one.reach.refuted, one.reach.exact, one.reach.ended_by) == (76, 77, True, "undefined")
    assert one.reach.detail == "division by zero"


def test_rounding_ends_it(tmp_path: Path) -> None:
    """What float32 does to integers above 2^24."""
    variants = with_network(tmp_path, "network.out == x", "x: {integers: 0 .. 9}", "float32")
    (one,) = found(variants).values()
    assert (one.reach.proved, one.reach.refuted, one.reach.exact) == (2**24, 2**24 + 1, True)
    assert one.reach.ended_by == "rounding"


def test_reals_have_a_gap(tmp_path: Path) -> None:
    one = found(with_network(tmp_path, "3 * network.out < 1", "x: {reals: 0 .. 1}", "real"))["x", "high"]
    assert one.reach.proved is not None
    assert one.reach.refuted is not None
    assert one.reach.proved < F(1, 3) <= one.reach.refuted
    assert one.reach.refuted - one.reach.proved < F(1, 1000)
    assert (one.reach.exact, one.reach.settled) == (False, True)


def test_where_a_model_cannot_be_read_any_more_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mechverify.errors import Diagnostic, SpecError
    from mechverify.scope import variants as room

    real = room.base_graph

    def refusing(spec: object, *args: object, **more: object) -> object:
        if spec.inputs[0].high > 321:  # type: ignore[attr-defined]
            raise SpecError((Diagnostic("s.yaml", 1, 1, "an int64 that may wrap"),))
        return real(spec, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(room, "base_graph", refusing)
    (one,) = found(variants_of(tmp_path, "network.out == x", "x: {integers: 0 .. 9}")).values()
    assert (one.reach.proved, one.reach.ended_by, one.reach.detail) == (321, "arithmetic", "an int64 that may wrap")
    assert one.reach.exact


def test_little_work_leaves_a_gap(tmp_path: Path) -> None:
    variants = variants_of(tmp_path, "network.out % 1009 != 1008", "x: {integers: 0 .. 9}")
    (one,) = found(variants, work=0.6).values()
    assert one.reach.proved == 9
    assert one.reach.attempts <= 1
    assert not one.reach.settled
