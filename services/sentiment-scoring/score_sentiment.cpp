#include "services/sentiment-scoring/score_sentiment.hpp"

#include "common/records/json_writer.hpp"

namespace rookery::sentiment_scoring {
namespace {

constexpr std::string_view kOutput = "processed_tweets";

/// Sources write "und" (BCP 47) where they do not know.
bool says_language(std::string_view code) {
  return !code.empty() && code != "und";
}

}  // namespace

ScoreSentiment::ScoreSentiment(ModelSet models, Settings settings)
    : models_(std::move(models)),
      settings_(std::move(settings)),
      scorer_(settings_.text_bytes_max) {}

Result<void> ScoreSentiment::process(const InputRecord& record, Outputs& out) {
  if (!record.value) {
    if (!record.key) return dead_letter("key_missing", "a deletion without a key deletes nothing");
    out.add_deletion(kOutput, record.partition, *record.key);
    return {};
  }
  const auto read = reader_.read(*record.value);
  ROOKERY_RETURN_IF_ERROR(read);
  const PostView& post = **read;
  if (post.has_sentiment) {
    return dead_letter("already_scored", "field \"sentiment\": expected none, got label \"" +
                                             std::string(post.sentiment_label) + "\"");
  }
  describe(post);
  splice(out.start(kOutput, record.partition, record.key.value_or(post.id)), *record.value,
         addition_);
  return {};
}

/// Leaves `"sentiment":{…}` in addition_.
void ScoreSentiment::describe(const PostView& post) {
  addition_.assign("\"sentiment\":{");
  const std::string_view language =
      says_language(post.lang) ? post.lang : std::string_view(settings_.assume_language);
  if (language.empty()) return describe_unknown("language_not_known");
  const Model* model = models_.find(language);
  if (model == nullptr) return describe_unknown("language_not_covered");
  if (!scorer_.read(post.text)) return describe_unknown("no_text");
  append_score(addition_, scorer_.score(*model));
  addition_.append(",\"model\":");
  json::append_string(addition_, model->id());
  addition_.push_back('}');
}

void ScoreSentiment::describe_unknown(std::string_view reason) {
  addition_.append(R"("label":"unknown","score":0,"reason":")").append(reason).append("\"}");
}

}  // namespace rookery::sentiment_scoring
