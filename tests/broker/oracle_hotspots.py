"""Hotspots of S2 cells for oracle.py: s2geometry.io, by its description."""
import json
import math
from functools import cache


def thousandths_of(score):
    """Half away from zero."""
    scaled = abs(score * 1000)
    whole = math.floor(scaled)
    return int(math.copysign(whole + (scaled - whole >= 0.5), score))


def decimal(thousandths):
    sign, (whole, rest) = "-" * (thousandths < 0), divmod(abs(thousandths), 1000)
    return f"{sign}{whole}" + (f".{rest:03}".rstrip("0") if rest else "")


@cache
def square_of(token):
    """(face, i, j, level)"""
    bits = int(token.ljust(16, "0"), 16)
    level = 30 - ((bits & -bits).bit_length() - 1) // 2
    face, i, j = bits >> 61, 0, 0
    swapped, inverted = face & 1, 0
    for k in range(level):
        place = bits >> 59 - 2 * k & 3
        a, b = [(0, 0), (0, 1), (1, 1), (1, 0)][place]
        if inverted:
            a, b = 1 - a, 1 - b
        if swapped:
            a, b = b, a
        i, j = i << 1 | a, j << 1 | b
        swapped ^= place in (0, 3)
        inverted ^= place == 3
    return face, i, j, level


def xyz(face, u, v):
    return [(1, u, v), (-u, 1, v), (-u, -v, 1), (-1, -v, -u), (v, -1, -u), (v, u, -1)][face]


def corner(square, i, j):
    face, _, _, level = square
    uv = [(4 * s * s - 1) / 3 if s >= .5 else (1 - 4 * (1 - s) * (1 - s)) / 3
          for s in (i / 2 ** level, j / 2 ** level)]
    p = xyz(face, *uv)
    length = math.sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2])
    return [x / length for x in p]


@cache
def corners(square):
    _, i, j, _ = square
    return [corner(square, i + a, j + b) for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))]


@cache
def share_an_edge(a, b):
    """Two common corners, but for rounding: not how the service decides it."""
    near = sum(max(abs(x - y) for x, y in zip(p, q)) < 1e-12 for p in corners(a) for q in corners(b))
    return near == 2


def angle(a, b):
    c = (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
    return math.atan2(math.sqrt(c[0] * c[0] + c[1] * c[1] + c[2] * c[2]),
                      a[0] * b[0] + a[1] * b[1] + a[2] * b[2])


def hashtags_in(group, pairs, missing, limit):
    """`pairs`: (cell, hashtag, posts), `missing`: what a pair that is not among them may have."""
    counts = {}
    for cell, tag, count in pairs:
        if cell in group:
            counts[tag] = counts.get(tag, 0) + count
    order = sorted(counts, key=lambda tag: (-counts[tag], tag.encode()))[:limit]
    tags = ",".join(f'{{"key":{json.dumps(tag, ensure_ascii=False)},"count":{counts[tag]}}}' for tag in order)
    return (f',"hashtags":[{tags}]' if tags else "") + \
        (f',"missing_max":{missing * len(group)}' if missing else "")


def hotspots_of(rows, total, pairs=(), missing=0, limit=0):
    squares = {r.key: square_of(r.key) for r in rows if r.count >= 3 and r.count * 100 >= total}
    counts, left, groups = {r.key: r.count for r in rows}, sorted(squares), []
    while left:
        group, grown = [left.pop(0)], True
        while grown:
            near = [t for t in left if any(share_an_edge(squares[t], squares[g]) for g in group)]
            group, left, grown = group + near, [t for t in left if t not in near], bool(near)
        groups.append(sorted(group))
    texts = []
    for group in sorted(groups, key=lambda g: -sum(counts[t] for t in g)):
        middle = [0.0, 0.0, 0.0]
        for token in group:
            face, i, j, level = squares[token]
            for axis, x in enumerate(corner(squares[token], i + .5, j + .5)):
                middle[axis] += counts[token] * x
        posts = sum(counts[t] for t in group)
        if sum(x * x for x in middle) < 1e-18 * posts * posts:
            middle = [1.0, 0.0, 0.0]
        x, y, z = middle
        degree = math.pi / 180
        lat = thousandths_of(math.atan2(z, math.sqrt(x * x + y * y)) / degree)
        lon = thousandths_of(math.atan2(y, x) / degree)
        radius = max(angle(middle, v) for token in group for v in corners(squares[token]))
        radius = math.pi if radius > math.pi / 2 else radius
        cells = ",".join(f'"{token}"' for token in group)
        texts.append(f'{{"lat":{decimal(lat)},"lon":{decimal(180_000 if lon == -180_000 else lon)},'
                     f'"radius_km":{decimal(math.ceil(radius * 6371.01 * 10) * 100)},'
                     f'"count":{posts},"cells":[{cells}]'
                     f'{hashtags_in(group, pairs, missing, limit)}}}')
    return f',"hotspots":[{",".join(texts)}]' if texts else ""
