#!/usr/bin/env python3
"""The parts of scripts/train-teacher that need no torch: reading, splits, formats, exit status."""

import gzip
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "scripts/lib"))
import teacher_posts as posts  # noqa: E402  (the line above makes it findable)

SIX = "label,text\n" + "".join(f"{label},text {label} {n}\n" for n in (1, 2)
                               for label in posts.CLASSES)


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, content):
        path = pathlib.Path(self.folder.name) / name
        content = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return str(path)


class Reading(Folder):
    def test_all_forms_read_alike(self):
        rows = [(text, label) for label in "012" for text in (f"a{label}", f"b, {label} ü")]
        forms = {"x.csv": "text,label\r\n" + "".join(f'"{t}",{n}\r\n' for t, n in rows),
                 "x.tsv.gz": "text\tlabel\n" + "".join(f"{t}\t{n}\n" for t, n in rows),
                 "x.jsonl": "".join(f'{{"text":"{t}","label":{n}}}\n' for t, n in rows)}
        for name, content in forms.items():
            with self.subTest(name):
                read = posts.read_labelled(self.file(name, content))
                self.assertEqual([(post.text, str(post.label)) for post in read], rows)

    def test_a_four_makes_two_neutral(self):
        content = "text,label\n" + "".join(f"{n}{t},{n}\n" for n in (0, 2, 4) for t in "ab")
        read = posts.read_labelled(self.file("x.csv", content))
        self.assertEqual([post.label for post in read], [0, 0, 1, 1, 2, 2])

    def test_two_classes_leave_neutral_out(self):
        for labels, expected in (("01", [0, 0, 2, 2]), ("012", [0, 0, 2, 2]), ("024", [0, 0, 2, 2]),
                                 (posts.CLASSES, [0, 0, 2, 2])):
            with self.subTest(labels):
                content = "text,label\n" + "".join(f"{n}{t},{n}\n" for n in labels for t in "ab")
                read = posts.read_labelled(self.file("x.csv", content), classes=2)
                self.assertEqual([post.label for post in read], expected)
        with self.assertRaisesRegex(posts.Malformed, "too few positive"):
            posts.read_labelled(self.file("x.csv", "text,label\na,0\nb,0\n"), classes=2)

    def test_equal_texts_count_once(self):
        read = posts.read_labelled(self.file("x.csv", SIX + "positive,text negative 1\n"))
        self.assertEqual(len(read), 6)
        self.assertEqual(read[0], posts.Post("text negative 1", 0))

    def test_unlabelled_lines(self):
        self.assertEqual(posts.read_unlabelled(self.file("x.txt", "b\n\n a\tc\nb\n")), ["b", " a\tc"])
        self.assertEqual(posts.read_unlabelled(self.file("x.csv", 'id,text\n1,"a\nb"\n')), ["a\nb"])

    def test_errors_name_file_line_and_expectation(self):
        cases = [("x.csv", SIX + "good,y\n", r'line 8: expected negative, .* got "good"'),
                 ("x.csv", SIX + "3,y\n", r'line 8: expected negative'),
                 ("x.csv", SIX + "4,y\n1,z\n", r"line 9: expected 0, 2 or 4 in a file with a 4"),
                 ("x.csv", SIX + "neutral\n", r"line 8: expected more columns"),
                 ("x.csv", "text\nx\n", r'line 1: expected a column "label"'),
                 ("x.jsonl", '{"text":1,"label":0}\n', r"line 1: expected a text in text"),
                 ("x.jsonl", "[\n", r"line 1: expected an object with text and label"),
                 ("x.tsv", b"text\tlabel\n\xff\t1\n", r"line 2: expected UTF-8"),
                 ("x.csv", "text,label\na,0\nb,1\n", r"at least two texts of each class"),
                 ("x.xml", "", r"expected a name in \.csv")]
        for name, content, expected in cases:
            with self.subTest(expected):
                path = self.file(name, content)
                with self.assertRaisesRegex(posts.Malformed, expected) as caught:
                    posts.read_labelled(path)
                self.assertIn(path, str(caught.exception))

    def test_a_missing_or_broken_file(self):
        path = self.file("x.txt.gz", "a")
        pathlib.Path(path).write_bytes(b"no gzip")
        for name in (path, path + ".none.txt"):
            with self.assertRaisesRegex(posts.Malformed, "expected a readable file"):
                posts.read_unlabelled(name)


