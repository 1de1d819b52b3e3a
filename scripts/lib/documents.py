"""The parts of the documents that are written by the programs.

A generated part stands in a Markdown file between these lines, and is replaced as a
whole:

    <!-- generated: KIND [NAME] -->
    <!-- generated: end -->
"""

import difflib
import pathlib
import re
import subprocess
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"(<!-- generated: ([a-z -]+) -->\n)(.*?)(<!-- generated: end -->)", re.DOTALL)
OWN_PORT = re.compile(r'`"127\.0\.0\.1:91\d\d"`')
# The sections of options that the frame declares for every service.
SHARED = ("General", "Kafka", "Observation", "Filter")


class Wrong(Exception):
    """A document or a program is not as it must be."""


def services():
    """The folders of services/ whose program is run by the frame, in the order of the chain."""
    order = re.search(r"IN ITEMS ([^)]*)\)", (ROOT / "services/CMakeLists.txt").read_text())
    return [name for name in order[1].split()
            if (ROOT / "services" / name / "service.cpp").exists()]


def topics():
    return tomllib.loads((ROOT / "proto/topics.toml").read_text())["topic"]


def documents():
    """All Markdown files that are part of the tree."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard",
                             "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split() if (ROOT / name).exists()]


class Programs:
    """What the executables say of themselves."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def ask(self, service, question):
        program = self.folder / service
        if not program.exists():
            raise Wrong(f"{program} is not built")
        done = subprocess.run([program, question], capture_output=True, text=True, check=False,
                              env={"PATH": "/usr/bin:/bin"})
        if done.returncode != 0:
            raise Wrong(f"{service} {question}: exit status {done.returncode}\n{done.stderr}")
        return done.stdout

    def sections(self, service):
        """--print-options as {title: table}."""
        parts = re.split(r"^### (.*)\n\n", self.ask(service, "--print-options"), flags=re.MULTILINE)
        return {title: table.strip() + "\n" for title, table in zip(parts[1::2], parts[2::2])}

    def options(self, service):
        """The service's own; under titles where there are several sections."""
        own = {title: table for title, table in self.sections(service).items()
               if title not in SHARED}
        if len(own) == 1:
            return next(iter(own.values()))
        return "\n".join(f"### {title}\n\n{table}" for title, table in own.items())

    def shared_sections(self, service):
        """Those of the frame. The port of admin_listen alone differs between services."""
        shared = {title: table for title, table in self.sections(service).items()
                  if title in SHARED}
        return {title: OWN_PORT.sub("127.0.0.1 and the service's port", table)
                for title, table in shared.items()}

    def admin_address(self, service):
        table = self.sections(service)["Observation"]
        return re.search(r"\| `admin_listen` .*?`\"(.*?)\"`", table)[1]

    def summary(self, service):
        return self.ask(service, "--help").splitlines()[0].split(": ", 1)[1]


def names(values):
    return ", ".join(f"`{value}`" for value in values) or "-"


def topic_table():
    lines = ["| topic | record | key | written by | read by | partitions | kept | cleanup |",
             "|---|---|---|---|---|---|---|---|"]
    for name, topic in topics().items():
        lines.append(f"| `{name}` | `{topic['record']}` | {topic['key']} | {topic['writer']} | "
                     f"{', '.join(topic['readers']) or '-'} | {topic['partitions']} | "
                     f"{topic['retention']} | {topic['cleanup']} |")
    return "\n".join(lines) + "\n"


def service_table(programs):
    lines = ["| service | what it does | reads | writes | admin port |", "|---|---|---|---|---|"]
    for service in services():
        reads = [name for name, topic in topics().items() if service in topic["readers"]]
        writes = [name for name, topic in topics().items() if topic["writer"] == service]
        port = programs.admin_address(service).rsplit(":", 1)[1]
        lines.append(f"| [{service}]({service}/README.md) | {programs.summary(service)} | "
                     f"{names(reads)} | {names(writes)} | {port} |")
    return "\n".join(lines) + "\n"


def shared_options(programs):
    sections = programs.shared_sections(services()[0])
    return "\n".join(f"### {title}\n\n{table}" for title, table in sections.items())


def generate(kind, programs):
    word, _, name = kind.partition(" ")
    if word == "options":
        return programs.options(name)
    if kind == "shared-options":
        return shared_options(programs)
    if kind == "metrics":
        return programs.ask(services()[0], "--print-metrics")
    if kind == "topics":
        return topic_table()
    if kind == "services":
        return service_table(programs)
    raise Wrong(f"there is no generated part \"{kind}\"")


def blocks(path):
    """The kinds of a document's generated parts."""
    return [match[2] for match in BLOCK.finditer(path.read_text())]


def difference(path, wanted):
    """The lines in which a document is not `wanted`; empty where it is."""
    return "\n".join(difflib.unified_diff(path.read_text().splitlines(), wanted.splitlines(),
                                          str(path.relative_to(ROOT)), "as the programs say",
                                          lineterm="", n=0))


def refreshed(path, programs):
    """The document's text as it should be."""
    return BLOCK.sub(lambda match: match[1] + generate(match[2], programs) + match[4],
                     path.read_text())
