#!/usr/bin/env python3
"""Derives the files of this folder from GeoNames and Natural Earth.

usage: derive.py --geonames DIR --natural-earth DIR --dictionary FILE [--out DIR]

DIR of GeoNames holds cities15000.zip, countryInfo.tsv (GeoNames' countryInfo.txt
without its comments) and admin1_regionInfo.tsv (admin1CodesASCII.txt under a
header line) and country_translations.json (the names of the countries in the
languages of the world, by GeoNames id), cities1000.json (cities1000.txt as JSON
objects by id) and rg_cities1000.csv (an older cities1000.txt with the names of the
divisions). DIR of Natural Earth holds ne_50m_admin_0_countries.json and
ne_50m_admin_1_states_provinces.json (GeoJSON). FILE lists English words, a line each.
README.md says where they come from. The output depends on the input alone.
"""

import argparse
import csv
import datetime
import json
import math
import pathlib
import sys
import unicodedata
import zipfile
import zoneinfo

# Borders are kept in thousandths of a degree (111 m of latitude): finer than the
# drawing itself, which is made for 1:50,000,000.
UNITS_PER_DEGREE = 1000

# Natural Earth draws states; ISO 3166-1 has codes of their own for parts of some.
# A part belongs to the first box (west, south, east, north) that holds it.
PARTS = {
    "FRA": [
        ("GF", (-55, 1, -51, 6)),
        ("GP", (-62, 15.8, -61, 16.7)),
        ("MQ", (-61.4, 14.2, -60.7, 15)),
        ("RE", (55, -22, 56, -20.5)),
        ("YT", (45, -13.2, 45.5, -12.4)),
        ("FR", (-10, 40, 10, 52)),
    ],
    "NLD": [("BQ", (-70, 11, -62, 18)), ("NL", (3, 50, 8, 54))],
    "NOR": [
        ("SJ", (-10, 70, -7, 72)),
        ("SJ", (10, 74, 35, 82)),
        ("BV", (3, -55, 4, -54)),
        ("NO", (4, 57, 32, 72)),
    ],
    "NZL": [("TK", (-173, -10, -171, -8)), ("NZ", (-180, -60, 180, -30))],
    "IOA": [("CC", (96, -13, 98, -11)), ("CX", (105, -11, 106, -10))],
    # Drawn by who controls it; ISO 3166-2 and GeoNames list Crimea under Ukraine.
    "RUS": [("UA", (32, 44, 37, 46.5)), ("RU", (-180, 40, 180, 90))],
}

# Drawn apart, without a code of their own: the code under which ISO 3166 and
# GeoNames list the ground. The Siachen glacier (KAS) is claimed by two and left out.
CODES = {"ATC": "AU", "CYN": "CY", "SOL": "SO"}
LEFT_OUT = {"KAS"}

# The towns from west to east: up to which longitude each file goes.
TOWN_FILES = (("americas_west", -90), ("americas_east", -30), ("west", 8), ("middle", 20), ("east", 75), ("far_east", 181))

# Withdrawn from ISO 3166-1; GeoNames keeps them for old records.
WITHDRAWN = {"AN", "CS"}


