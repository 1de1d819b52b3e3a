#include "services/rookery-train/corpus.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "services/rookery-train/lines.hpp"

namespace rookery::train {
namespace {

Failure malformed(const std::string& path, std::size_t line, std::string_view expected,
                  std::string_view got) {
  return misconfigured("file_malformed", "file \"" + path + "\", line " + std::to_string(line) +
                                             ": expected " + std::string(expected) + ", got \"" +
                                             std::string(got.substr(0, 64)) + "\"");
}

constexpr std::string_view kLabelForms = "negative, neutral, positive, or 0, 1, 2";

/// Texts whose labels wait for the whole file: what a number means depends on
/// the highest one.
class Labels {
 public:
  Labels(const std::string& path, Classes classes) : path_(path), classes_(classes) {}

  Result<void> add(std::string text, std::string label, std::size_t line) {
    const bool word = label == "negative" || label == "neutral" || label == "positive";
    const bool digit = label.size() == 1 && label[0] >= '0' && label[0] <= '4' && label[0] != '3';
    if (!word && !digit) return malformed(path_, line, kLabelForms, label);
    if (digit) highest_ = std::max(highest_, label[0]);
    rows_.push_back({std::move(text), std::move(label), line});
    return {};
  }

  Result<std::vector<LabelledText>> posts() && {
    std::vector<LabelledText> posts;
    for (Row& row : rows_) {
      const auto label = meaning(row.label);
      if (!label) return malformed(path_, row.line, "0, 2 or 4 in a file with a 4", row.label);
      if (classes_ == Classes::kPolarity && *label == Label::kNeutral) continue;
      posts.push_back({std::move(row.text), *label});
    }
    return posts;
  }

 private:
  [[nodiscard]] std::optional<Label> meaning(std::string_view label) const {
    if (label == "negative" || label == "0") return Label::kNegative;
    if (label == "neutral") return Label::kNeutral;
    if (label == "positive" || label == "4") return Label::kPositive;
    if (label == "2") return highest_ == '4' ? Label::kNeutral : Label::kPositive;
    if (highest_ == '4') return std::nullopt;
    return classes_ == Classes::kPolarity && highest_ == '1' ? Label::kPositive : Label::kNeutral;
  }

  struct Row {
    std::string text, label;
    std::size_t line;
  };
  const std::string& path_;
  Classes classes_;
  std::vector<Row> rows_;
  char highest_ = '0';
};

std::vector<std::string> split_tabs(const std::string& line) {
  std::vector<std::string> fields;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t end = line.find('\t', begin);
    fields.push_back(line.substr(begin, end - begin));
    if (end == std::string::npos) return fields;
    begin = end + 1;
  }
}

/// One record of RFC 4180, which may take several lines. False at the end.
bool next_csv(Lines& lines, std::vector<std::string>& fields) {
  std::string line;
  if (!lines.next(line)) return false;
  fields.assign(1, "");
  bool quoted = false;
  for (;;) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (quoted && line[i] == '"' && i + 1 < line.size() && line[i + 1] == '"') {
        fields.back().push_back('"');
        ++i;
      } else if (line[i] == '"') {
        quoted = !quoted;
      } else if (line[i] == ',' && !quoted) {
        fields.emplace_back();
      } else {
        fields.back().push_back(line[i]);
      }
    }
    if (!quoted) return true;
    fields.back().push_back('\n');
    if (!lines.next(line)) return true;
  }
}

bool next_tsv(Lines& lines, std::vector<std::string>& fields) {
  std::string line;
  if (!lines.next(line)) return false;
  fields = split_tabs(line);
  return true;
}

using NextRow = bool (*)(Lines&, std::vector<std::string>&);

Result<std::size_t> column(const std::string& path, const std::vector<std::string>& header,
                           const std::string& name) {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) return malformed(path, 1, "a column \"" + name + "\"", header.front());
  return static_cast<std::size_t>(found - header.begin());
}

Result<std::vector<LabelledText>> read_rows(const std::string& path, const Columns& columns,
                                            Classes classes, NextRow next_row) {
  auto lines = Lines::open(path);
  ROOKERY_RETURN_IF_ERROR(lines);
  std::vector<std::string> fields;
  if (!next_row(*lines, fields)) return malformed(path, 1, "a header", "");
  const auto text = column(path, fields, columns.text);
  ROOKERY_RETURN_IF_ERROR(text);
  const auto label = column(path, fields, columns.label);
  ROOKERY_RETURN_IF_ERROR(label);
  Labels labels(path, classes);
  while (next_row(*lines, fields)) {
    if (fields.size() <= std::max(*text, *label)) {
      return malformed(path, lines->number(), "more columns", fields.front());
    }
    ROOKERY_RETURN_IF_ERROR(labels.add(fields[*text], fields[*label], lines->number()));
  }
  ROOKERY_RETURN_IF_ERROR(lines->check_end(path));
  return std::move(labels).posts();
}

Result<std::vector<LabelledText>> read_jsonl(const std::string& path, const Columns& columns,
                                             Classes classes) {
  auto lines = Lines::open(path);
  ROOKERY_RETURN_IF_ERROR(lines);
  Labels labels(path, classes);
  std::string line;
  while (lines->next(line)) {
    const auto post = nlohmann::json::parse(line, nullptr, false);
    if (!post.is_object() || !post.contains(columns.text) || !post.contains(columns.label)) {
      return malformed(path, lines->number(),
                       "an object with " + columns.text + " and " + columns.label, line);
    }
    const auto& label = post[columns.label];
    if (!post[columns.text].is_string()) {
      return malformed(path, lines->number(), "a text in " + columns.text,
                       post[columns.text].dump());
    }
    ROOKERY_RETURN_IF_ERROR(labels.add(post[columns.text].get<std::string>(),
                                       label.is_string() ? label.get<std::string>() : label.dump(),
                                       lines->number()));
  }
  ROOKERY_RETURN_IF_ERROR(lines->check_end(path));
  return std::move(labels).posts();
}