class Drawing(unittest.TestCase):
    ROWS = [posts.Post(f"{n}", n % 3) for n in range(90)]

    def test_a_split_is_whole_balanced_and_repeatable(self):
        learnt, held = posts.split(self.ROWS, 0.2, 7)
        self.assertCountEqual(learnt + held, self.ROWS)
        self.assertEqual([sum(post.label == label for post in held) for label in range(3)], [6] * 3)
        self.assertEqual(posts.split(self.ROWS, 0.2, 7), (learnt, held))
        self.assertNotEqual(posts.split(self.ROWS, 0.2, 8), (learnt, held))

    def test_a_split_of_two_classes(self):
        learnt, held = posts.split([post for post in self.ROWS if post.label != 1], 0.1, 7)
        self.assertEqual([sum(post.label == label for post in held) for label in range(3)], [3, 0, 3])
        self.assertEqual(len(learnt), 54)

    def test_fragments_are_runs_of_words(self):
        text = "one two three four five six seven eight nine ten eleven twelve"
        found = posts.fragments([text, "too short"], 50, 1)
        self.assertEqual(found, posts.fragments([text, "too short"], 50, 1))
        self.assertGreater(len(found), 20)
        for fragment in found:
            self.assertIn(f" {fragment} ", f" {text} ")
            self.assertIn(len(fragment.split()), range(2, 11))
        self.assertEqual(posts.fragments(["too short"], 50, 1), [])

    def test_batches_hold_each_index_once_within_the_budget(self):
        sizes = [random.Random(1).randint(1, 40) for _ in range(100)] + [500]
        for draw in (None, random.Random(2)):
            groups = posts.batches(sizes, 100, draw)
            self.assertCountEqual(sum(groups, []), range(len(sizes)))
            for group in groups:
                self.assertTrue(len(group) == 1 or
                                max(sizes[index] for index in group) * len(group) <= 100)


class Numbers(unittest.TestCase):
    def test_temperature_undoes_a_scale(self):
        # Three of four are right, so the first class is to get 0.75.
        rows, labels = [[8.0, 0.0, 0.0]] * 4, [0, 0, 0, 1]
        share = posts.probabilities(rows[0], posts.fit_temperature(rows, labels))[0]
        self.assertAlmostEqual(share, 0.75, places=3)

    def test_macro_recall(self):
        rows = [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
        self.assertAlmostEqual(posts.macro_recall(rows, [0, 1, 1, 2]), (1 + 0.5 + 1) / 3)

    def test_the_prior_is_taken_off(self):
        row = [posts.math.log(share) for share in (0.5, 0.25, 0.25)]
        for logit in posts.without_prior([row], [0, 0, 1, 2])[0]:
            self.assertAlmostEqual(logit, 0)

    def test_two_classes_know_no_neutral(self):
        rows, labels = [[8.0, -posts.math.inf, 0.0]] * 4, [0, 0, 0, 2]
        shares = posts.probabilities(rows[0], posts.fit_temperature(rows, labels))
        self.assertAlmostEqual(shares[0], 0.75, places=3)
        self.assertEqual(shares[1], 0)
        self.assertEqual(posts.without_prior(rows, labels)[0][1], -posts.math.inf)

    def test_plain(self):
        self.assertEqual(posts.plain("@ann see https://a.b/c ☀"), "@user see http  black sun with rays ")


class Writing(Folder):
    def test_soft_labels(self):
        rows = [("unlabelled", [0.1, 0.2, 0.7], "a\tb\nc ü"), ("fragment", [1, 0, 0], '"d"')]
        expected = ("source\tneg\tneu\tpos\ttext\nunlabelled\t0.1000\t0.2000\t0.7000\ta b c ü\n"
                    'fragment\t1.0000\t0.0000\t0.0000\t"d"\n').encode()
        plain, packed = self.file("x.tsv", ""), self.file("x.tsv.gz", "")
        posts.write_soft(plain, rows)
        posts.write_soft(packed, rows)
        self.assertEqual(pathlib.Path(plain).read_bytes(), expected)
        self.assertEqual(gzip.decompress(pathlib.Path(packed).read_bytes()), expected)
        self.assertEqual(pathlib.Path(packed).read_bytes()[4:8], bytes(4))  # no date


class CommandLine(Folder):
    def run_script(self, *words):
        return subprocess.run([sys.executable, ROOT / "scripts/train-teacher", *words],
                              capture_output=True, text=True, timeout=50, check=False)

    def test_help_tells_of_the_installation(self):
        done = self.run_script("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("~/.cache/rookery/teacher", done.stdout)

    def test_misuse(self):
        for words, expected in ((["--seed", "x"], 'got "x"'), ([], "--labelled is missing")):
            done = self.run_script(*words)
            self.assertEqual(done.returncode, 64)
            self.assertIn(expected, done.stderr)

    def test_a_bad_file_is_78_and_leaves_no_output(self):
        bad, output = self.file("x.csv", SIX + "good,y\n"), self.folder.name + "/soft.tsv"
        done = self.run_script("--labelled", bad, "--unlabelled", self.file("y.txt", "a\n"),
                               "--output", output, "--base", "scratch")
        self.assertEqual(done.returncode, 78)
        self.assertIn(f'file "{bad}", line 8: expected negative', done.stderr)
        self.assertFalse(pathlib.Path(output).exists())


if __name__ == "__main__":
    unittest.main()
