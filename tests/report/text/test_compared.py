"""What is said of a comparison with the runtimes that was cut down."""

from mechverify.report.text.compared import reduced_lines
from mechverify.results import MOST_COMPARED, Compared

WHOLE = Compared(MOST_COMPARED, MOST_COMPARED, 800, 12, 12, 12, 6, 7000)


def test_nothing_is_said_of_a_whole_one() -> None:
    assert reduced_lines(WHOLE) == ()
    assert reduced_lines(Compared(16, MOST_COMPARED, 4, 1, 1, 1, 3, 99)) == ()


def test_counts_are_said_where_it_is_less() -> None:
    assert reduced_lines(Compared(120, 120, 90, 9000, 2048, 2000, 6, 7000)) == (
        "Compared with the runtimes at 120 inputs, for the size of the model; a small one is given 1,024.",
        "Of 9,000 places where something changes sides, 2,048 were searched for.",
    )
