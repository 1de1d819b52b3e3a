#!/usr/bin/env python3
"""scripts/tidy.py finds what breaks a rule, and nothing else."""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))
import tidy  # noqa: E402  (the line above makes it findable)

PURE = "services/geo-enrich/location.cpp"
SHELL = "services/geo-enrich/service.cpp"
COMMON = "common/runtime/pipe.cpp"

# (path, line, rules that it breaks)
CASES = [
    (COMMON, "x" * 100, []),
    (COMMON, "x" * 101, ["columns"]),
    (COMMON, "// " + "ä" * 97, []),
    (COMMON, 'R"(' + "x" * 120 + ')"', []),
    (COMMON, "// TODO: later", ["todo"]),
    (COMMON, "// TODO(ada): a shorter name, once the compiler has it", []),
    (COMMON, "// FIXME", ["todo"]),
    (COMMON, 'mkstemp("/tmp/XXXXXX")', []),
    (COMMON, "auto now = std::chrono::system_clock::now();", ["clock"]),
    ("common/core/clock.cpp", "return std::chrono::system_clock::now();", []),
    (COMMON, "// not system_clock::now()", []),
    (COMMON, 'say("system_clock::now");', []),
    (COMMON, "std::this_thread::sleep_for(1s);", ["sleep"]),
    (COMMON, "clock_.sleep_for(1s, stop);", []),
    (COMMON, "#include <librdkafka/rdkafka.h>", ["kafka"]),
    ("common/kafka/handle.hpp", "#pragma once\n#include <librdkafka/rdkafka.h>", []),
    (COMMON, 'std::cout << "a";', ["output"]),
    ("services/rookery-train/main.cpp", 'std::cout << "a";', []),
    ("tests/unit/a_test.cpp", 'std::cout << "a";', []),
    (COMMON, "} catch (...) {", ["catch"]),
    (COMMON, "} catch (const std::exception& error) {", []),
    (COMMON, "using namespace std;", ["namespace"]),
    (COMMON, "using namespace std::chrono_literals;", []),
    ("common/core/a.hpp", "#pragma once\nusing namespace std::chrono_literals;", ["namespace"]),
    (PURE, '#include "common/kafka/source.hpp"', ["pure"]),
    (SHELL, '#include "common/kafka/source.hpp"', []),
    (PURE, "void place(Clock& clock);", ["pure"]),
    (PURE, "const auto now = clock.wall_now();", ["pure"]),
    (SHELL, "const auto now = clock.wall_now();", []),
    (COMMON, '#include "common/kafka/source.hpp"', ["layers"]),
    (COMMON, '#include "common/core/clock.hpp"', []),
    (COMMON, '#include "services/sink/store.hpp"', ["layers"]),
    (PURE, '#include "services/sink/store.hpp"', ["layers"]),
    (PURE, '#include "services/geo-enrich/geodesy.hpp"', []),
    (COMMON, "std::shared_ptr<int> all;", ["shared"]),
    (COMMON, "std::shared_ptr<int> all;  // the readers share it", []),
    ("common/core/a.hpp", "struct A {};", ["pragma"]),
]


class Tidy(unittest.TestCase):
    def test_each_rule_finds_what_breaks_it_and_nothing_else(self):
        for path, line, rules in CASES:
            with self.subTest(f"{path}: {line}"):
                found = [finding.rule for finding in tidy.check(path, line + "\n")]
                self.assertEqual(found, rules)

    def test_every_rule_has_a_case(self):
        named = {name for _, _, rules in CASES for name in rules}
        self.assertLessEqual({each.name for each in tidy.RULES}, named)

    def test_a_finding_names_file_line_and_replacement(self):
        finding = tidy.check(COMMON, "\nstd::cout << 1;\n")[0]
        self.assertEqual(str(finding), f'{COMMON}:2: "std::cout": take a Log& or a stream [output]')


if __name__ == "__main__":
    unittest.main()
