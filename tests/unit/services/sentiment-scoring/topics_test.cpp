#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>
#include <zstd.h>

#include "services/rookery-train/lines.hpp"
#include "services/rookery-train/stop_words.hpp"
#include "services/rookery-train/topic_measures.hpp"
#include "services/rookery-train/topics_command.hpp"
#include "tests/unit/services/sentiment-scoring/scratch.hpp"
#include "tests/unit/services/sentiment-scoring/topic_support.hpp"

namespace rookery::train {
namespace {

constexpr std::array<std::array<const char*, 6>, 3> kThemes{
    {{"goal", "team", "match", "player", "league", "coach"},
     {"rain", "storm", "cloud", "snow", "wind", "sun"},
     {"vote", "party", "law", "senate", "minister", "budget"}}};

/// Texts of six words, each of one theme.
std::string themed(std::size_t count) {
  std::string texts;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& theme = kThemes[i % 3];
    for (std::size_t j = 0; j < 6; ++j) {
      texts += std::string(j > 0 ? " " : "") + theme[(i / 3 * 7 + j * (1 + i % 5)) % 6];
    }
    texts += "\n";
  }
  return texts;
}

TopicsCommand command_for(const std::string& input, const std::string& model) {
  TopicsCommand command;
  command.corpus.input.inputs = {input};
  command.corpus.input.format = "text";
  command.sampler.topics = 3;
  command.sweeps = 60;
  command.model = model;
  return command;
}

SystemClock clock;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("planted topics are found, whatever the seed", "[topics]") {
  const Scratch input("planted.txt", themed(300));
  const Scratch model("planted.model", "");
  auto command = command_for(input.path(), model.path());
  command.sampler.seed = GENERATE(1U, 2U, 3U);
  std::ostringstream out;
  std::ostringstream log;
  REQUIRE(run_topics(command, clock, out, log));
  CHECK_THAT(out.str(), Catch::Contains("\"perplexity\":") && Catch::Contains("coherence_npmi"));
  const auto trained = sentiment_scoring::TopicModel::load(model.path());
  REQUIRE(trained);
  std::istringstream texts("goal team\nstorm wind rain\nminister\nno such thing\n");
  std::ostringstream answers;
  AssignCommand assign;
  assign.model = model.path();
  REQUIRE(run_assign(assign, texts, answers));
  std::istringstream lines(answers.str());
  std::array<std::string, 4> line;
  for (auto& text : line) std::getline(lines, text);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK_THAT(line[i], Catch::StartsWith(R"({"topics":[{"id":)"));
    for (std::size_t j = 0; j < i; ++j) CHECK(line[i].substr(0, 18) != line[j].substr(0, 18));
  }
  CHECK(line[3] == R"({"topics":[],"reason":"no_known_word"})");
}

TEST_CASE("the same seed gives the same topic model", "[topics]") {
  const Scratch input("seed.txt", themed(90));
  const Scratch first("first.model", "");
  const Scratch second("second.model", "");
  std::ostringstream out;
  std::ostringstream log;
  REQUIRE(run_topics(command_for(input.path(), first.path()), clock, out, log));
  REQUIRE(run_topics(command_for(input.path(), second.path()), clock, out, log));
  CHECK(bytes_of(first.path()) == bytes_of(second.path()));
  auto other = command_for(input.path(), second.path());
  other.sampler.seed = 9;
  REQUIRE(run_topics(other, clock, out, log));
  CHECK(bytes_of(first.path()) != bytes_of(second.path()));
}

TEST_CASE("names replace labels, and wrong ones are refused", "[topics]") {
  const Scratch input("names.txt", themed(90));
  const Scratch model("names.model", "");
  const Scratch names("names.tsv", "0\tFirst\n2\tLast\n");
  auto command = command_for(input.path(), model.path());
  command.names = names.path();
  std::ostringstream out;
  std::ostringstream log;
  REQUIRE(run_topics(command, clock, out, log));
  const auto named = sentiment_scoring::TopicModel::load(model.path());
  REQUIRE(named);
  CHECK(named->label(0) == "First");
  CHECK(named->label(1).find(", ") != std::string::npos);  // three words
  CHECK(named->label(2) == "Last");
  const Scratch wrong("wrong.tsv", "3\tBeyond\n");
  command.names = wrong.path();
  CHECK_THAT(run_topics(command, clock, out, log).error().message, Catch::Contains("line 1"));
}

TEST_CASE("the counts of a sampler stay true", "[topics]") {
  SamplerSettings settings;
  settings.topics = 5;
  TopicSampler sampler(4, settings);
  Documents documents;
  for (int i = 0; i < 50; ++i) documents.add({0, 1, 1, 2, 3, 3, 3});
  sampler.add(documents);
  for (int i = 0; i < 20; ++i) sampler.sweep();
  sampler.fit_priors();
  std::int64_t sum = 0;
  for (const std::int64_t total : sampler.totals()) {
    CHECK(total >= 0);
    sum += total;
  }
  CHECK(sum == 350);
  sampler.sample();
  const std::vector<float> estimate = sampler.estimate();
  for (std::size_t topic = 0; topic < 5; ++topic) {
    float all = 0;
    for (std::size_t word = 0; word < 4; ++word) all += estimate[word * 5 + topic];
    CHECK(all == Approx(1));
  }
  // All texts are alike: no mixture can say more than the words' frequencies do.
  const double entropy =
      -(2 * std::log(1 / 7.0) + 2 * std::log(2 / 7.0) + 3 * std::log(3 / 7.0)) / 7;
  CHECK(-sampler.log_likelihood() == Approx(entropy).epsilon(0.1));
}