std::optional<float> number(std::string_view text) {
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0)) return {};
  return value;
}

}  // namespace

Result<std::vector<LabelledText>> read_texts_and_labels(const std::string& texts,
                                                        const std::string& labels,
                                                        Classes classes) {
  auto text_lines = Lines::open(texts);
  ROOKERY_RETURN_IF_ERROR(text_lines);
  auto label_lines = Lines::open(labels);
  ROOKERY_RETURN_IF_ERROR(label_lines);
  Labels rows(labels, classes);
  std::size_t count = 0;
  std::string text;
  std::string label;
  while (label_lines->next(label)) {
    if (!text_lines->next(text)) {
      return malformed(texts, count + 1, "a text for each label", "the end of the file");
    }
    ROOKERY_RETURN_IF_ERROR(rows.add(std::move(text), label, ++count));
  }
  if (text_lines->next(text)) return malformed(labels, count + 1, kLabelForms, "its end");
  ROOKERY_RETURN_IF_ERROR(label_lines->check_end(labels));
  ROOKERY_RETURN_IF_ERROR(text_lines->check_end(texts));
  return std::move(rows).posts();
}

Result<std::vector<LabelledText>> read_posts(const std::string& path, const Columns& columns,
                                             Classes classes) {
  std::string_view name = path;
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.remove_suffix(packed.size());
  }
  if (name.ends_with(".csv")) return read_rows(path, columns, classes, next_csv);
  if (name.ends_with(".tsv")) return read_rows(path, columns, classes, next_tsv);
  if (name.ends_with(".jsonl")) return read_jsonl(path, columns, classes);
  return misconfigured("file_malformed",
                       "file \"" + path + "\": expected a name in .csv, .tsv or .jsonl");
}

Result<SourceWeights> parse_weights(const std::vector<std::string>& settings) {
  SourceWeights weights;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    const auto weight = equals == std::string::npos
                            ? std::nullopt
                            : number(std::string_view(setting).substr(equals + 1));
    if (!weight || *weight > 100) {
      return misconfigured("option_invalid",
                           "soft-weight: expected SOURCE=WEIGHT with a weight "
                           "from 0 to 100, got \"" +
                               setting + "\"");
    }
    weights[setting.substr(0, equals)] = *weight;
  }
  return weights;
}

Result<std::vector<SoftText>> read_soft(const std::string& path, const SourceWeights& weights) {
  auto lines = Lines::open(path);
  ROOKERY_RETURN_IF_ERROR(lines);
  std::vector<std::string> fields;
  if (!next_tsv(*lines, fields)) return malformed(path, 1, "a header", "");
  std::array<std::size_t, 4> at{};
  constexpr std::array<const char*, 4> kNames{"neg", "neu", "pos", "text"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const auto index = column(path, fields, kNames[i]);
    ROOKERY_RETURN_IF_ERROR(index);
    at[i] = *index;
  }
  const auto source = std::find(fields.begin(), fields.end(), "source") - fields.begin();
  const std::size_t width = fields.size();
  std::vector<SoftText> texts;
  while (next_tsv(*lines, fields)) {
    if (fields.size() != width) {
      return malformed(path, lines->number(), std::to_string(width) + " columns", fields.front());
    }
    SoftText soft{std::move(fields[at[3]]), {}, 1};
    float sum = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto value = number(fields[at[i]]);
      if (!value) return malformed(path, lines->number(), "a probability", fields[at[i]]);
      sum += soft.probabilities[i] = *value;
    }
    if (!(sum > 0)) return malformed(path, lines->number(), "a probability above 0", "0");
    for (float& value : soft.probabilities) value /= sum;
    if (static_cast<std::size_t>(source) < width) {
      const auto weight = weights.find(fields[static_cast<std::size_t>(source)]);
      if (weight != weights.end()) soft.weight = weight->second;
    }
    texts.push_back(std::move(soft));
  }
  ROOKERY_RETURN_IF_ERROR(lines->check_end(path));
  return texts;
}

void leave_neutral_out(std::vector<SoftText>& soft) {
  for (SoftText& text : soft) {
    PerLabel& probabilities = text.probabilities;
    const float rest = probabilities[0] + probabilities[2];
    text.weight *= rest;
    probabilities = {rest > 0 ? probabilities[0] / rest : 0.5F, 0,
                     rest > 0 ? probabilities[2] / rest : 0.5F};
  }
}

std::vector<Example> mix(std::vector<LabelledText> labelled, std::vector<SoftText> soft,
                         float label_share) {
  std::vector<Example> examples;
  examples.reserve(labelled.size() + soft.size());
  std::unordered_map<std::string_view, std::size_t> known;
  for (auto& post : labelled) {
    PerLabel target{};
    target[static_cast<std::size_t>(post.label)] = 1;
    examples.push_back({std::move(post.text), target, 1});
    known.emplace(examples.back().text, examples.size() - 1);
  }
  for (auto& post : soft) {
    const auto found = known.find(post.text);
    if (found == known.end()) {
      examples.push_back({std::move(post.text), post.probabilities, post.weight});
      continue;
    }
    PerLabel& target = examples[found->second].target;
    for (std::size_t i = 0; i < target.size(); ++i) {
      target[i] = label_share * target[i] + (1 - label_share) * post.probabilities[i];
    }
    known.erase(found);  // a second opinion counts once
  }
  return examples;
}

}  // namespace rookery::train
