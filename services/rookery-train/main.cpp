#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>

#include "services/rookery-train/commands.hpp"

namespace {

using rookery::Result;
using namespace rookery::train;  // NOLINT(google-build-using-namespace): this file is its shell

constexpr int kExitUsage = 64;     // EX_USAGE of sysexits.h
constexpr int kExitSoftware = 70;  // EX_SOFTWARE
constexpr int kExitConfig = 78;    // EX_CONFIG

void describe_sentiment(CLI::App& app, SentimentCommand& command) {
  auto* texts = app.add_option("--texts", command.texts, "Labelled texts, one a line");
  auto* labels = app.add_option("--labels", command.labels,
                                "Their labels: negative, neutral, positive, or 0, 1, 2");
  texts->needs(labels);
  labels->needs(texts);
  app.add_option("--posts", command.posts, "Labelled posts: .csv, .tsv or .jsonl, plain or .gz");
  app.add_option("--text-column", command.columns.text, "Column or field of the text")
      ->capture_default_str();
  app.add_option("--label-column", command.columns.label, "Column or field of the label")
      ->capture_default_str();
  app.add_option("--soft", command.soft,
                 "A teacher's probabilities: tab-separated neg, neu, pos, text (and source)");
  app.add_option("--soft-weight", command.soft_weights,
                 "How much the soft rows of a source count, as fragment=0.5; others count 1");
  app.add_option("--emoji-texts", command.emoji_texts,
                 "So many texts are learnt from again with a rated emoji")
      ->check(CLI::Range(0, 10'000'000))
      ->capture_default_str();
  app.add_option("--held-out-texts", command.held_out_texts, "Texts to calibrate and evaluate on")
      ->required();
  app.add_option("--held-out-labels", command.held_out_labels, "Their labels")->required();
  app.add_option("--model", command.model, "The model file to write")->required();
  app.add_option("--card", command.card, "The model card (Markdown) to write");
  app.add_option("--date", command.date, "The date that the card shall name");
  app.add_option("--about", command.about, "A paragraph about the data for the card");
  TrainerSettings& settings = command.settings;
  app.add_option("--language", settings.language, "BCP 47 primary language")
      ->check(CLI::Validator(
          [](const std::string& value) {
            return value.empty() || value.size() > 15 ? "expected 1 to 15 bytes" : "";
          },
          "TEXT", "language"))
      ->capture_default_str();
  app.add_option("--name", settings.name, "The model's name, part of its id")
      ->check(CLI::Validator(
          [](const std::string& value) {
            return value.empty() || value.size() > 31 ? "expected 1 to 31 bytes" : "";
          },
          "TEXT", "name"))
      ->capture_default_str();
  app.add_option("--seed", settings.seed, "Order of the texts")->capture_default_str();
  app.add_option("--epochs", settings.epochs, "Passes over the texts")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--rate", settings.rate, "Learning rate at the start")
      ->check(CLI::Range(0.0001, 10.0))
      ->capture_default_str();
  app.add_option("--grams-max", settings.grams_max, "N-grams kept; each costs four bytes")
      ->check(CLI::Range(100, 10'000'000))
      ->capture_default_str();
  app.add_option("--word-texts-min", settings.word_texts_min, "Texts that a word n-gram needs")
      ->check(CLI::Range(1, 255))
      ->capture_default_str();
  app.add_option("--character-texts-min", settings.character_texts_min,
                 "Texts that a character n-gram needs")
      ->check(CLI::Range(1, 255))
      ->capture_default_str();
}

int finish(const Result<void>& result) {
  if (result) return 0;
  std::cerr << "rookery-train: " << result.error().code << ": " << result.error().message << '\n';
  return kExitConfig;
}

int run(int argc, char** argv) {
  CLI::App app("Trains and checks the suite's models.", "rookery-train");
  app.require_subcommand(1);

  SentimentCommand sentiment;
  auto* train = app.add_subcommand("sentiment", "Train a sentiment model");
  describe_sentiment(*train, sentiment);

  std::string model;
  std::string texts;
  std::string labels;
  std::size_t text_bytes_max = 10'000;
  auto* predict = app.add_subcommand("predict", "Score the texts on standard input, one a line");
  auto* evaluate = app.add_subcommand("evaluate", "Compare a model with labelled texts");
  for (auto* command : {predict, evaluate}) {
    command->add_option("--model", model, "The model file")->required();
    command->add_option("--text-bytes-max", text_bytes_max, "Bytes of a text that are looked at")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
  }
  evaluate->add_option("--texts", texts, "Texts, one a line")->required();
  evaluate->add_option("--labels", labels, "Their labels")->required();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (train->parsed()) return finish(run_sentiment(sentiment, std::cout, std::cerr));
  if (predict->parsed()) return finish(run_predict(model, text_bytes_max, std::cin, std::cout));
  return finish(run_evaluate(model, texts, labels, text_bytes_max, std::cout));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::ios::sync_with_stdio(false);
    return run(argc, argv);
  } catch (const std::exception& error) {  // out of memory, or a library's own
    std::cerr << "rookery-train: " << error.what() << '\n';
    return kExitSoftware;
  }
}
