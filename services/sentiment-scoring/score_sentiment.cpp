#include "services/sentiment-scoring/score_sentiment.hpp"

#include <utility>

#include "common/records/json_writer.hpp"

namespace rookery::sentiment_scoring {
namespace {

constexpr std::string_view kOutput = "processed_tweets";

/// Sources write "und" (BCP 47) where they do not know.
bool says_language(std::string_view code) {
  return !code.empty() && code != "und";
}

}  // namespace

ScoreSentiment::ScoreSentiment(ModelStore models, Settings settings)
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
  addition_.clear();
  scorer_.read(post.text);
  describe(language_of(post));
  if (models_.topics() != nullptr) describe_topics();
  splice(out.start(kOutput, record.partition, record.key.value_or(post.id)), *record.value,
         addition_);
  return {};
}

/// The edge of a transaction: no post is at hand, and none was scored with half
/// of a model.
Result<void> ScoreSentiment::finish_batch(const BatchContext& context, Outputs& /*out*/,
                                          Progress& /*progress*/) {
  models_.take_arrivals(settings_.observer);
  if (settings_.check_interval.count() == 0) return {};
  if (!checked_at_) checked_at_ = context.polled_at;
  if (context.polled_at - *checked_at_ < settings_.check_interval) return {};
  checked_at_ = context.polled_at;
  models_.refresh(settings_.observer);
  return {};
}

/// As the source says; else as the text says, which becomes the post's `lang`
/// where it has none; else as assumed. Empty: not known.
std::string_view ScoreSentiment::language_of(const PostView& post) {
  if (says_language(post.lang)) return post.lang;
  if (settings_.identify_language && scorer_.has_text()) {
    const std::string_view found = identifier_.identify(post.text);
    if (!found.empty()) {
      if (!post.has_lang) {
        addition_.append("\"lang\":");
        json::append_string(addition_, found);
        addition_.push_back(',');
      }
      return found;
    }
  }
  return settings_.assume_language;
}

/// Appends `"sentiment":{…}`.
void ScoreSentiment::describe(std::string_view language) {
  addition_.append("\"sentiment\":{");
  if (language.empty()) return describe_unknown("language_not_known");
  const Model* model = models_.sentiment().find(language);
  if (model == nullptr) return describe_unknown("language_not_covered");
  if (!scorer_.has_text()) return describe_unknown("no_text");
  append_score(addition_, scorer_.score(*model));
  addition_.append(",\"model\":");
  json::append_string(addition_, model->id());
  addition_.push_back('}');
}

void ScoreSentiment::describe_unknown(std::string_view reason) {
  addition_.append(R"("label":"unknown","score":0,"reason":")").append(reason).append("\"}");
}

/// Appends `,"topics":[…],"topic_model":"…"`, and why there are none.
void ScoreSentiment::describe_topics() {
  const TopicModel& model = *models_.topics();
  const auto& topics =
      topic_scorer_.score(model, scorer_.tokens().tokens(), settings_.topic_share_min_thousandths,
                          settings_.topics_max);
  addition_.append(",\"topics\":");
  append_topics(addition_, model, topics);
  addition_.append(",\"topic_model\":");
  json::append_string(addition_, model.id());
  if (topics.empty()) addition_.append(R"(,"topics_reason":"no_known_word")");
}

}  // namespace rookery::sentiment_scoring
