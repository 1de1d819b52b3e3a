#!/usr/bin/env python3
"""What the documents say, compared with the code: docs_test.py BIN"""

import json
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))
import documents  # noqa: E402  (the line above makes it findable)

PROGRAMS = None  # set in main()

# Folders whose files a document may name by their path from the root.
TOP = "services|common|proto|deploy|tests|scripts"
NAMED_PATH = re.compile(rf"`((?:{TOP})/[\w./-]*)`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
FIELD = re.compile(r"(?:repeated )?[\w.]+ (\w+) = \d+;")
# A ring is the second word of rookery_test(), or a label that is set by hand.
LABEL = re.compile(r"rookery_(?:broker_)?test\(\w+ ([a-z]+)|LABELS ([a-z]+)")
# The rows of a table of dead letters.
REASONS = re.compile(r"^\| (?:dead letter|reason) \|.*\n\|[ |-]+\n((?:\|.*\n)+)", re.MULTILINE)
REFUSAL = re.compile(r'dead_letter\(\s*"(\w+)"')
GOLDEN_FILE = re.compile(r"(\w+)\.(in\.jsonl|out\.jsonl|out\.txt|dead\.jsonl|args)")
ANY_TOPIC = "any stage"
# Services whose contract is there before them; none of them stays here once it is.
ANNOUNCED = {"url-cluster"}


def name(path):
    return str(path.relative_to(ROOT))


def readme(folder):
    return (ROOT / folder / "README.md").read_text()


class Generated(unittest.TestCase):
    """Tables that programs write."""

    def test_no_generated_part_is_out_of_date(self):
        for path in documents.documents():
            with self.subTest(name(path)):
                wanted = documents.refreshed(path, PROGRAMS)
                difference = documents.difference(path, wanted)
                self.assertFalse(difference, f"run scripts/docs\n{difference}")

    def test_every_table_stands_somewhere(self):
        found = {kind for path in documents.documents() for kind in documents.blocks(path)}
        wanted = {"topics", "services", "metrics", "shared-options"}
        wanted |= {f"options {service}" for service in documents.services()}
        self.assertEqual(found, wanted)

    def test_a_services_own_options_stand_in_its_readme(self):
        for service in documents.services():
            with self.subTest(service):
                self.assertEqual(documents.blocks(ROOT / "services" / service / "README.md"),
                                 [f"options {service}"])

    def test_the_shared_options_and_metrics_are_the_same_in_every_service(self):
        first, *others = documents.services()
        for service in others:
            with self.subTest(service):
                self.assertEqual(PROGRAMS.shared_sections(service), PROGRAMS.shared_sections(first))
                self.assertEqual(PROGRAMS.ask(service, "--print-metrics"),
                                 PROGRAMS.ask(first, "--print-metrics"))


class Tree(unittest.TestCase):
    """Files and folders."""

    def test_every_service_has_the_same_files(self):
        for folder in sorted((ROOT / "services").iterdir()):
            if not folder.is_dir():
                continue
            for file in ("README.md", "CMakeLists.txt", "main.cpp"):
                with self.subTest(f"{folder.name}/{file}"):
                    self.assertTrue((folder / file).exists())

    def test_every_folder_of_services_is_built(self):
        listed = (ROOT / "services/CMakeLists.txt").read_text()
        for folder in (ROOT / "services").iterdir():
            if folder.is_dir():
                with self.subTest(folder.name):
                    self.assertIn(f" {folder.name}", listed)

    def test_the_readmes_of_the_top_list_their_folders(self):
        for top in ("common", "services", "tests"):
            for folder in sorted((ROOT / top).iterdir()):
                if folder.is_dir() and folder.name != "__pycache__":
                    with self.subTest(f"{top}/{folder.name}"):
                        self.assertRegex(readme(top), rf"[`\[]{folder.name}/?[`\]]")

    def test_every_path_that_a_document_names_exists(self):
        for path in documents.documents():
            text = path.read_text()
            for target in NAMED_PATH.findall(text):
                with self.subTest(f"{name(path)}: {target}"):
                    self.assertTrue((ROOT / target).exists())
            for target in LINK.findall(text):
                with self.subTest(f"{name(path)}: {target}"):
                    self.assertTrue((path.parent / target).exists())

    def test_the_first_page_lists_every_service_with_its_port(self):
        text = (ROOT / "README.md").read_text()
        for folder in sorted(path for path in (ROOT / "services").iterdir() if path.is_dir()):
            with self.subTest(folder.name):
                self.assertIn(f"(services/{folder.name}/README.md)", text)
        for service in documents.services():
            port = PROGRAMS.admin_address(service).rsplit(":", 1)[1]
            with self.subTest(f"{service} {port}"):
                self.assertRegex(text, rf"{service}\s+{port}")

    def test_every_ring_is_explained_and_can_be_run(self):
        rings = set()
        for path in [*(ROOT / "tests").rglob("CMakeLists.txt")]:
            rings |= {ring for match in LABEL.findall(path.read_text()) for ring in match if ring}
        self.assertGreaterEqual(len(rings), 4)
        runner = (ROOT / "scripts/test").read_text()
        for ring in sorted(rings):
            with self.subTest(ring):
                self.assertIn(f"`{ring}`", readme("tests"))
                self.assertRegex(runner, rf"_rings=\([^)]*\b{ring}\b")

    def test_every_test_that_a_table_of_the_live_ring_names_exists(self):
        tests = "".join(path.read_text() for folder in ("live", "unit/services/ingest")
                        for path in (ROOT / "tests" / folder).glob("*_test.*"))
        named = re.findall(r"`(edge case[^`]*|a column map[^`]*|test_\w+)`", readme("tests/live"))
        self.assertGreaterEqual(len(named), 30)
        for test in named:
            with self.subTest(test):
                self.assertRegex(tests, rf'(?:"|def ){re.escape(test)}["(]')

    def test_golden_files_belong_to_a_service_and_an_input(self):
        for folder in sorted(path for path in (ROOT / "tests/golden").iterdir() if path.is_dir()):
            if folder.name in ("chain", "__pycache__"):
                continue
            self.assertIn(folder.name, documents.services())
            for path in sorted(folder.iterdir()):
                with self.subTest(name(path)):
                    match = GOLDEN_FILE.fullmatch(path.name)
                    self.assertIsNotNone(match)
                    self.assertTrue((folder / f"{match[1]}.in.jsonl").exists())


class Contract(unittest.TestCase):
    """proto/ and what the documents say of records."""

    def test_every_field_and_message_has_a_comment(self):
        for path in sorted((ROOT / "proto/rookery/v1").glob("*.proto")):
            before = ""
            for line in map(str.strip, path.read_text().splitlines()):
                if FIELD.match(line) or line.startswith("message "):
                    with self.subTest(f"{path.name}: {line}"):
                        self.assertTrue(before.startswith("//"), "no comment above it")
                before = line

    def test_writers_and_readers_of_topics_are_folders_of_services(self):
        for topic, declared in documents.topics().items():
            for who in [declared["writer"], *declared["readers"]]:
                with self.subTest(f"{topic}: {who}"):
                    is_there = (ROOT / "services" / who).is_dir()
                    self.assertTrue(who == ANY_TOPIC or is_there != (who in ANNOUNCED))

    def test_the_topics_of_the_chain_have_the_same_number_of_partitions(self):
        chain = [topic for topic, declared in documents.topics().items()
                 if declared["key"] == "post id" and topic != "late_tweets"]
        self.assertGreaterEqual(len(chain), 3)
        self.assertEqual(len({documents.topics()[topic]["partitions"] for topic in chain}), 1)

    def test_each_reason_of_a_dead_letter_stands_in_the_services_readme(self):
        for service in documents.services():
            reasons = set()
            for path in (ROOT / "services" / service).rglob("*.cpp"):
                reasons |= set(REFUSAL.findall(path.read_text()))
            for path in (ROOT / "tests/golden" / service).glob("*.dead.jsonl"):
                reasons |= {json.loads(line)["reason"] for line in path.read_text().splitlines()}
            self.assertTrue(reasons, service)
            text = readme(f"services/{service}")
            for reason in sorted(reasons):
                with self.subTest(f"{service}: {reason}"):
                    self.assertRegex(text, rf"\b{reason}\b")

    def test_each_reason_in_a_services_readme_is_in_the_code(self):
        common = "".join(path.read_text() for path in (ROOT / "common").rglob("*.cpp"))
        for service in documents.services():
            own = "".join(path.read_text() for path in (ROOT / "services" / service).rglob("*.cpp"))
            tables = REASONS.findall(readme(f"services/{service}"))
            self.assertTrue(tables, service)
            for cell in re.findall(r"^\| ([^|]+) \|", "".join(tables), re.MULTILINE):
                for reason in re.findall(r"\w+", cell):
                    with self.subTest(f"{service}: {reason}"):
                        self.assertIn(f'"{reason}"', common + own)


def main():
    global PROGRAMS
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    PROGRAMS = documents.Programs(sys.argv.pop())
    unittest.main(verbosity=1)


if __name__ == "__main__":
    main()
