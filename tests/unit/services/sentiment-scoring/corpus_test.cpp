#include "services/rookery-train/corpus.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>

#include "services/rookery-train/emoji_texts.hpp"
#include "tests/unit/services/sentiment-scoring/scratch.hpp"

namespace rookery::train {
TEST_CASE("texts and labels are read side by side", "[train]") {
  const Scratch texts("t.txt", "first\r\nsecond\n\n");
  const Scratch labels("l.txt", "0\n2\nneutral\n");
  const auto posts = read_texts_and_labels(texts.path(), labels.path());
  REQUIRE(posts);
  REQUIRE(posts->size() == 3);
  CHECK((*posts)[0].text == "first");
  CHECK((*posts)[0].label == Label::kNegative);
  CHECK((*posts)[1].label == Label::kPositive);
  CHECK((*posts)[2].text.empty());
}

TEST_CASE("what a number means depends on the highest in the file", "[train]") {
  const Scratch texts("n.txt", "a\nb\nc\n");
  const auto labels = [&](const std::string& numbers, Classes classes) {
    const Scratch file("n.labels", numbers);
    const auto posts = read_texts_and_labels(texts.path(), file.path(), classes);
    std::string all;
    if (!posts) return std::string(posts.error().code);
    for (const auto& post : *posts) all += post.text + std::string(name_of(post.label)) + " ";
    return all;
  };
  CHECK(labels("0\n1\n2\n", Classes::kThree) == "anegative bneutral cpositive ");
  CHECK(labels("0\n1\n1\n", Classes::kThree) == "anegative bneutral cneutral ");
  CHECK(labels("0\n2\n4\n", Classes::kThree) == "anegative bneutral cpositive ");
  CHECK(labels("0\n1\n1\n", Classes::kPolarity) == "anegative bpositive cpositive ");
  CHECK(labels("0\n1\n2\n", Classes::kPolarity) == "anegative cpositive ");
  CHECK(labels("4\n0\n2\n", Classes::kPolarity) == "apositive bnegative ");
  CHECK(labels("positive\nneutral\n0\n", Classes::kPolarity) == "apositive cnegative ");
  CHECK(labels("0\n1\n4\n", Classes::kThree) == "file_malformed");
  CHECK(labels("0\n1\n3\n", Classes::kThree) == "file_malformed");
}

TEST_CASE("texts and labels of different length are refused", "[train]") {
  const Scratch two("two.txt", "a\nb\n");
  const Scratch one("one.txt", "1\n");
  CHECK(read_texts_and_labels(two.path(), one.path()).error().code == "file_malformed");
  const Scratch labels("three.txt", "1\n1\n1\n");
  CHECK(read_texts_and_labels(two.path(), labels.path()).error().code == "file_malformed");
  CHECK(read_texts_and_labels("/nonexistent", labels.path()).error().code == "file_unreadable");
}

TEST_CASE("posts are read from CSV, TSV and JSONL", "[train]") {
  const Scratch csv("p.csv", "label,text\npositive,\"a, \"\"b\"\"\nc\"\n1,d\n");
  const Scratch tsv("p.tsv", "id\ttext\tlabel\n9\tx y\tnegative\n");
  const Scratch jsonl("p.jsonl", R"({"text":"q","label":2,"more":1})"
                                 "\n");
  const auto from_csv = read_posts(csv.path(), {});
  REQUIRE(from_csv);
  REQUIRE(from_csv->size() == 2);
  CHECK((*from_csv)[0].text == "a, \"b\"\nc");
  CHECK((*from_csv)[1].label == Label::kNeutral);
  CHECK(read_posts(tsv.path(), {})->at(0).text == "x y");
  CHECK(read_posts(jsonl.path(), {})->at(0).label == Label::kPositive);
}

TEST_CASE("a file that is not as it should be is named with its line", "[train]") {
  const auto refused = [](const char* name, const std::string& bytes) {
    const Scratch file(name, bytes);
    const auto posts = read_posts(file.path(), {});
    REQUIRE_FALSE(posts);
    CHECK(posts.error().disposition == Disposition::kMisconfigured);
    return posts.error().message;
  };
  CHECK_THAT(refused("a.csv", "text,label\nx,great\n"),
             Catch::Contains("line 2") && Catch::Contains("great"));
  CHECK_THAT(refused("b.csv", "text,stars\n"), Catch::Contains("\"label\""));
  CHECK_THAT(refused("c.tsv", "text\tlabel\nx\n"), Catch::Contains("more columns"));
  CHECK_THAT(refused("d.jsonl", "{\"text\":1,\"label\":1}\n"), Catch::Contains("line 1"));
  CHECK_THAT(refused("e.jsonl", "{\n"), Catch::Contains("an object"));
  CHECK_THAT(refused("f.xml", ""), Catch::Contains(".jsonl"));
  CHECK_THAT(refused("g.csv", ""), Catch::Contains("header"));
}

TEST_CASE("soft rows carry probabilities and the weight of their source", "[train]") {
  const Scratch file("s.tsv",
                     "source\tneg\tneu\tpos\ttext\nx\t1\t1\t2\tone\nfragment\t0\t0\t1\ttwo\n");
  const auto soft = read_soft(file.path(), {{"fragment", 0.5F}});
  REQUIRE(soft);
  REQUIRE(soft->size() == 2);
  CHECK((*soft)[0].probabilities == PerLabel{0.25F, 0.25F, 0.5F});
  CHECK((*soft)[0].weight == 1);
  CHECK((*soft)[1].weight == 0.5F);
  const Scratch wrong("w.tsv", "neg\tneu\tpos\ttext\n0\t0\t0\tone\n");
  CHECK_FALSE(read_soft(wrong.path(), {}));
  CHECK_FALSE(parse_weights({"fragment"}));
  CHECK_FALSE(parse_weights({"fragment=-1"}));
  CHECK(parse_weights({"fragment=0.5"})->at("fragment") == 0.5F);
}

TEST_CASE("an added emoji moves the target its way", "[train]") {
  const std::vector<Example> base{{"x", {0.1F, 0.8F, 0.1F}, 1}};
  const auto made = add_emoji(base, 500, 1);
  REQUIRE(made.size() == 500);
  for (const Example& example : made) {
    CHECK(example.target[0] + example.target[1] + example.target[2] == Approx(1));
    CHECK(example.variant);
    if (example.text.ends_with("\xF0\x9F\x98\x8D")) CHECK(example.target[2] > example.target[0]);
    if (example.text.ends_with("\xF0\x9F\x98\xA1")) CHECK(example.target[0] > example.target[2]);
  }
  CHECK(add_emoji(base, 500, 1)[499].text == made[499].text);
  CHECK(add_emoji({}, 500, 1).empty());
}

TEST_CASE("a label and a teacher's opinion of one text count half each", "[train]") {
  const auto examples = mix({{"a", Label::kPositive}, {"b", Label::kNegative}},
                            {{"a", {0.5F, 0.5F, 0}, 1}, {"c", {0, 1, 0}, 0.5F}});
  REQUIRE(examples.size() == 3);
  CHECK(examples[0].target == PerLabel{0.25F, 0.25F, 0.5F});
  CHECK(examples[1].target == PerLabel{1, 0, 0});
  CHECK(examples[2].weight == 0.5F);
}

}  // namespace rookery::train
