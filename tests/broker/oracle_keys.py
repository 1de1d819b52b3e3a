"""The keys of a post for oracle.py: text, places and links, from the definitions alone."""
import ctypes
import math
import re
import unicodedata
from datetime import datetime, timedelta, timezone
from itertools import islice

POST_KEYS_MAX = 100  # Of a dimension.
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


# Default_Ignorable_Code_Point of Unicode 14, without the joiners.
IGNORABLE = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]")


def spelling_of(tag):
    return unicodedata.normalize("NFC", IGNORABLE.sub("", tag))


def fold(tag):
    bare = re.sub("[\u200c\u200d]", "", IGNORABLE.sub("", tag))
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", bare).casefold())


SPECIAL = "_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\xb7"


def is_letter(c):
    return unicodedata.category(c)[0] in "LM"


def is_part(c):
    return is_letter(c) or unicodedata.category(c) == "Nd" or c in SPECIAL


def hashtags_in(text):
    """twitter-text's rules; links are blanked first, as long as they are, if nothing binds them."""
    def free(at):
        return at == 0 or text[at - 1] in "\ufe0e\ufe0f" or not (is_part(text[at - 1]) or text[at - 1] == "&")
    tags, at = [], 0
    while at < len(text):
        link = re.compile("https?://[^ \t\r\n]*", re.I | re.A).match(text, at)
        if link and (free(at) or at == end_of_link):
            at = end_of_link = link.end()
            continue
        end_of_link = -1
        at += 1
        if text[at - 1] not in "#\uff03" or not free(at - 1):
            continue
        end = at
        while end < len(text) and is_part(text[end]) and not (end == at and text[end] in "\ufe0f\u20e3"):
            end += 1
        if any(map(is_letter, text[at:end])) and not re.match("[#\uff03]|://", text[end:]):
            tags.append(text[at:end])
        at = end
    return tags


class PublicSuffixes:
    """libpsl, as the service has it: the list is data."""
    psl = None

    @classmethod
    def registered(cls, host):
        if cls.psl is None:
            cls.psl = ctypes.CDLL("libpsl.so.5")
            cls.psl.psl_builtin.restype = ctypes.c_void_p
            cls.psl.psl_registrable_domain.restype = ctypes.c_char_p
            cls.psl.psl_registrable_domain.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        domain = cls.psl.psl_registrable_domain(cls.psl.psl_builtin(), host.encode())
        return domain and domain.decode()


def domain_of(url):
    match = re.match(r"[^:]*://([^/?#\\]*)", url, re.S)
    if not match or url.startswith("://"):
        return None
    host = match[1].rpartition("@")[2].partition(":")[0].removesuffix(".")
    host = re.sub("[A-Z]", lambda m: m[0].lower(), host)
    if "[" in host or "." not in host or len(host.encode()) > 253:
        return None
    return host if re.fullmatch("[0-9.]*", host) else PublicSuffixes.registered(host)


def cell_of(geo, level):
    """The token of the S2 cell of that level: s2geometry.io, by its description."""
    if geo.get("s2_cell"):
        bits = int(geo["s2_cell"].ljust(16, "0"), 16)
        if 30 - ((bits & -bits).bit_length() - 1) // 2 < level:
            return None
    elif geo.get("lat") is not None and geo.get("radius_km", 0) <= 9139.3 / 2 ** level:
        bits = leaf_cell(math.radians(geo["lat"]), math.radians(geo["lon"]))
    else:
        return None
    mark = 1 << 2 * (30 - level)
    return f"{bits & -mark | mark:016x}".rstrip("0")


def leaf_cell(phi, theta):
    p = math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi)
    axis = max(range(3), key=lambda i: abs(p[i]))
    face = axis + 3 * (p[axis] < 0)
    x, y, z = p
    u, v = [(lambda: (y / x, z / x)), (lambda: (-x / y, z / y)), (lambda: (-x / z, -y / z)),
            (lambda: (z / x, y / x)), (lambda: (z / y, -x / y)), (lambda: (-y / z, -x / z))][face]()
    st = [.5 * math.sqrt(1 + 3 * w) if w >= 0 else 1 - .5 * math.sqrt(1 - 3 * w) for w in (u, v)]
    i, j = (min(max(math.floor(w * 2 ** 30), 0), 2 ** 30 - 1) for w in st)
    bits, swapped, inverted = face, face & 1, 0
    for k in reversed(range(30)):  # Quarters along the Hilbert curve.
        a, b = i >> k & 1, j >> k & 1
        if swapped:
            a, b = b, a
        if inverted:
            a, b = 1 - a, 1 - b
        place = {(0, 0): 0, (0, 1): 1, (1, 1): 2, (1, 0): 3}[a, b]
        bits = bits << 2 | place
        swapped ^= place in (0, 3)
        inverted ^= place == 3
    return bits << 1 | 1


