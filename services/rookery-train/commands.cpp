#include "services/rookery-train/commands.hpp"

#include <array>
#include <filesystem>
#include <functional>
#include <istream>
#include <iterator>
#include <ostream>
#include <random>
#include <string_view>
#include <unordered_set>

#include "services/rookery-train/calibration.hpp"
#include "services/rookery-train/emoji_texts.hpp"
#include "services/rookery-train/evaluation.hpp"
#include "services/rookery-train/lines.hpp"
#include "services/rookery-train/model_card.hpp"
#include "services/sentiment-scoring/scorer.hpp"

namespace rookery::train {
namespace {

using sentiment_scoring::Model;
using sentiment_scoring::ModelParts;

std::string data_line(const std::string& path, std::size_t rows, std::string_view what) {
  std::string line("`");
  line.append(std::filesystem::path(path).filename().string()).append("`: ");
  line.append(std::to_string(rows)).append(" ").append(what);
  return line;
}

std::string with_shares(const std::string& path, const std::vector<LabelledText>& posts) {
  std::array<std::size_t, 3> counts{};
  for (const auto& post : posts) ++counts[static_cast<std::size_t>(post.label)];
  return data_line(path, posts.size(), "labelled posts (negative ") + std::to_string(counts[0]) +
         ", neutral " + std::to_string(counts[1]) + ", positive " + std::to_string(counts[2]) + ")";
}

template <typename T>
void append(std::vector<T>& all, std::vector<T> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Classes classes_of(const TrainerSettings& settings) {
  return settings.classes == 2 ? Classes::kPolarity : Classes::kThree;
}

struct Corpus {
  std::vector<LabelledText> labelled;
  std::vector<SoftText> soft;
};

Result<Corpus> read_corpus(const SentimentCommand& command, std::vector<std::string>& data) {
  Corpus corpus;
  const Classes classes = classes_of(command.settings);
  if (!command.texts.empty()) {
    auto posts = read_texts_and_labels(command.texts, command.labels, classes);
    ROOKERY_RETURN_IF_ERROR(posts);
    data.push_back(with_shares(command.texts, *posts));
    append(corpus.labelled, std::move(*posts));
  }
  for (const std::string& path : command.posts) {
    auto posts = read_posts(path, command.columns, classes);
    ROOKERY_RETURN_IF_ERROR(posts);
    data.push_back(with_shares(path, *posts));
    append(corpus.labelled, std::move(*posts));
  }
  const auto weights = parse_weights(command.soft_weights);
  ROOKERY_RETURN_IF_ERROR(weights);
  for (const std::string& path : command.soft) {
    auto texts = read_soft(path, *weights);
    ROOKERY_RETURN_IF_ERROR(texts);
    data.push_back(data_line(path, texts->size(), "texts with a teacher's probabilities"));
    append(corpus.soft, std::move(*texts));
  }
  if (corpus.labelled.empty() && corpus.soft.empty()) {
    return misconfigured("file_malformed", "expected at least one labelled or soft text");
  }
  if (classes == Classes::kPolarity) leave_neutral_out(corpus.soft);
  if (command.emoji_texts > 0) {
    data.push_back(std::to_string(command.emoji_texts) +
                   " of these texts again with one of the emoji that the project rated");
  }
  return corpus;
}

ModelParts learn(const SentimentCommand& command, Corpus corpus, TrainingProgress& progress) {
  auto examples = mix(std::move(corpus.labelled), std::move(corpus.soft), command.label_share);
  if (command.emoji_texts > 0) {
    append(examples, add_emoji(examples, command.emoji_texts, command.settings.seed));
  }
  progress.line(std::to_string(examples.size()) + " texts to learn from");
  progress.expect(examples.size() * passes_of(command.settings));
  ModelParts parts = train_sentiment(
      examples, command.settings, [&](const std::string& line) { progress.line(line); },
      [&] { progress.step(); });
  progress.expect(0);
  return parts;
}

/// A part of the labelled posts, and a model that learnt from the others.
struct Fold {
  std::vector<LabelledText> held_out;
  ModelParts parts;
};

/// Puts the posts into an order that their labels' order says nothing about: in
/// a file that goes through the classes in turn, every third post has one class.
void shuffle(std::vector<LabelledText>& posts, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (std::size_t i = posts.size(); i > 1; --i) std::swap(posts[i - 1], posts[random() % i]);
}

/// Every `folds`-th post from `fold` on is held out; what a teacher says of
/// their texts is not learnt from either.
Fold learn_fold(const SentimentCommand& command, const Corpus& corpus, std::size_t fold,
                TrainingProgress& progress) {
  Fold result;
  Corpus rest;
  std::unordered_set<std::string_view> held_out;
  for (std::size_t i = 0; i < corpus.labelled.size(); ++i) {
    const bool held = i % command.folds == fold;
    (held ? result.held_out : rest.labelled).push_back(corpus.labelled[i]);
    if (held) held_out.insert(corpus.labelled[i].text);
  }
  for (const SoftText& text : corpus.soft) {
    if (!held_out.contains(text.text)) rest.soft.push_back(text);
  }
  result.parts = learn(command, std::move(rest), progress);
  return result;
}

/// The calibration and what it is worth, on posts that no model learnt from.
Result<Calibration> calibrate(const SentimentCommand& command, std::vector<Fold>& folds,
                              Evaluation& evaluation) {
  const std::size_t bytes_max = command.settings.text_bytes_max;
  std::vector<JudgedPost> judged;
  for (const Fold& fold : folds) {
    const auto model = Model::decode(Model::encode(fold.parts));
    ROOKERY_RETURN_IF_ERROR(model);
    append(judged, judge(*model, fold.held_out, bytes_max));
  }
  const Calibration calibration = fit_calibration(judged, command.settings.classes, command.fitted);
  std::vector<Model> models;
  std::vector<Judgement> judgements;
  models.reserve(folds.size());
  for (Fold& fold : folds) {
    apply(calibration, fold.parts);
    auto model = Model::decode(Model::encode(fold.parts));
    ROOKERY_RETURN_IF_ERROR(model);
    models.push_back(std::move(*model));
    judgements.push_back({models.back(), fold.held_out});
  }
  evaluation = evaluate(judgements, bytes_max);
  return calibration;
}

/// Figures of no post at all would look like those of a bad model.
Result<void> check_enough(const std::vector<LabelledText>& posts, std::size_t least,
                          const std::string& where) {
  if (posts.size() >= least) return {};
  return misconfigured("file_malformed", "\"" + where + "\": expected at least " +
                                             std::to_string(least) + " labelled posts, got " +
                                             std::to_string(posts.size()));
}

/// The model, calibrated and evaluated on held-out posts or by cross-validation.
Result<ModelParts> learn_and_judge(const SentimentCommand& command, Corpus corpus,
                                   std::vector<std::string>& data, Evaluation& evaluation,
                                   TrainingProgress& progress) {
  std::vector<Fold> folds;
  if (command.folds == 0) {
    auto held_out = read_texts_and_labels(command.held_out_texts, command.held_out_labels,
                                          classes_of(command.settings));
    ROOKERY_RETURN_IF_ERROR(held_out);
    ROOKERY_RETURN_IF_ERROR(check_enough(*held_out, 1, command.held_out_texts));
    data.push_back(with_shares(command.held_out_texts, *held_out) + ", held out");
    folds.push_back({std::move(*held_out), learn(command, std::move(corpus), progress)});
    ModelParts parts = folds.front().parts;
    const auto calibration = calibrate(command, folds, evaluation);
    ROOKERY_RETURN_IF_ERROR(calibration);
    apply(*calibration, parts);
    return parts;
  }
  ROOKERY_RETURN_IF_ERROR(check_enough(corpus.labelled, command.folds, "texts and posts"));
  shuffle(corpus.labelled, command.settings.seed);
  for (std::size_t fold = 0; fold < command.folds; ++fold) {
    progress.line("fold " + std::to_string(fold + 1) + " of " + std::to_string(command.folds));
    folds.push_back(learn_fold(command, corpus, fold, progress));
  }
  const auto calibration = calibrate(command, folds, evaluation);
  ROOKERY_RETURN_IF_ERROR(calibration);
  progress.line("all posts");
  ModelParts parts = learn(command, std::move(corpus), progress);
  apply(*calibration, parts);
  return parts;
}

}  // namespace

Result<void> run_sentiment(const SentimentCommand& command, std::ostream& out, std::ostream& log) {
  if (command.held_out_texts.empty() == (command.folds == 0)) {
    return misconfigured("option_invalid",
                         "expected either held-out-texts and held-out-labels, or folds");
  }
  ROOKERY_RETURN_IF_ERROR(check_writable(command.model));
  ROOKERY_RETURN_IF_ERROR(check_writable(command.card));
  CardFacts facts;
  auto corpus = read_corpus(command, facts.data);
  ROOKERY_RETURN_IF_ERROR(corpus);
  TrainingProgress progress(log, command.progress);
  Evaluation evaluation;
  const auto parts = learn_and_judge(command, std::move(*corpus), facts.data, evaluation, progress);
  ROOKERY_RETURN_IF_ERROR(parts);
  const std::string bytes = Model::encode(*parts);
  const auto model = Model::decode(bytes);
  ROOKERY_RETURN_IF_ERROR(model);
  ROOKERY_RETURN_IF_ERROR(write_file(command.model, bytes));
  facts.model_id = model->id();
  facts.language = parts->language;
  facts.date = command.date;
  facts.about = command.about;
  facts.classes = parts->classes;
  facts.bytes = bytes.size();
  facts.grams = parts->word_grams.size() + parts->character_grams.size() + parts->wide_grams.size();
  facts.has_wide = model->has_wide();
  facts.temperature = parts->temperature;
  facts.folds = command.folds;
  facts.fitted = command.fitted;
  if (!command.card.empty()) {
    ROOKERY_RETURN_IF_ERROR(write_file(command.card, model_card(facts, evaluation)));
  }
  out << to_json(evaluation) << '\n';
  return {};
}

Result<void> run_predict(const std::string& path, std::size_t text_bytes_max, std::istream& in,
                         std::ostream& out) {
  const auto model = Model::load(path);
  ROOKERY_RETURN_IF_ERROR(model);
  sentiment_scoring::Scorer scorer(text_bytes_max);
  std::string text;
  std::string json;
  while (out && next_line(in, text)) {
    json.clear();
    json.push_back('{');
    const bool has_text = scorer.read(text);
    const auto score = has_text ? scorer.score(*model) : no_evidence(model->classes());
    sentiment_scoring::append_score(json, score);
    if (!has_text) json += R"(,"reason":"no_text")";
    out << json << "}\n";
  }
  return {};
}

Result<void> run_evaluate(const std::string& path, const std::string& texts,
                          const std::string& labels, std::size_t text_bytes_max,
                          std::ostream& out) {
  const auto model = Model::load(path);
  ROOKERY_RETURN_IF_ERROR(model);
  const auto posts = read_texts_and_labels(
      texts, labels, model->classes() == 2 ? Classes::kPolarity : Classes::kThree);
  ROOKERY_RETURN_IF_ERROR(posts);
  ROOKERY_RETURN_IF_ERROR(check_enough(*posts, 1, texts));
  out << to_json(evaluate(*model, *posts, text_bytes_max)) << '\n';
  return {};
}

}  // namespace rookery::train
