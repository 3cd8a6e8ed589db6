"""A warning as data: what a spec or a claim fails to test, though nothing is wrong with its form."""

from dataclasses import dataclass

from mechverify.spec.expression.syntax import Span


@dataclass(frozen=True, slots=True)
class Caution:
    """``kind`` in a word or two, the same for all of a kind; ``words`` say what is wrong, ``todo`` what to do about it,
    and ``span`` where in the spec. Beside a claim's verdict, ``words`` do not name the claim again.
    """

    kind: str
    words: str
    todo: str
    span: Span

    @property
    def text(self) -> str:
        """Both, as one paragraph."""
        return f"{self.words}; {self.todo}"