TEST_CASE("perplexity and coherence are those of the textbook", "[topics]") {
  auto parts = sentiment_scoring::small_topics();
  parts.words = {"a1", "b2"};
  parts.weights = {0.5F, 0.5F, 0.5F, 0.5F, 0.5F, 0.5F};
  const auto model = sentiment_scoring::TopicModel::decode(sentiment_scoring::encode_topics(parts));
  REQUIRE(model);
  Documents documents;
  documents.add({0, 1, 0, 1});
  documents.add({1});
  CHECK(completion_perplexity(*model, documents, 1) == Approx(2));  // a coin
  Documents pairs;
  for (int i = 0; i < 10; ++i) pairs.add({0, 1});
  for (int i = 0; i < 10; ++i) pairs.add({2});
  CHECK(coherence({{0, 1}}, pairs) == Approx(1));   // never apart
  CHECK(coherence({{0, 2}}, pairs) == Approx(-1));  // never together
  for (int i = 0; i < 20; ++i)
    pairs.add(i < 10 ? std::vector<std::uint32_t>{3} : std::vector<std::uint32_t>{3, 2});
  CHECK(coherence({{2, 3}}, pairs) == Approx(0).margin(0.01));  // by chance: 1/2 x 1/2 = 1/4
}

TEST_CASE("stop words are those of the texts' languages", "[topics]") {
  const StopWords all;
  REQUIRE(all.of({"en", "de"}));
  CHECK(all.of({"en"})->contains(sentiment_scoring::token_hash(U"the")));
  CHECK_FALSE(all.of({"de"})->contains(sentiment_scoring::token_hash(U"the")));
  CHECK(all.of({"all"})->contains(sentiment_scoring::token_hash(U"der")));
  CHECK(all.of({"xx"}).error().code == "option_invalid");
  const auto needed = [&](const std::vector<std::string>& texts) {
    StopWordsNeeded counting(all);
    sentiment_scoring::Tokens tokens;
    for (const std::string& text : texts) {
      tokens.read(text, 1000);
      counting.add(tokens.tokens());
    }
    return counting.languages();
  };
  CHECK(needed({"this is the one that we saw in the park", "it is up to you and to me"}) ==
        std::vector<std::string>{"en"});
  CHECK(needed({"das ist nur der Hund von der Frau in Rot", "the cat is on the mat by now"}) ==
        std::vector<std::string>{"de", "en"});
  CHECK(needed({"centrepoint winter white gala london", "mourinho seek killer instinct"}).empty());
  CHECK(needed({}).empty());
}

TEST_CASE("a corpus is read from JSON lines, packed or not", "[topics]") {
  const std::string lines = R"({"id":"1","text":"red fox red"})"
                            "\n"
                            R"({"id":"2","deleted":true})"
                            "\n"
                            R"({"id":"3","text":"red fox #RedFox once"})"
                            "\n";
  std::string packed(ZSTD_compressBound(lines.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), lines.data(), lines.size(), 3));
  CorpusSettings settings;
  settings.stop_words = {"none"};
  settings.documents_share_max = 1;
  for (const std::string& bytes : {lines, packed}) {
    const Scratch file("corpus.jsonl", bytes);
    settings.input.inputs = {file.path()};
    const auto corpus = read_corpus(settings, clock);
    REQUIRE(corpus);
    CHECK(corpus->texts == 2);
    CHECK(corpus->vocabulary == std::vector<std::string>{"red", "fox"});
    CHECK(corpus->documents.at(0) == std::vector<std::uint32_t>{0, 1, 0});
    CHECK(corpus->documents.at(1) == std::vector<std::uint32_t>{0, 1, 0, 1});
  }
  const Scratch cut("cut.jsonl", packed.substr(0, packed.size() - 3));
  settings.input.inputs = {cut.path()};
  CHECK(read_corpus(settings, clock).error().code == "file_malformed");
  const Scratch wrong("wrong.jsonl", "{\"txt\":1}\n");
  settings.input.inputs = {wrong.path()};
  CHECK_THAT(read_corpus(settings, clock).error().message, Catch::Contains("line 1"));
  settings.input.inputs = {"/nonexistent.jsonl"};
  CHECK(read_corpus(settings, clock).error().code == "file_unreadable");
  const Scratch empty("empty.jsonl", "");
  settings.input.inputs = {empty.path()};
  CHECK(read_corpus(settings, clock).error().code == "corpus_empty");
}

TEST_CASE("neighbours that belong together become a phrase", "[topics]") {
  std::string texts;
  for (int i = 0; i < 20; ++i) {
    const std::string one = "w" + std::to_string(i % 5);
    const std::string other = "w" + std::to_string(5 + i % 4);
    texts += one + " new york " + other + "\n" + other + ", " + one + "\n";
  }
  const Scratch file("phrases.txt", texts);
  CorpusSettings settings;
  settings.input.inputs = {file.path()};
  settings.input.format = "text";
  settings.stop_words = {"none"};
  settings.documents_share_max = 1;
  settings.phrases_max = 1;
  const auto corpus = read_corpus(settings, clock);
  REQUIRE(corpus);
  CHECK(corpus->vocabulary.back() == "new york");
  CHECK(corpus->documents.at(0).size() == 3);
}

TEST_CASE("plots have the shape of the curve", "[topics]") {
  const std::vector<std::pair<double, double>> points{{1, -9}, {10, -7}, {20, -6.5}};
  const std::string text = terminal_plot(points, 10, 4);
  CHECK(std::count(text.begin(), text.end(), '*') == 10);
  CHECK(std::count(text.begin(), text.end(), '\n') == 4);
  CHECK(terminal_plot({}, 10, 4).empty());
  CHECK_THAT(svg_plot(points, "x", "y"),
             Catch::StartsWith("<svg") && Catch::Contains("polyline points=\"48.0,312.0 "));
}

}  // namespace rookery::train
