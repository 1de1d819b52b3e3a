#!/usr/bin/env python3
"""Derives the files of this folder from GeoNames and Natural Earth.

usage: derive.py --geonames DIR --natural-earth DIR [--out DIR]

DIR of GeoNames holds cities15000.zip, countryInfo.tsv (GeoNames' countryInfo.txt
without its comments) and admin1_regionInfo.tsv (admin1CodesASCII.txt under a
header line). DIR of Natural Earth holds ne_50m_admin_0_countries.json (GeoJSON).
README.md says where they come from. The output depends on the input alone.
"""

import argparse
import json
import pathlib
import sys
import zipfile

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
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    arguments = parser.parse_args()
    countries = derive_countries(arguments.geonames, arguments.out)
    derive_admin1(arguments.geonames, arguments.out)
    derive_cities(arguments.geonames, arguments.out)
    derive_borders(arguments.natural_earth, arguments.out, countries)


if __name__ == "__main__":
    main()