def time_ms(text):
    """RFC 3339 to milliseconds, the fraction cut after three digits."""
    date, rest = text[:19].upper().replace(" ", "T"), text[19:]
    fraction = 0
    if rest.startswith("."):
        digits = rest[1:].rstrip("Zz") if rest[-1] in "Zz" else rest[1:-6]
        fraction, rest = int(digits[:3].ljust(3, "0")), rest[1 + len(digits):]
    leap = date.endswith(":60")
    at = datetime.strptime(date[:-2] + "59" if leap else date, "%Y-%m-%dT%H:%M:%S")
    at = at.replace(tzinfo=timezone.utc) + timedelta(seconds=int(leap))
    if rest not in ("Z", "z"):
        shift = timedelta(hours=int(rest[1:3]), minutes=int(rest[4:6]))
        at = at - shift if rest[0] == "+" else at + shift
    return (at - EPOCH) // timedelta(milliseconds=1) + fraction


def hashtags_of(post, options):
    """(key, spelling), the first of each key."""
    entities = post.get("entities")
    tags = hashtags_in(post["text"]) if entities is None else [t["tag"] for t in entities.get("hashtags") or []]
    found = {}
    for tag in tags:
        if len(tag.encode()) <= 4 * options.key_bytes_max:
            found.setdefault(fold(tag), spelling_of(tag))
    for key, spelling in found.items():
        yield key, key if len(spelling.encode()) > options.key_bytes_max else spelling


def clusters_of(post):
    """(id, label), the first of each id."""
    found = {}
    for link in post["urls"]:
        if cluster := link.get("cluster"):
            found.setdefault(cluster["id"], cluster.get("label") or cluster["id"])
    return found.items()


def values_of(post, dimension):
    geo = post.get("geo") or {}
    if dimension == "lang":
        return [post.get("lang")]
    if dimension == "country":
        return [geo.get("country_code")]
    if dimension == "sentiment":
        return [(post.get("sentiment") or {}).get("label")]
    if dimension == "city":
        larger = [part for part in (geo.get("admin1"), geo.get("country_code")) if part]
        return [", ".join([geo["city"]] + larger)] if geo.get("city") else []
    if dimension == "topic":
        topics = post.get("topics") or []
        return [max(topics, key=lambda t: t["probability"])["label"]] if topics else []
    if dimension == "domain":
        cleaned = (post.get("quality") or {}).get("urls")
        urls = (post.get("entities") or {}).get("urls") or []
        if cleaned is None:
            cleaned = [u.get("expanded_url", u.get("url")) for u in urls]
        return [domain_of(url) for url in cleaned]
    return [cell_of(geo, int(dimension.removeprefix("cell")))]


def keys_of(post, options):
    """((dimension, key), spelling)"""
    keys = []
    pairs = [d + "+hashtag" for d in options.dimensions if d.startswith("cell") and options.hotspot_hashtags]
    for dimension in [*options.dimensions, *pairs]:
        if dimension == "hashtag":
            values = hashtags_of(post, options)
        elif dimension == "url_cluster":
            values = ((key, key if len(label.encode()) > options.key_bytes_max else label)
                      for key, label in clusters_of(post))
        elif dimension in pairs:
            cell = cell_of(post.get("geo") or {}, int(dimension[len("cell"):-len("+hashtag")]))
            values = [(f"{cell} {tag}",) * 2 for tag, _ in hashtags_of(post, options) if cell and tag]
        else:
            values = ((v, v) for v in dict.fromkeys(values_of(post, dimension)))
        fitting = ((value, spelling) for value, spelling in values
                   if value and len(value.encode()) <= options.key_bytes_max)
        keys += [((dimension, value), spelling) for value, spelling in islice(fitting, POST_KEYS_MAX)]
    return keys
