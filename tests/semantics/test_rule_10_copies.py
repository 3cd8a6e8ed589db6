"""SEMANTICS 10: copies round independently, one value is one value, and equalities reach no rounded node."""

from pathlib import Path

from semantics_tools import F, builder, decided, dense, obligation, verdict_of, verdicts, verify

BOTH = (
    "models:\n  network: {onnx: m.onnx, feed: {x: [a]}}\n  other: {onnx: m.onnx, feed: {x: [a]}}\n"
    "inputs: {a: {integers: 0 .. 1000}}\n"
    "explanation: {variables: {o: {located_at: 'output[0]'}}}\n"
    "claims:\n  copies: {always: network.o == other.o}\n  one: {always: network.o == network.o}\n"
    "  near: {always: abs(network.o - other.o) <= 0.01}\n  twice: {always: network.o + network.o == 2 * network.o}\n"
)


def test_copies_of_a_model_round_independently(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[0.1]], [0.3]), ([[0.7]], [0.1])])
    found = verdicts(verify(tmp_path, BOTH, timeout=2.0))
    assert found["one"] == found["near"] == found["twice"] == "PROVED"
    assert found["copies"].split()[0] not in ("PROVED", "VACUOUS")


def test_copies_of_an_exact_model_agree(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[3]], [1]), ([[2]], [1])])
    assert verdicts(verify(tmp_path, BOTH))["copies"] == "PROVED"


def test_w_x_minus_w_x_is_not_zero() -> None:
    """A fused execution rounds one product and not the other: even at a single point the result is unknown."""
    for low, high in ((3, 3), (0, 1000)):
        b = builder()
        x = b.input("x", "integer", F(low), F(high))
        w = F(13421773, 2**27)
        zero = b.affine([(w, x), (-w, x)], 0, "float32")
        assert verdict_of(b, b.eq(zero, b.const(0)), seconds=0.4) != "PROVED"
        exact = b.affine([(w, x), (-w, x)])
        assert verdict_of(b, b.eq(exact, b.const(0))) == "PROVED"


def test_equalities_are_eliminated_among_inputs_only() -> None:
    """x == y makes the inputs one; two roundings of the same expression of them stay two."""
    b = builder()
    x, y = (b.input(n, "integer", F(0), F(10**6)) for n in "xy")
    w = F(13421773, 2**27)
    first, second = b.affine([(w, x)], 0, "float32"), b.affine([(w, y)], 0, "float32")
    same = b.eq(x, y)
    assert decided(obligation(b, b.eq(first, second), same), 0.4).verdict != "PROVED"
    near = b.le(b.abs(b.sub(first, second)), b.const(F(1, 10)))
    assert decided(obligation(b, near, same)).verdict == "PROVED"
