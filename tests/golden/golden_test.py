#!/usr/bin/env python3
"""Golden files: what an executable makes of one input, as it was when last read.

    golden_test.py BIN SERVICE     the files of tests/golden/SERVICE
    golden_test.py BIN chain       the sample through all services, pipe by pipe

BIN is the folder of the executables. Each NAME.in.jsonl goes through
`SERVICE --pipe`, with the options in NAME.args where there is such a file.
Standard output must be NAME.out.jsonl (NAME.out.txt where it is not JSON), and the
dead letters NAME.dead.jsonl, without their failed_at; an absent file is an empty one.

UPDATE_GOLDEN=1 writes the files anew: read the difference before it is committed.
"""

import difflib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
SAMPLE = ROOT / "tests" / "fixtures" / "sample" / "sample.v2.jsonl"

# A small part of the windows: the whole would be a megabyte.
CHAIN = [
    ["ingest"],
    ["geo-enrich"],
    ["sentiment-scoring"],
    ["hashtag-window", "--windows", "1h/30m", "--dimensions", "hashtag,country,sentiment",
     "--top-k", "5"],
    ["sink", "--console-format", "json"],
]

TIMEOUT_S = 120
# The only value of a dead letter that is not a function of the input.
FAILED_AT = re.compile(rb',"failed_at":"[0-9T:.\-]+Z"}$', re.MULTILINE)
DIFF_LINES = 40
COLUMNS = 240
# A pipe tells at its end what it had no place for.
LEFT_OUT = re.compile(rb"level=warn [^\n]*records of another topic were not written")


class Failed(Exception):
    pass


def environment():
    """Nothing from outside: an option may come from a ROOKERY_ variable."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROOKERY_")}
    kept["TZ"] = "UTC"
    return kept


def run(folder, command, data):
    """Returns standard output and dead letters of one stage."""
    with tempfile.TemporaryDirectory() as temporary:
        dead = pathlib.Path(temporary) / "dead.jsonl"
        arguments = [str(folder / command[0]), "--pipe", "--dead-letters", str(dead), *command[1:]]
        done = subprocess.run(arguments, input=data, capture_output=True, timeout=TIMEOUT_S,
                              env=environment(), cwd=ROOT, check=False)
        said = [line for line in done.stderr.splitlines() if not LEFT_OUT.search(line)]
        if done.returncode != 0 or said:
            text = done.stderr.decode(errors="replace")
            raise Failed(f"{shlex.join(arguments)}: exit status {done.returncode}\n{text}")
        letters = dead.read_bytes() if dead.exists() else b""
    bare, stamped = FAILED_AT.subn(b"}", letters)
    if stamped != letters.count(b"\n"):
        raise Failed(f"{command[0]}: a dead letter has no failed_at at its end")
    return done.stdout, bare


def content(path):
    return path.read_bytes() if path.exists() else b""


def cut(text, start=0):
    """What of a long line is shown: from shortly before `start`."""
    begin = max(start - COLUMNS // 4, 0)
    end = begin + COLUMNS
    return ("... " if begin else "") + text[begin:end] + (" ..." if end < len(text) else "")


def leaves(value, path=""):
    """A JSON value as {path: text}."""
    if isinstance(value, dict) and value:
        parts = [(f"{path}.{name}", part) for name, part in value.items()]
    elif isinstance(value, list) and value:
        parts = [(f"{path}[{index}]", part) for index, part in enumerate(value)]
    else:
        return {path: json.dumps(value, ensure_ascii=False)}
    return {name: text for part_path, part in parts
            for name, text in leaves(part, part_path).items()}


def changed(number, old, new):
    """How one line became another: by field where both are JSON."""
    try:
        before, after = leaves(json.loads(old)), leaves(json.loads(new))
    except ValueError:
        before, after = {}, {}
    fields = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if fields and len(fields) < 8:
        return [f"line {number}: {name}: golden {cut(before.get(name, 'absent'))}, "
                f"now {cut(after.get(name, 'absent'))}" for name in fields]
    start = len(os.path.commonprefix([old, new]))
    return [f"line {number}, from column {start + 1}:",
            f"- {cut(old, start)}", f"+ {cut(new, start)}"]


def differences(expected, actual):
    old, new = expected.split("\n"), actual.split("\n")
    for what, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        pairs = min(b - a, d - c)
        for i in range(pairs):
            yield from changed(a + i + 1, old[a + i], new[c + i])
        yield from (f"- {cut(line)}" for line in old[a + pairs:b])
        yield from (f"+ {cut(line)}" for line in new[c + pairs:d])


def compare(path, actual):
    """A readable difference; empty where there is none."""
    if os.environ.get("UPDATE_GOLDEN") == "1":
        if actual or ".out." in path.name:
            path.write_bytes(actual)
        else:
            path.unlink(missing_ok=True)
        return ""
    expected = content(path)
    if actual == expected:
        return ""
    lines = list(differences(expected.decode(errors="replace"), actual.decode(errors="replace")))
    if len(lines) > DIFF_LINES:
        lines[DIFF_LINES:] = [f"... and {len(lines) - DIFF_LINES} lines more"]
    return f"{path.relative_to(ROOT)}: - is golden, + is now\n" + "\n".join(lines) + "\n"


def out_path(stem):
    text = stem.with_name(stem.name + ".out.txt")
    return text if text.exists() else stem.with_name(stem.name + ".out.jsonl")


def check_service(folder, service):
    inputs = sorted((GOLDEN / service).glob("*.in.jsonl"))
    if not inputs:
        raise Failed(f"tests/golden/{service} has no NAME.in.jsonl")
    report = ""
    for path in inputs:
        stem = path.with_name(path.name.removesuffix(".in.jsonl"))
        options = shlex.split(content(stem.with_name(stem.name + ".args")).decode(), comments=True)
        out, dead = run(folder, [service, *options], path.read_bytes())
        report += compare(out_path(stem), out)
        report += compare(stem.with_name(stem.name + ".dead.jsonl"), dead)
    print(f"golden: {service}: {len(inputs)} inputs")
    return report


def check_chain(folder):
    data, letters = SAMPLE.read_bytes(), b""
    for command in CHAIN:
        data, dead = run(folder, command, data)
        letters += dead
    report = compare(GOLDEN / "chain" / "sample.out.jsonl", data)
    report += compare(GOLDEN / "chain" / "sample.dead.jsonl", letters)
    print(f"golden: chain: {data.count(10)} records, {letters.count(10)} dead letters")
    return report


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, service = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    try:
        report = check_chain(folder) if service == "chain" else check_service(folder, service)
    except Failed as failure:
        sys.exit(f"golden: {failure}")
    if report:
        sys.exit(f"{report}golden: {service} is not as it was. If that is meant: "
                 f"UPDATE_GOLDEN=1 tests/golden/golden_test.py {folder} {service}")


if __name__ == "__main__":
    main()
