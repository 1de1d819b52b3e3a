#include "services/sentiment-scoring/model_entry.hpp"

#include <charconv>

#include <nlohmann/json.hpp>

#include "common/records/base64.hpp"
#include "common/records/json_writer.hpp"
#include "common/records/sha256.hpp"
#include "common/records/timestamp.hpp"
#include "services/sentiment-scoring/model.hpp"
#include "services/sentiment-scoring/topic_model.hpp"

namespace rookery::sentiment_scoring {
namespace {

constexpr std::size_t kKeyDigits = 12;
constexpr std::size_t kSha256Digits = 64;
constexpr std::string_view kTopicMagic = "ROOKTOPC";

/// Reads fields; remembers the first that is not as it should be.
class Fields {
 public:
  explicit Fields(const nlohmann::json& object) : object_(object) {}

  std::string text(const char* name) {
    const auto found = object_.find(name);
    if (found != object_.end() && found->is_string()) return found->get<std::string>();
    wrong(name, "a text");
    return {};
  }
  std::uint64_t number(const char* name) {
    const auto found = object_.find(name);
    if (found != object_.end() && found->is_number_unsigned()) return found->get<std::uint64_t>();
    std::uint64_t value = 0;  // 64-bit numbers travel as texts
    const std::string digits =
        found != object_.end() && found->is_string() ? found->get<std::string>() : "";
    const char* const end = digits.data() + digits.size();
    if (digits.empty() || std::from_chars(digits.data(), end, value).ptr != end) {
      wrong(name, "a number");
    }
    return value;
  }
  std::string sha256() {
    std::string digits = text("sha256");
    if (digits.size() != kSha256Digits) wrong("sha256", "64 hexadecimal digits");
    return digits;
  }
  void wrong(const char* name, const char* expected) {
    if (wrong_.empty()) wrong_ = std::string("field \"") + name + "\": expected " + expected;
  }
  [[nodiscard]] bool has(const char* name) const { return object_.contains(name); }
  [[nodiscard]] const std::string& wrong() const { return wrong_; }

 private:
  const nlohmann::json& object_;
  std::string wrong_;
};

Failure malformed(const std::string& why) {
  return misconfigured("entry_malformed", "topic \"models\": " + why);
}

ModelPart read_part(Fields& fields) {
  ModelPart part;
  part.use = fields.text("use");
  part.sha256 = fields.sha256();
  part.part = static_cast<std::uint32_t>(fields.number("part"));
  auto data = from_base64(fields.text("data"));
  if (!data) fields.wrong("data", "base64");
  part.data = std::move(data).value_or("");
  return part;
}

ModelEntry read_entry(Fields& fields) {
  ModelEntry entry;
  entry.use = fields.text("use");
  entry.id = fields.text("id");
  entry.sha256 = fields.sha256();
  entry.bytes = fields.number("bytes");
  if (entry.bytes == 0 || entry.bytes > kModelBytesMax) fields.wrong("bytes", "1 to 1073741824");
  if (fields.has("parts")) entry.parts = static_cast<std::uint32_t>(fields.number("parts"));
  if (fields.has("location")) entry.location = fields.text("location");
  if ((entry.parts > 0) == !entry.location.empty()) fields.wrong("location", "it, or parts");
  const auto published = parse_rfc3339(fields.text("published_at"));
  if (!published) fields.wrong("published_at", "an RFC 3339 time");
  entry.published_at = published.value_or(WallTime{});
  return entry;
}

}  // namespace

std::string part_key(std::string_view use, std::string_view sha256, std::uint32_t part) {
  std::string key(use);
  key.append("/").append(sha256.substr(0, kKeyDigits)).append("/");
  return key + std::to_string(part);
}

std::string_view use_of_key(std::string_view key) {
  return key.substr(0, key.find('/'));
}

bool is_part_key(std::string_view key) {
  return key.find('/') != std::string_view::npos;
}

std::string to_json(const ModelEntry& entry) {
  std::string text;
  json::ObjectWriter object(text);
  object.string("use", entry.use);
  object.string("id", entry.id);
  object.string("sha256", entry.sha256);
  object.string("bytes", std::to_string(entry.bytes));
  if (entry.parts > 0) object.number("parts", std::int64_t{entry.parts});
  if (!entry.location.empty()) object.string("location", entry.location);
  object.time("published_at", entry.published_at);
  object.close();
  return text;
}

std::string to_json(const ModelPart& part) {
  std::string text;
  json::ObjectWriter object(text);
  object.string("use", part.use);
  object.string("sha256", part.sha256);
  object.number("part", std::int64_t{part.part});
  std::string& data = object.value("data");
  data.push_back('"');
  append_base64(data, part.data);
  data.push_back('"');
  object.close();
  return text;
}

Result<std::variant<ModelEntry, ModelPart>> parse_model_record(std::string_view text) {
  const auto object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) {
    return malformed("expected an object, got \"" + std::string(text.substr(0, 64)) + "\"");
  }
  Fields fields(object);
  std::variant<ModelEntry, ModelPart> record;
  if (fields.has("part")) {
    record = read_part(fields);
  } else {
    record = read_entry(fields);
  }
  if (!fields.wrong().empty()) return malformed(fields.wrong());
  return record;
}

Result<ModelEntry> describe_model(std::string_view bytes) {
  ModelEntry entry;
  if (bytes.starts_with(kTopicMagic)) {
    const auto model = TopicModel::decode(bytes);
    ROOKERY_RETURN_IF_ERROR(model);
    entry.use = kTopicsUse;
    entry.id = model->id();
  } else {
    const auto model = Model::decode(bytes);
    ROOKERY_RETURN_IF_ERROR(model);
    entry.use = std::string(kSentimentUse) + model->language();
    entry.id = model->id();
  }
  entry.sha256 = sha256_hex(bytes);
  entry.bytes = bytes.size();
  return entry;
}

}  // namespace rookery::sentiment_scoring
