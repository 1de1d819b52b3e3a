#include "services/rookery-train/model_card.hpp"

#include <cstdio>

namespace rookery::train {
namespace {

std::string decimals(double value) {
  std::array<char, 32> text;
  const int length = std::snprintf(text.data(), text.size(), "%.3f", value);
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string with_interval(double value, const Evaluation::Interval& interval) {
  return decimals(value) + " (" + decimals(interval.low) + " to " + decimals(interval.high) + ")";
}

std::string row(std::string_view name, const std::string& value) {
  return "| " + std::string(name) + " | " + value + " |\n";
}

std::string how_scored(const CardFacts& facts) {
  const std::string fitted =
      std::string(facts.fitted == Fitted::kTemperature
                      ? "The temperature was"
                      : "The temperature and each class's bias were") +
      " fitted on these posts, and settings of the training were compared on them.";
  if (facts.folds == 0) return fitted;
  const std::string parts = std::to_string(facts.folds);
  return "These are all labelled posts, in " + parts +
         " parts: each part was scored by a model that " +
         "learnt from the others. The shipped model learnt from all of them, so that it does "
         "better " +
         "on these posts than the table says. " + fitted;
}

constexpr std::string_view kLimits =
    "## Limits\n\n"
    "- It sees single posts: no thread, no picture, no page behind a link, no account.\n"
    "- Irony, quotes of others' opinions and news about sad events are often misread.\n"
    "- Words newer than its data mean nothing to it; expect a loss of several points on later "
    "years.\n"
    "- The probabilities hold for equally frequent classes: they do not know how many posts of "
    "your stream are neutral.\n"
    "- It was not checked for differences between dialects or groups of authors. Do not decide "
    "about people with it.\n";

}  // namespace

std::string model_card(const CardFacts& facts, const Evaluation& held_out) {
  std::string card = "# Sentiment model " + facts.model_id + "\n\n";
  card += "Language: `" + facts.language + "`. Classes: negative, " +
          (facts.classes == 2 ? "" : "neutral, ") + "positive.";
  if (!facts.date.empty()) card += " Trained: " + facts.date + ".";
  card += "\n\nA linear model over " + std::to_string(facts.grams) +
          " hashed n-grams (1 to 3 words with negation marked, 2 to 6 characters" +
          (facts.has_wide ? ", 2 words with 1 to 8 others between them, first and last words, "
                            "words before a face"
                          : "") +
          ") and " + std::to_string(sentiment_scoring::kDenseCount) +
          " features from VADER's lexicon and the form of the text; int8 weights, " +
          std::to_string(facts.bytes) + " bytes, temperature " +
          decimals(static_cast<double>(facts.temperature)) + ".\n\n## Data\n\n";
  for (const std::string& line : facts.data) card += "- " + line + "\n";
  if (!facts.about.empty()) card += "\n" + facts.about + "\n";
  card += "\n## Scores on " + std::string(facts.folds == 0 ? "the held-out" : "left-out") +
          " posts\n\n| measure | value (95 % of 1,000 bootstrap draws) |\n| --- | --- |\n";
  card += row("posts", std::to_string(held_out.n));
  card += row("macro-averaged recall",
              with_interval(held_out.macro_recall, held_out.macro_recall_interval));
  card += row("macro-averaged F1", with_interval(held_out.macro_f1, held_out.macro_f1_interval));
  card += row("accuracy", with_interval(held_out.accuracy, held_out.accuracy_interval));
  card += row("AUC, mean of each class against the rest", decimals(held_out.auc));
  card += row("expected calibration error, 15 bins", decimals(held_out.ece));
  card += row("recall of negative, neutral, positive", decimals(held_out.recall[0]) + ", " +
                                                           decimals(held_out.recall[1]) + ", " +
                                                           decimals(held_out.recall[2]));
  card += "\n" + how_scored(facts) + "\n\n";
  card += kLimits;
  return card;
}

}  // namespace rookery::train
