#!/usr/bin/env python3
"""rookery-train as a person calls it: command_line_test.py BIN

What it says and how it ends where the command line, a file or the standard streams are not as they
should be, and that odd texts get an answer each.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = ROOT / "services" / "sentiment-scoring" / "models"
TOPICS = ROOT / "tests" / "fixtures" / "topics" / "topics.model"
PROGRAM = "rookery-train"
USAGE, OUTPUT, CONFIG = 64, 74, 78


def train(*arguments, text=b"", **streams):
    streams.setdefault("stdout", subprocess.PIPE)
    done = subprocess.run([PROGRAM, *map(str, arguments)], input=text, stderr=subprocess.PIPE,
                          timeout=120, check=False, **streams)
    return done.returncode, done.stdout, done.stderr.decode()


def answers(*arguments, text):
    code, out, errors = train(*arguments, text=text)
    if code != 0:
        raise AssertionError(f"{arguments}: {code}, {errors}")
    return [json.loads(line) for line in out.splitlines()]


class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def refused(self, expected, *words, arguments):
        code, out, errors = train(*arguments)
        self.assertEqual(code, expected, errors)
        self.assertEqual(out, b"")
        for word in words:
            self.assertIn(word, errors)

    def test_a_wrong_command_line_is_told_by_the_word_that_is_wrong(self):
        for arguments, word in [
                ([], "subcommand"),
                (["predcit", "--model", "x"], '"predcit"'),
                (["predict"], "--model is required"),
                (["predict", "--modle", "x"], '"--modle"'),
                (["predict", "--model", "x", "y"], '"y"'),
                (["predict", "--model", "x", "--text-bytes-max", "0"], "--text-bytes-max"),
                (["topics", "--input", "x", "--output", "y", "--k", "many"], "--k"),
                (["sentiment", "--model", "x", "--texts", "t"], "--labels"),
                (["sentiment", "--model", "x", "--calibration", "none"], "--calibration")]:
            with self.subTest(arguments):
                self.refused(USAGE, word, "--help", arguments=arguments)

    def test_help_names_every_command(self):
        code, out, _ = train("--help")
        self.assertEqual(code, 0)
        for command in [b"sentiment", b"predict", b"evaluate", b"topics", b"assign"]:
            self.assertIn(command, out)
            code, own, _ = train(command.decode(), "--help")
            self.assertEqual(code, 0)
            self.assertIn(b"--model", own)

    def test_a_file_that_is_none_is_named(self):
        texts = self.file("texts", b"good\nbad\n")
        wrong = self.file("wrong", b"positive\ngreat\n")
        good = self.file("good", b"positive\nnegative\n")
        empty = self.file("empty", b"")
        short = self.file("short", b"positive\n")
        model = MODELS / "en.model"
        for arguments, code_word in [
                (["predict", "--model", "/nonexistent"], "model_unreadable"),
                (["predict", "--model", self.folder], "model_unreadable"),
                (["predict", "--model", MODELS / "en.md"], "model_broken"),
                (["predict", "--model", TOPICS], "model_broken"),
                (["assign", "--model", model], "model_broken"),
                (["evaluate", "--model", model, "--texts", "/none", "--labels", wrong],
                 "file_unreadable"),
                (["evaluate", "--model", model, "--texts", texts, "--labels", wrong],
                 'line 2: expected negative, neutral, positive, or 0, 1, 2, got "great"'),
                (["evaluate", "--model", model, "--texts", texts, "--labels", short], "line 2"),
                (["evaluate", "--model", model, "--texts", empty, "--labels", empty],
                 "expected at least 1 labelled posts, got 0"),
                (["sentiment", "--texts", texts, "--labels", good, "--held-out-texts", empty,
                  "--held-out-labels", empty, "--model", self.folder / "m"], "got 0"),
                (["sentiment", "--texts", texts, "--labels", good, "--folds", "3", "--model",
                  self.folder / "m"], "at least 3 labelled posts, got 2"),
                (["sentiment", "--model", self.folder / "m"], "option_invalid"),
                (["topics", "--input", empty, "--output", self.folder / "m"],
                 "corpus_empty"),
                (["topics", "--input", texts, "--output", "/nonexistent/m"], "file_unwritable")]:
            with self.subTest(arguments):
                self.refused(CONFIG, code_word, arguments=arguments)
        self.assertFalse((self.folder / "m").exists())

    def test_a_model_cut_anywhere_is_refused(self):
        for path, command in [(MODELS / "de.model", "predict"), (TOPICS, "assign")]:
            whole = path.read_bytes()
            for length in [0, 7, 8, 15, 16, 24, len(whole) // 3, len(whole) - 1]:
                with self.subTest(f"{path.name}, {length} bytes"):
                    cut = self.file("cut.model", whole[:length])
                    self.refused(CONFIG, "cut.model", arguments=[command, "--model", cut])

    def test_what_could_not_be_written_is_not_called_done(self):
        for command, model in [("predict", MODELS / "en.model"), ("assign", TOPICS)]:
            with open("/dev/full", "wb") as full:
                code, _, errors = train(command, "--model", model, text=b"a good day\n",
                                        stdout=full)
            self.assertEqual(code, OUTPUT)
            self.assertIn("standard output", errors)

    def test_every_line_has_an_answer(self):
        odd = [b"I love this", b"I hate this\r", b"", b"   ", b"@a http://b.example",
               b"\xff\xfe awful \xc0\x80 \xed\xa0\x80", b"a\0b, lovely", b"great " * 1_800_000,
               "\U0001F60D".encode() * 10_000, "\u200b".encode() * 1000, b"so sad"]
        text = b"\n".join(odd)  # the last line has no end
        said = answers("predict", "--model", MODELS / "en.model", text=text)
        self.assertEqual([s["label"] for s in said],
                         ["positive", "negative", "neutral", "neutral", "neutral", "negative",
                          "positive", "positive", "positive", "neutral", "negative"])
        self.assertEqual([i for i, s in enumerate(said) if "reason" in s], [2, 3, 4, 9])
        self.assertEqual(len(answers("assign", "--model", TOPICS, text=text)), len(odd))
        self.assertEqual(answers("predict", "--model", MODELS / "en.model", text=b""), [])


if __name__ == "__main__":
    PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve() / PROGRAM)
    unittest.main()
