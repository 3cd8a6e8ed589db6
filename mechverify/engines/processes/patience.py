"""How long the seconds of a ceiling are for this process and its children.

What ends a search is work (``engines.work``); ceilings of seconds are for what does not count, and on a machine with
much else to do they come too early. Whoever would rather wait puts them all off: the tests do, so that what they find
does not hang on what else runs. A limit is told as it was given.
"""

_A_DAY = 86_400.0
_times = 1.0


def put_off(times: float) -> float:
    """Make every ceiling that is looked at from now on so many times longer than it says; how many it was before."""
    global _times
    before, _times = _times, times
    return before


def patient(seconds: float) -> float:
    """The seconds after which a ceiling of ``seconds`` is reached; none is put off for more than a day."""
    return max(seconds, min(seconds * _times, _A_DAY))
