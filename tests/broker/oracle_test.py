#!/usr/bin/env python3
"""Compares a chain of hashtag-window's stages with the oracle, byte for byte.

  oracle_test.py COMMAND [ARGUMENT...]     as: oracle_test.py build/dev/bin/hashtag-window --pipe

COMMAND reads records of processed_tweets or clustered_urls and writes those of trends; it is given the same
options as oracle.py. Prints what differs; the status is 1 then.
"""
import datetime
import json
import os
import random
import subprocess
import sys

ORACLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "oracle.py")
OPTIONS = [
    [],
    ["--windows", "1m/10s,90s/30s,2m/20s", "--top-k", "3", "--trend-history", "2",
     "--authors-exact-max", "4", "--lateness-ms", "25000", "--deletion-horizon-ms", "100000"],
    ["--windows", "1m/1m", "--dimensions", "hashtag,lang,country,sentiment", "--lateness-ms", "0"],
    ["--windows", "5m/10s,1m/1m", "--dimensions", "city,topic,domain,cell0,cell5,cell12,cell30,hashtag",
     "--authors-exact-max", "2", "--trend-history", "2"],
    ["--windows", "2m/10s", "--pane-keys-max", "1", "--dimensions", "hashtag,lang", "--trend-history",
     "3", "--lateness-ms", "30000"],
    ["--windows", "10m/1m", "--dimensions", "cell1,cell0", "--top-k", "2", "--hotspot-hashtags", "3",
     "--trend-history", "2"],
    ["--windows", "10m/2m", "--dimensions", "cell0,cell2,hashtag", "--hotspot-hashtags", "2",
     "--pane-keys-max", "3", "--trend-history", "2"],
    ["--windows", "1m/10s,2m/20s", "--open-keys-max", "3", "--dimensions", "hashtag,lang,domain",
     "--trend-history", "2", "--lateness-ms", "30000"],
    ["--windows", "10m/1m", "--open-keys-max", "9", "--pane-keys-max", "5", "--dimensions",
     "cell0,cell2,hashtag", "--trend-history", "2"],
    ["--windows", "2m/10s", "--dimensions", "url_cluster", "--authors-exact-max", "3", "--trend-history", "2",
     "--open-keys-max", "12"],
    ["--windows", "30m/10m,24h/10m", "--trend-history", "2", "--authors-exact-max", "4", "--top-k", "9"],
    ["--windows", "2m/10s,10m/1m", "--dimensions", "hashtag,lang", "--window-keys-max", "60", "--trend-history", "2",
     "--authors-exact-max", "9", "--lateness-ms", "30000"],
    ["--windows", "30m/30s,4h/1m", "--dimensions", "hashtag,domain,cell0", "--window-keys-max", "400",
     "--pane-keys-max", "30", "--trend-history", "3"],
    ["--windows", "500ms/250ms,3s/1s", "--top-k", "1000", "--deletion-horizon-ms", "0"],
]
TAGS = ["a", "B", "b", "Ärger", "ärger", "ΣΊΣΥΦΟΣ", "σίσυφος", "МОСКВА", "q\"\\\n\x01\x7f", "İ",
        "ß", "ẞ", "SS", "Ⱥ", "日本", "😀", "x" * 256, "x" * 257, "", "K", "A", "a", "\u00c4rger", "A\u0308RGER",
        "a\u200b", "\u202ea", "\u0645\u06cc\u200c\u062e", "ᾳ\u0301", "\u1f80", "A\u0345\u0301", "ΐ", "ŉ"]
TEXTS = ["x", "#a #B c#d", "#a#b ##c #1 #1a", "＃日本 &#a http://x/#b #Ärger", "❤️#love #😀 #x😀y", "#a://b #c",
         "(#K) #a\u200b\u0301 #\u0663\u0664", "https://a.b/ #a-b HTTP://#c\n#d"]
URLS = ["https://www.orf.at/x", "http://a.b.co.uk:80/", "https://x@news.github.io?q", "1", "http://1.2.3.4/",
        "http://münchen.de/#a", "https://co.uk", "HTTPS://WWW.ORF.AT", "http://orf.at.", "://orf.at"]
LABELS = ["ski, snow", "Ski, Schnee", "c1", "", None, "\u0437\u0438\u043c\u0430", "l" * 257]
TOKENS = ["476d07", "476d1", "89c25", "b0000004", "1000000000000001", "5"]


def link(rng):
    cluster = {"id": rng.choice(["c1", "c2", f"c{rng.randrange(200)}", "x" * 257]), "label": rng.choice(LABELS)}
    return rng.choice([{"url": "u"}, {"url": "u", "cluster": None}] + [{"url": "u", "cluster": cluster}] * 5)