def write_rows(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write("#" + "\t".join(header) + "\n")
        for row in rows:
            file.write("\t".join(row) + "\n")


def read_rows(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def derive_countries(geonames, out):
    rows = sorted(
        (row[0], row[4].strip())
        for row in read_rows(geonames / "countryInfo.tsv")
        if row[0] not in WITHDRAWN
    )
    write_rows(out / "countries.tsv", ("code", "name"), rows)
    return {code for code, _ in rows}


def derive_admin1(geonames, out):
    rows = sorted((row[0], row[1].strip()) for row in read_rows(geonames / "admin1_regionInfo.tsv"))
    write_rows(out / "admin1.tsv", ("code", "name"), rows)


def derive_cities(geonames, out):
    """Two files, split at Greenwich, to stay readable and below 2 MiB each."""
    with zipfile.ZipFile(geonames / "cities15000.zip") as archive:
        lines = archive.read("cities15000.txt").decode("utf-8").splitlines()
    west, east = [], []
    for line in sorted(lines, key=lambda text: int(text.split("\t", 1)[0])):
        f = line.split("\t")
        lat, lon = float(f[4]), float(f[5])
        row = (f[0], f[1], f"{lat:.4f}", f"{lon:.4f}", f[7], f[8], f[10], f[14], f[17])
        (west if lon < 0 else east).append(row)
    header = ("geonames_id", "name", "lat", "lon", "kind", "country", "admin1", "population",
              "time_zone")
    write_rows(out / "cities_west.tsv", header, west)
    write_rows(out / "cities_east.tsv", header, east)


def plain(name):
    """What a search makes of a name, or nearly: names that differ in case and accents are one."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def script(name):
    last = max(name)
    return "latin" if last < "\u0250" else "greek_cyrillic" if last < "\u0590" else "other"


def derive_names(geonames, out):
    """The alternate names of the cities, by script: each file is below 2 MiB."""
    with zipfile.ZipFile(geonames / "cities15000.zip") as archive:
        lines = archive.read("cities15000.txt").decode("utf-8").splitlines()
    rows = {"latin": [], "greek_cyrillic": [], "other": []}
    for line in sorted(lines, key=lambda text: int(text.split("\t", 1)[0])):
        f = line.split("\t")
        seen = {plain(f[1])}
        names = {kind: [] for kind in rows}
        for name in [f[2], *f[3].split(",")]:
            if name.strip() and plain(name) not in seen:
                seen.add(plain(name))
                names[script(name)].append(name.strip())
        for kind, found in names.items():
            if found:
                rows[kind].append((f[0], "|".join(found)))
    for kind, found in rows.items():
        write_rows(out / f"names_{kind}.tsv", ("geonames_id", "names"), found)


def derive_country_names(geonames, out, countries):
    translations = json.loads((geonames / "country_translations.json").read_text(encoding="utf-8"))
    rows = []
    for row in sorted(read_rows(geonames / "countryInfo.tsv")):
        if row[0] not in countries:
            continue
        seen, names = set(), []
        for name in translations.get(row[16], {}).values():
            if plain(name) not in seen:
                seen.add(plain(name))
                names.append(name.strip().replace("|", " "))
        languages = ",".join(code.split("-")[0] for code in row[15].split(",") if code)
        rows.append((row[0], row[1], row[7], languages, "|".join(names)))
    write_rows(out / "country_names.tsv", ("code", "iso3", "population", "languages", "names"), rows)


def derive_divisions(natural_earth, out):
    """Where the divisions lie that Natural Earth draws at this scale, and what else they are called."""
    source = natural_earth / "ne_50m_admin_1_states_provinces.json"
    rows = []
    for feature in json.loads(source.read_text(encoding="utf-8"))["features"]:
        p = feature["properties"]
        if not (p["gn_a1_code"] or "").split(".")[-1]:
            continue
        rings = feature["geometry"]["coordinates"]
        if feature["geometry"]["type"] == "MultiPolygon":
            rings = [ring for polygon in rings for ring in polygon]
        points = [point for ring in rings for point in ring]
        south, north = (f(lat for _, lat in points) for f in (min, max))
        # In Australia Natural Earth's letters are its own.
        postal = "" if p["iso_a2"] == "AU" else p["postal"] or ""
        names = "|".join(dict.fromkeys((p["name_alt"] or "").split("|") + [p["gn_name"] or ""]))
        rows.append((p["gn_a1_code"], f"{p['latitude']:.4f}", f"{p['longitude']:.4f}",
                     f"{(north - south) * 111.2 / 2:.0f}", postal, names.strip("|")))
    write_rows(out / "divisions.tsv", ("code", "lat", "lon", "radius_km", "postal", "names"),
               sorted(rows))


def dictionary_words(path):
    """The words of a language that are no names: those without a capital letter."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line.isalpha() and line == line.lower()}


def derive_towns(geonames, dictionary, out):
    """The places of 1,000 people or more that are too small for the list of cities, west to east in
    files below 2 MiB. The time zone is only told where the country's cities have several."""
    cities = [row for half in ("west", "east") for row in read_rows(out / f"cities_{half}.tsv")]
    known = {row[0] for row in cities}
    zones, countries = {}, {row[0] for row in read_rows(out / "countries.tsv")}
    for row in cities:
        zones.setdefault(row[5], set()).add(row[8])
    words = dictionary_words(dictionary)
    places = json.loads((geonames / "cities1000.json").read_text(encoding="utf-8"))
    rows = {name: [] for name, _ in TOWN_FILES}
    for place in sorted(places.values(), key=lambda place: place["geonameid"]):
        country, zone = place["countrycode"], place["timezone"]
        name = " ".join(place["name"].split())
        if str(place["geonameid"]) in known or country not in countries or not name:
            continue
        only_zone = len(zones.get(country, ())) == 1 and zone in zones[country]
        file = next(file for file, east in TOWN_FILES if place["longitude"] < east)
        rows[file].append((
            str(place["geonameid"]), name, f"{place['latitude']:.4f}", f"{place['longitude']:.4f}", country,
            place["admin1code"], str(place["population"]), "" if only_zone else zone,
            "1" if plain(name) in words else ""))
    header = ("geonames_id", "name", "lat", "lon", "country", "admin1", "population", "time_zone", "word")
    for file, found in rows.items():
        write_rows(out / f"towns_{file}.tsv", header, found)


def kilometres(a, b):
    """Near enough for what lies in one county."""
    north = (a[0] - b[0]) * 111.2
    east = ((a[1] - b[1] + 180) % 360 - 180) * 111.2 * math.cos(math.radians(a[0]))
    return math.hypot(north, east)


def read_places(out):
    """(name, country) to (point, admin1, population) of all cities and towns."""
    places = {}
    tables = [(f"cities_{half}.tsv", 5) for half in ("west", "east")]
    tables += [(f"towns_{name}.tsv", 4) for name, _ in TOWN_FILES]
    for file, at in tables:
        for row in read_rows(out / file):
            place = ((float(row[2]), float(row[3])), row[at + 1], int(row[at + 2]))
            places.setdefault((plain(row[1]), row[at]), []).append(place)
    return places


def derive_counties(geonames, out):
    """The divisions of the second level, around the places that lie in them. Those that are named
    after a place in them are left out, unless they say what they are, as in the United States."""
    places = read_places(out)
    counties = {}
    with open(geonames / "rg_cities1000.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            point = (float(row["lat"]), float(row["lon"]))
            same = [place for place in places.get((plain(row["name"]), row["cc"]), ())
                    if kilometres(place[0], point) < 20]
            if not row["admin2"].strip() or not same:
                continue
            county = counties.setdefault((row["admin2"].strip(), row["cc"], same[0][1]), [])
            county.append((point, same[0][2]))
    rows = []
    for (name, country, admin1), members in sorted(counties.items()):
        middle = tuple(sum(point[i] for point, _ in members) / len(members) for i in (0, 1))
        reach = max(kilometres(middle, point) for point, _ in members)
        namesakes = places.get((plain(name), country), ())
        if any(kilometres(place[0], middle) < 100 for place in namesakes):
            continue
        rows.append((name, f"{middle[0]:.3f}", f"{middle[1]:.3f}", country, admin1,
                     str(min(max(round(reach), 10), 300)), str(sum(people for _, people in members))))
    write_rows(out / "counties.tsv",
               ("name", "lat", "lon", "country", "admin1", "radius_km", "population"), rows)


def derive_zone_offsets(out):
    """Minutes east of Greenwich by every name of tzdata, without daylight saving. Of 2015: profiles
    name time zones in archives from before May 2018."""
    rows = []
    for name in sorted(zoneinfo.available_timezones() - {"Factory", "localtime"}):
        zone = zoneinfo.ZoneInfo(name)
        days = (datetime.datetime(2015, month, 15, 12, tzinfo=zone) for month in (1, 7))
        rows.append((name, str(min(day.utcoffset() for day in days) // datetime.timedelta(minutes=1))))
    write_rows(out / "zone_offsets.tsv", ("time_zone", "minutes"), rows)


def part_code(feature, ring):
    properties = feature["properties"]
    name = properties["ADM0_A3"]
    if name in CODES:
        return CODES[name]
    if name not in PARTS:
        return properties["ISO_A2"]
    lon = sum(x for x, _ in ring) / len(ring)
    lat = sum(y for _, y in ring) / len(ring)
    for code, (west, south, east, north) in PARTS[name]:
        if west <= lon <= east and south <= lat <= north:
            return code
    sys.exit(f"{name}: no part holds the ring around {lat:.2f}, {lon:.2f}")


def quantised(ring):
    points = []
    for x, y in ring:
        if y < -89.99:
            y = -90  # Antarctica is drawn to 110 m before the pole.
        point = (round(x * UNITS_PER_DEGREE), round(y * UNITS_PER_DEGREE))
        if not points or points[-1] != point:
            points.append(point)
    if points[0] == points[-1]:
        points.pop()
    return points


def ring_text(points):
    """The first point, then the steps from point to point; the ring closes itself."""
    numbers = [*points[0]]
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        numbers += [x1 - x0, y1 - y0]
    return " ".join(map(str, numbers))


def derive_borders(natural_earth, out, countries):
    source = natural_earth / "ne_50m_admin_0_countries.json"
    rows = []
    for feature in json.loads(source.read_text(encoding="utf-8"))["features"]:
        if feature["properties"]["ADM0_A3"] in LEFT_OUT:
            continue
        geometry = feature["geometry"]
        polygons = geometry["coordinates"]
        for polygon in [polygons] if geometry["type"] == "Polygon" else polygons:
            code = part_code(feature, polygon[0])
            if code not in countries:
                sys.exit(f"{feature['properties']['NAME']}: {code} is not a code of GeoNames")
            for ring in map(quantised, polygon):
                if len(ring) >= 3:
                    rows.append((code, ring_text(ring)))
    rows.sort(key=lambda row: row[0])
    write_rows(out / "borders.tsv", ("country", "ring"), rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--geonames", type=pathlib.Path, required=True)
    parser.add_argument("--natural-earth", type=pathlib.Path, required=True)
    parser.add_argument("--dictionary", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    arguments = parser.parse_args()
    countries = derive_countries(arguments.geonames, arguments.out)
    derive_admin1(arguments.geonames, arguments.out)
    derive_cities(arguments.geonames, arguments.out)
    derive_names(arguments.geonames, arguments.out)
    derive_country_names(arguments.geonames, arguments.out, countries)
    derive_divisions(arguments.natural_earth, arguments.out)
    derive_towns(arguments.geonames, arguments.dictionary, arguments.out)
    derive_counties(arguments.geonames, arguments.out)
    derive_zone_offsets(arguments.out)
    derive_borders(arguments.natural_earth, arguments.out, countries)


if __name__ == "__main__":
    main()
