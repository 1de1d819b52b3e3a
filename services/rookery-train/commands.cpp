#include "services/rookery-train/commands.hpp"

#include <array>
#include <filesystem>
#include <istream>
#include <iterator>
#include <ostream>

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

Result<std::vector<Example>> read_examples(const SentimentCommand& command,
                                           std::vector<std::string>& data) {
  std::vector<LabelledText> labelled;
  const Classes classes = classes_of(command.settings);
  if (!command.texts.empty()) {
    auto posts = read_texts_and_labels(command.texts, command.labels, classes);
    ROOKERY_RETURN_IF_ERROR(posts);
    data.push_back(with_shares(command.texts, *posts));
    append(labelled, std::move(*posts));
  }
  for (const std::string& path : command.posts) {
    auto posts = read_posts(path, command.columns, classes);
    ROOKERY_RETURN_IF_ERROR(posts);
    data.push_back(with_shares(path, *posts));
    append(labelled, std::move(*posts));
  }
  const auto weights = parse_weights(command.soft_weights);
  ROOKERY_RETURN_IF_ERROR(weights);
  std::vector<SoftText> soft;
  for (const std::string& path : command.soft) {
    auto texts = read_soft(path, *weights);
    ROOKERY_RETURN_IF_ERROR(texts);
    data.push_back(data_line(path, texts->size(), "texts with a teacher's probabilities"));
    append(soft, std::move(*texts));
  }
  if (labelled.empty() && soft.empty()) {
    return misconfigured("file_malformed", "expected at least one labelled or soft text");
  }
  if (classes == Classes::kPolarity) leave_neutral_out(soft);
  auto examples = mix(std::move(labelled), std::move(soft), command.label_share);
  if (command.emoji_texts > 0) {
    append(examples, add_emoji(examples, command.emoji_texts, command.settings.seed));
    data.push_back(std::to_string(command.emoji_texts) +
                   " of these texts again with one of the emoji that the project rated");
  }
  return examples;
}

}  // namespace

Result<void> run_sentiment(const SentimentCommand& command, std::ostream& out, std::ostream& log) {
  CardFacts facts;
  const auto examples = read_examples(command, facts.data);
  ROOKERY_RETURN_IF_ERROR(examples);
  const auto held_out = read_texts_and_labels(command.held_out_texts, command.held_out_labels,
                                              classes_of(command.settings));
  ROOKERY_RETURN_IF_ERROR(held_out);
  log << examples->size() << " texts to learn from, " << held_out->size() << " held out\n";

  const auto report = [&log](const std::string& line) { log << line << std::endl; };
  ModelParts parts = train_sentiment(*examples, command.settings, report);
  const std::size_t bytes_max = command.settings.text_bytes_max;
  const auto uncalibrated = Model::decode(Model::encode(parts));
  ROOKERY_RETURN_IF_ERROR(uncalibrated);
  if (!held_out->empty()) parts.temperature = fit_temperature(*uncalibrated, *held_out, bytes_max);

  const std::string bytes = Model::encode(parts);
  const auto model = Model::decode(bytes);
  ROOKERY_RETURN_IF_ERROR(model);
  const Evaluation evaluation = evaluate(*model, *held_out, bytes_max);
  ROOKERY_RETURN_IF_ERROR(write_file(command.model, bytes));
  facts.model_id = model->id();
  facts.language = parts.language;
  facts.date = command.date;
  facts.about = command.about;
  facts.classes = parts.classes;
  facts.bytes = bytes.size();
  facts.grams = parts.word_grams.size() + parts.character_grams.size();
  facts.temperature = parts.temperature;
  facts.data.push_back(with_shares(command.held_out_texts, *held_out) + ", held out");
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
  while (std::getline(in, text)) {
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
  out << to_json(evaluate(*model, *posts, text_bytes_max)) << '\n';
  return {};
}

}  // namespace rookery::train
