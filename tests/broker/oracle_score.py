"""How surprising the keys of one ranking are: busyness.hpp and score.hpp of hashtag-window, by
their definitions."""
import math
from fractions import Fraction

STEADY, MOST, AUTHORS_MAX, EXPECTED_MAX = 20, 16, 1 << 40, 10 ** 15


def busyness(pairs):
    """The weighted median of newest/past over the other keys; pairs: their (newest, past)."""
    pairs = [(min(a, AUTHORS_MAX), min(b, AUTHORS_MAX)) for a, b in pairs if a and b] + [(STEADY, STEADY)]
    # Quotients of such numbers differ by more than a float rounds.
    exact = any(max(p) >= 1 << 25 for p in pairs)
    pairs.sort(key=lambda p: Fraction(*p) if exact else p[0] / p[1])
    whole, below = sum(map(min, pairs)), 0
    for newest, past in pairs:
        below += min(newest, past)
        if 2 * below >= whole:
            break
    return min(max(Fraction(newest, past), Fraction(1, MOST)), Fraction(MOST))


def score(newest, expected, others, yesterday):
    """(thousandths, state)"""
    weights = [65_536]
    while len(weights) < len(expected):
        weights.append(weights[-1] * 4 // 5)
    mean = sum(w * x for w, x in zip(weights, expected)) // sum(weights)
    square = sum(w * x * x for w, x in zip(weights, expected)) // sum(weights)
    variance = square - mean * mean
    most = max(yesterday)
    mean = max(mean, min(most - math.isqrt(1000 * most), 1000 * newest))
    of_busyness = 3 * mean * mean // (2 * (others + STEADY))
    spread = math.isqrt(max(variance, 1000 * mean) + 1_000_000 + of_busyness)
    points = (1000 * newest - mean) * 1000 // spread
    if not any(expected) and not any(yesterday):
        return points, "new" if newest else ""
    if points >= 3000 and 1000 * newest > expected[0]:
        return points, "rising"
    if points >= 1000 and 1000 * newest <= expected[0] and 2000 * newest >= 3 * mean:
        return points, "peak"
    return points, "falling" if points <= -1000 else ""


def scores(blocks, days):
    """{key: (thousandths, state)} of {key: [authors in the newest block, in the one before, ...]}; the
    last `days` of these are those of the day before."""
    result = {}
    for key, (newest, *past) in blocks.items():
        others = [counts for other, counts in blocks.items() if other != key]
        factors = (busyness([(c[0], c[i + 1]) for c in others]) if x else 1 for i, x in enumerate(past))
        expected = [min(math.floor(1000 * min(x, AUTHORS_MAX) * factor), EXPECTED_MAX)
                    for x, factor in zip(past, factors)]
        result[key] = score(newest, expected[:len(past) - days], sum(c[0] for c in others),
                            expected[len(past) - days:] or [0])
    return result
