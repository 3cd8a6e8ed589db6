"""What is said of claims that were sent elsewhere."""

from mechverify.report.text.elsewhere import elsewhere_lines
from mechverify.results import Elsewhere


def test_what_came_back_is_counted() -> None:
    assert list(elsewhere_lines(Elsewhere(1, 1))) == [
        "On other machines: 1 search, 1 brought something that was checked here."
    ]


def test_what_went_wrong_is_told_with_the_first_reason_on_one_line() -> None:
    told = Elsewhere(5, 1, 1, ("KilledWorker: \x1b[31ma\nb", "c"), ("its Python\nis not sent",))
    assert list(elsewhere_lines(told))[1:] == [
        "Searched for here after all: 1 took too long and 2 failed (KilledWorker: \\x1b[31ma b).",
        "Not sent: its Python is not sent.",
    ]
    assert next(elsewhere_lines(Elsewhere(0, 0))) == "On other machines: 0 searches, none was sent."
