#include "services/sink/encoder.hpp"

#include <simdjson.h>

#include "common/core/check.hpp"
#include "common/records/json_writer.hpp"
#include "services/sink/trend.hpp"
#include "services/sink/tweet_csv.hpp"

namespace rookery::sink {
namespace {

class JsonlEncoder final : public Encoder {
 public:
  Result<void> encode(const InputRecord& record, std::string& out) override {
    if (!record.value) return encode_deletion(record, out);
    simdjson::dom::element root;
    const auto error = parser_.parse(record.value->data(), record.value->size()).get(root);
    if (error != simdjson::SUCCESS) {
      return dead_letter("record_malformed",
                         std::string("expected JSON: ") + simdjson::error_message(error));
    }
    if (!root.is_object()) return dead_letter("record_malformed", "expected a JSON object");
    append_line(*record.value, out);
    return {};
  }

 private:
  static Result<void> encode_deletion(const InputRecord& record, std::string& out) {
    const std::string_view key = record.key.value_or("");
    if (!simdjson::validate_utf8(key.data(), key.size())) {
      return dead_letter("record_malformed", "deletion: expected a key in UTF-8");
    }
    {
      json::ObjectWriter deletion(out);
      deletion.string("id", key);
      deletion.boolean("deleted", true);
    }
    out.push_back('\n');
    return {};
  }

  /// A record may be spread over several lines; between tokens that means nothing.
  static void append_line(std::string_view json, std::string& out) {
    if (json.find_first_of("\r\n") == std::string_view::npos) {
      out.append(json);
    } else {
      const std::size_t begin = out.size();
      out.resize(begin + json.size());
      std::size_t size = 0;
      const auto error = simdjson::minify(json.data(), json.size(), out.data() + begin, size);
      ROOKERY_CHECK(error == simdjson::SUCCESS, "the parser has accepted it");
      out.resize(begin + size);
    }
    out.push_back('\n');
  }

  simdjson::dom::parser parser_;
};

}  // namespace

std::unique_ptr<Encoder> make_jsonl_encoder() {
  return std::make_unique<JsonlEncoder>();
}

std::unique_ptr<Encoder> make_csv_encoder(std::string_view topic) {
  if (topic == "trends") return make_trend_csv_encoder();
  if (topic == "processed_tweets") return make_tweet_csv_encoder();
  return nullptr;
}

}  // namespace rookery::sink
