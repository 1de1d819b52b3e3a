#!/usr/bin/env python3
"""usage: scripts/tidy.py [FILE...]

The suite's own rules for C++, line by line: what neither compiler, clang-format nor
clang-tidy knows. Without files: all that git tracks. Exit status 1 if a rule is broken.
"""

import dataclasses
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
COLUMNS_MAX = 100

# Each folder of common/ may include those before it, and itself.
LAYERS = ["common/core", "common/records", "common/s3", "common/runtime", "common/observe",
          "common/kafka", "common/service"]

# Files of a service that meet the world; all others are pure.
SHELL = re.compile(r"services/(?:rookeryctl|rookery-train)/"
                   r"|/(?:main|service|settings|pace|connection|gap_filler|\w+_client|\w+_feed|\w+_store|\w+_file)\.[ch]pp$")


@dataclasses.dataclass(frozen=True)
class Rule:
    name: str
    pattern: re.Pattern
    instead: str
    where: re.Pattern = re.compile("")  # searched in the path
    but: re.Pattern = re.compile(r"(?!)")  # paths that are left out
    on_code: bool = True  # whether comments and strings are left out


def rule(name, pattern, instead, **options):
    for key in ("where", "but"):
        if key in options:
            options[key] = re.compile(options[key])
    return Rule(name, re.compile(pattern), instead, **options)


RULES = [
    rule("todo", r"\b(?:TODO(?!\([a-z][\w-]*\): \S)|FIXME|HACK)\b",
         "write TODO(name): what, and what it waits for", on_code=False),
    rule("clock", r"\b(?:system|steady|high_resolution)_clock::now\b|\bstd::time\(|\bgettimeofday\b",
         "ask a Clock&, or take the time as a value",
         but=r"^common/core/clock\.cpp$|^tests/bench/"),
    rule("sleep", r"\bthis_thread::sleep|\bu?sleep\(|\bnanosleep\(",
         "use Clock::sleep_for(), which hears a request to stop", but=r"^common/core/clock\.cpp$|^tests/bench/"),
    rule("kafka", r"#include\s*[<\"](?:librdkafka/)?rdkafka",
         "include common/runtime/io.hpp: only common/kafka talks to librdkafka",
         but=r"^common/kafka/|^tests/unit/common/kafka_", on_code=False),
    rule("output", r"\bstd::c(?:out|err)\b",
         "take a Log& or a stream", where=r"^(?:common|services)/", but=r"/main\.cpp$"),
    rule("catch", r"\bcatch\s*\(\s*\.\.\.\s*\)", "name the exceptions that the library throws"),
    rule("namespace", r"\busing\s+namespace\s+std\s*;", "name what you use"),
    rule("namespace", r"\busing\s+namespace\b",
         "name what you use: everybody who includes this has it", where=r"\.hpp$"),
    rule("pure", r"#include\s*[<\"](?:common/(?:kafka|observe|service)/|httplib|curl/)",
         "a transformation has no network, log or metric: do it in the service's shell",
         where=r"^services/", but=SHELL.pattern, on_code=False),
    rule("pure", r"\bClock\s*&|\b(?:wall|monotonic)_now\(",
         "a transformation has no clock: take the time as a value",
         where=r"^services/", but=SHELL.pattern),
]

COMMENT_OR_TEXT = re.compile(r'//.*|"(?:[^"\\]|\\.)*"')
# Services that show what another one does, by its own code.
SHARED = {
    ("services/rookery-train", "services/sentiment-scoring"),  # Trains its models on its features.
    ("services/rookeryctl", "services/geo-enrich"),  # locate
    ("services/rookeryctl", "services/hashtag-window"),  # windows rescale
    ("services/rookeryctl", "services/sentiment-scoring"),  # models
}
INCLUDE = re.compile(r'#include "((?:common|services)/[^/"]+)/')


@dataclasses.dataclass(frozen=True)
class Finding:
    path: str
    line: int
    rule: str
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message} [{self.rule}]"


def allowed(path, included):
    """Whether a file may include something of the folder `included`."""
    folder = "/".join(path.split("/")[:2])
    if included == folder:
        return True
    if folder in LAYERS:
        return included in LAYERS[:LAYERS.index(folder)]
    if included.startswith("services/"):
        return (folder, included) in SHARED
    return True


def is_picture(line):
    """A raw string shows data as it is, and may be long for it."""
    return 'R"(' in line


def check(path, text):
    """The findings in one file; `path` is from the root, with slashes."""
    findings = []

    def find(number, name, message):
        findings.append(Finding(path, number, name, message))

    rules = [each for each in RULES if each.where.search(path) and not each.but.search(path)]
    before = ""
    for number, line in enumerate(text.splitlines(), 1):
        code = COMMENT_OR_TEXT.sub('""', line)
        if len(line) > COLUMNS_MAX and not is_picture(line):
            find(number, "columns", f"{len(line)} columns, at most {COLUMNS_MAX}")
        for each in rules:
            match = each.pattern.search(code if each.on_code else line)
            if match:
                find(number, each.name, f"\"{match[0].strip()}\": {each.instead}")
        include = INCLUDE.match(line)
        if include and path.startswith(("common/", "services/")) and not allowed(path, include[1]):
            find(number, "layers", f"{include[1]} must not be included here")
        if "shared_ptr" in code and "//" not in line + before:
            find(number, "shared", "\"shared_ptr\": say in a comment who shares, or use unique_ptr")
        before = line
    if path.endswith(".hpp") and "#pragma once\n" not in text:
        find(1, "pragma", "a header begins with #pragma once")
    return findings


def tracked():
    listed = subprocess.run(["git", "ls-files", "*.cpp", "*.hpp"], cwd=ROOT, text=True, check=True,
                            capture_output=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def main():
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(__doc__)
        return 0
    names = [str(pathlib.Path(name).resolve().relative_to(ROOT)) for name in sys.argv[1:]]
    findings = [finding for name in names or tracked()
                for finding in check(name, (ROOT / name).read_text())]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
