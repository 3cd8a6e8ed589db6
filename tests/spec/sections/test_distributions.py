"""How inputs are distributed: of a whole spec, of one claim, counted in a table."""

from fractions import Fraction as F
from pathlib import Path

import pytest

from mechverify.errors import SpecError
from mechverify.spec.read import read_spec
from mechverify.spec.sections.distributions import TableError, read_table
from mechverify.spec.spec import Claim, Distribution

HEAD = """mechverify: 1
title: t
inputs:
  x: {integers: 0 .. 9}
  y: {one_of: [0.5, 2]}
  z: {reals: -1 .. 1}
"""


def claims_of(folder: Path, body: str) -> dict[str, Claim]:
    path = folder / "spec.yaml"
    path.write_text(HEAD + body, encoding="utf-8")
    return {claim.name: claim for claim in read_spec(path).claims}


def weights(one: Distribution) -> dict[F, F]:
    return dict(one.weights)


def test_a_claim_takes_the_specs_own_and_replaces_it(tmp_path: Path) -> None:
    found = claims_of(
        tmp_path,
        """distribution:
  x: {3: 1/3, 1: 2, 2: 0}
  z: {normal: {mean: 0.5, deviation: 2}}
claims:
  own: {usually: x > 1, probability: 0.5, distribution: {x: {0: 1}, y: {0.5: 3, 2: 1}}, samples: 50, seed: 7, confidence: 0.999}
  plain: {usually: x > 1, probability: 0.5}
  none: {on_average: x <= 5, distribution: uniform}
  one_plain: {on_average: x <= 5, distribution: {x: uniform, z: {exponential: {mean: 1/4}}}}
  other: {always: x >= 0}
""",
    )
    own = {one.input: one for one in found["own"].distribution}
    assert list(own) == ["x", "z", "y"]
    assert weights(own["x"]) == {F(0): F(1)}
    assert weights(own["y"]) == {F(1, 2): F(3), F(2): F(1)}
    assert (found["own"].samples, found["own"].seed, found["own"].confidence) == (50, 7, F(999, 1000))
    x, z = found["plain"].distribution
    assert list(x.weights) == [(F(1), F(2)), (F(3), F(1, 3))]
    assert (z.kind, z.mean, z.deviation) == ("normal", F(1, 2), F(2))
    assert (found["plain"].samples, found["plain"].seed, found["plain"].confidence) == (None, None, None)
    assert found["none"].distribution == found["other"].distribution == ()
    ((one,),) = [found["one_plain"].distribution]
    assert (one.input, one.kind, one.mean) == ("z", "exponential", F(1, 4))


@pytest.mark.parametrize("number", ["0", "0.5", "0.8999", "1", "99", "-0.99"])
def test_a_confidence_that_is_none(tmp_path: Path, number: str) -> None:
    """Of 1 no sample is, and one of less than 0.9 says nothing."""
    with pytest.raises(SpecError) as raised:
        claims_of(tmp_path, f"claims: {{c: {{usually: x > 1, probability: 0.5, confidence: {number}}}}}\n")
    (found,) = raised.value.diagnostics
    assert found.message == f"a confidence is from 0.9 to 0.999999, found {float(number):g}"


def test_a_claim_that_is_never_sampled_has_no_confidence(tmp_path: Path) -> None:
    with pytest.raises(SpecError):
        claims_of(tmp_path, "claims: {c: {always: x >= 0, confidence: 0.99}}\n")


def test_a_table_is_counted(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("age,size,count\n3,0.5,2\n1,2,1\n3,2,0.5\n\n,2,1\n", encoding="utf-8")
    body = """distribution:
  x: {table: people.csv, column: age}
  y: {table: people.csv, column: size, weight: count}
claims:
  c: {usually: x > 1, probability: 0.5}
"""
    x, y = claims_of(tmp_path, body)["c"].distribution
    assert weights(x) == {F(1): F(1), F(3): F(2)}
    assert weights(y) == {F(1, 2): F(2), F(2): F(5, 2)}
    assert x.counted_in is not None
    assert (x.counted_in.file, x.counted_in.column, x.counted_in.weight) == ("people.csv", "age", None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the table is empty"),
        ("age\nten\n", "line 2 has 'ten', and not a number such as 12 or 0.5"),
        ("age\n1e400\n", "line 2 has '1e400', and not a number such as 12 or 0.5"),
        ("age\n1/0\n", "line 2 has '1/0', and not a number such as 12 or 0.5"),
        ("age\n" + "9" * 41 + "\n", "line 2 has '99999999999999999999', and not a number such as 12 or 0.5"),
        ("age,n\n1\n", "line 2 has 1 cells, and the first line 2"),
        ("age,age\n1,2\n", "there are several columns 'age'"),
        ("ages\n1\n", "there is no column 'age'"),
        ("age,n\n1,-1\n", "line 2 has the weight -1, and a weight is from 0 up"),
        ('age\n"1\n', "it is no CSV table: unexpected end of data"),
    ],
)
def test_what_is_no_table(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    with pytest.raises(TableError) as raised:
        read_table(tmp_path / "t.csv", "age", "n" if "n" in text.partition("\n")[0] else None)
    assert str(raised.value) == message


def test_a_value_of_a_table_that_the_input_does_not_have(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("age\n3\n12\n", encoding="utf-8")
    with pytest.raises(SpecError) as raised:
        claims_of(
            tmp_path,
            "distribution: {x: {table: people.csv, column: age}}\nclaims: {c: {usually: x > 1, probability: 1}}\n",
        )
    (found,) = raised.value.diagnostics
    assert (found.line, found.column) == (7, 47)
    assert found.message == "people.csv: the column 'age' has 12, which is no value of 'x'"


def test_the_word_weights_is_not_needed(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as raised:
        claims_of(
            tmp_path,
            "distribution: {x: {weights: [1, 2]}}\nclaims: {c: {usually: x > 1, probability: 1}}\n",
        )
    (found,) = raised.value.diagnostics
    assert found.message == "weights stand beside the values, without a word"
    assert found.hint == "as in {0: 0.9, 1: 0.1}"


@pytest.mark.parametrize(
    ("curve", "messages"),
    [
        ("normal: {mean: 0.5, sd: 0.2}", [("the normal distribution has no key 'sd'", "did you mean 'deviation'?")]),
        (
            "normal: {mu: 0, sigma: 1}",
            [
                ("the normal distribution has no key 'mu'", "did you mean 'mean'?"),
                ("the normal distribution has no key 'sigma'", "did you mean 'deviation'?"),
            ],
        ),
        ("exponential: {rate: 2}", [("the exponential distribution has no key 'rate'", "did you mean 'mean'?")]),
        ("normal: {mean: 0, deviation: 0}", [("'deviation' must be above 0", None)]),
    ],
)
def test_a_mistake_in_a_curve_is_told_once(
    tmp_path: Path, curve: str, messages: list[tuple[str, str | None]]
) -> None:
    body = f"claims:\n  c: {{usually: x > 1, probability: 0.5, distribution: {{z: {{{curve}}}}}}}\n"
    with pytest.raises(SpecError) as caught:
        claims_of(tmp_path, body)
    assert [(one.message, one.hint) for one in caught.value.diagnostics] == messages