def posts(seed):
    """Disorder, late posts, deletions, repeated ids, absent fields, times before 1970."""
    rng = random.Random(seed)
    # Days, of which one is compared with the next.
    pace = 300 if any("24h" in option for option in OPTIONS[seed % len(OPTIONS)]) else 1
    # Panes are numbered by 32 bits: those of 250 ms end in 1987.
    fine = any("ms" in option for option in OPTIONS[seed % len(OPTIONS)])
    now, ids = rng.choice([-200_000, 0, 500_000_000_000 if fine else 1_800_000_000_000]), []
    for number in range(rng.choice([0, 1, 30, 400])):
        now += pace * rng.choice([0, 1, 40, 700, 5_000, 60_000 if number % 50 == 0 else 0])
        if ids and rng.random() < .12:
            yield {"id": rng.choice(ids[-30:]), "deleted": True}
            continue
        at = now - (rng.randrange(20_000) if rng.random() < .8 else rng.randrange(200_000))
        seconds, ms = divmod(at, 1000)
        day, rest = divmod(seconds, 86_400)
        date = (datetime.date(1970, 1, 1) +
                datetime.timedelta(days=day)).isoformat()
        zone = rng.choice(["Z", "+00:00"])
        time = f"{date}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}.{ms:03}{zone}"
        post = {"id": str(rng.randrange(10**18)) if rng.random() < .97 or not ids else ids[-1],
                "text": rng.choice(TEXTS), "created_at": time}
        ids.append(post["id"])
        if rng.random() < .03:  # More than count, each of another spelling.
            post["entities"] = {"hashtags": [{"tag": f"Junk{rng.randrange(120)}"} for _ in range(200)]}
        elif rng.random() < .9:
            tags = [rng.choice(TAGS[: rng.choice([3, len(TAGS)])]) for _ in range(rng.randrange(4))]
            post["entities"] = {"hashtags": [{"tag": t} for t in tags],
                                "urls": [{"url": rng.choice(URLS)} for _ in range(rng.randrange(3))]}
        if rng.random() < .9:
            post["author"] = {"id": f"u{rng.randrange(rng.choice([5, 1000]))}"}
        if rng.random() < .9:
            post["sentiment"] = {"label": rng.choice(["positive", "negative", "unknown"]),
                                 "score": rng.choice([0, .0005, -.0005, 1, -1, rng.uniform(-1, 1)])}
        if rng.random() < .5:
            post["geo"] = {"country_code": rng.choice(["AT", "DE"])}
            if rng.random() < .7:
                post["geo"].update(city=rng.choice(["Linz", "Wien"]), admin1=rng.choice(["", "Upper Austria"]),
                                   lat=rng.choice([0, 48.2, -90, rng.uniform(-90, 90)]),
                                   lon=rng.choice([0, 180, -180, rng.uniform(-180, 180)]),
                                   radius_km=rng.choice([0, .5, 10, 1000]))
            if rng.random() < .3:
                post["geo"]["s2_cell"] = rng.choice(TOKENS)
        if rng.random() < .5:
            post["topics"] = [{"id": i, "label": f"t{i}", "probability": rng.choice([.1, .2, .3])}
                              for i in rng.sample(range(4), rng.randrange(4))]
        if "url_cluster" in OPTIONS[seed % len(OPTIONS)]:
            post["urls"] = [link(rng) for _ in range(150 if rng.random() < .03 else rng.randrange(4))]
            if rng.random() < .1:
                post["amendment"] = "withheld"
        if rng.random() < .5:
            post["lang"] = rng.choice(["de", "en"])
        yield post


def main():
    command, compared = sys.argv[1:], 0
    for seed in range(60):
        options = OPTIONS[seed % len(OPTIONS)]
        text = "".join(json.dumps(p, ensure_ascii=seed % 2 == 0) + "\n" for p in posts(seed))
        run = lambda argv: subprocess.run(argv + options, input=text.encode(), check=True,
                                          capture_output=True).stdout.decode().splitlines()
        got, want = run(command), run([sys.executable, ORACLE])
        for i in range(max(len(got), len(want))):
            g, w = ((x[i] if i < len(x) else "nothing") for x in (got, want))
            if g != w:
                print(f"seed {seed}, options {options}, trend {i}\n got  {g}\n want {w}")
                return 1
        compared += len(got)
    print(f"{compared} trends are equal")
    return 0 if compared > 1000 else 1


if __name__ == "__main__":
    sys.exit(main())
