"""A program to explain: the sum of the decimal digits of a number below 10^12."""


def digit_sum(n: int) -> int:
    """Add up the digits, the last one first."""
    rest = n
    total = 0
    for _ in range(12):
        total = total + rest % 10
        rest = rest // 10
    return total
