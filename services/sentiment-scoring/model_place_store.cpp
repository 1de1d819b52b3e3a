#include "services/sentiment-scoring/model_place_store.hpp"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <utility>

#include "common/s3/client.hpp"
#include "services/sentiment-scoring/binary.hpp"
#include "services/sentiment-scoring/model_topic_store.hpp"

namespace rookery::sentiment_scoring {
namespace {

/// An object's client, made when it is needed first.
class Objects {
 public:
  Objects(const s3::Options& options, Clock& clock) : options_(options), clock_(clock) {}

  Result<std::string> get(const std::string& text) {
    const auto location = s3::parse_location(text);
    ROOKERY_RETURN_IF_ERROR(location);
    ROOKERY_RETURN_IF_ERROR(open());
    auto content = client_->get(*location, kModelBytesMax);
    ROOKERY_RETURN_IF_ERROR(content);
    return std::move(content->bytes);
  }
  Result<void> put(const std::string& text, std::string_view bytes) {
    const auto location = s3::parse_location(text);
    ROOKERY_RETURN_IF_ERROR(location);
    ROOKERY_RETURN_IF_ERROR(open());
    return client_->put(*location, bytes);
  }

 private:
  Result<void> open() {
    if (client_ != nullptr) return {};
    auto settings = s3::resolve(options_, [](const char* name) {
      return std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing of these tools sets one
    });
    ROOKERY_RETURN_IF_ERROR(settings);
    client_ = std::make_unique<s3::Client>(std::move(*settings), clock_);
    return {};
  }
  const s3::Options& options_;
  Clock& clock_;
  std::unique_ptr<s3::Client> client_;
};

std::string object_for(std::string prefix, const std::string& id) {
  if (!prefix.ends_with('/')) prefix.push_back('/');
  return prefix + id + ".model";
}

}  // namespace

Result<void> check_place(const std::string& where) {
  if (where == "records" || where == "file") return {};
  if (!s3::is_location(where)) {
    return misconfigured(
        "option_invalid",
        "expected records, file or s3://BUCKET/PREFIX as a model's place, got \"" + where + "\"");
  }
  ROOKERY_RETURN_IF_ERROR(s3::parse_location(where));
  return {};
}

Result<ModelEntry> publish(const PublishOptions& options, const kafka::Connection& connection,
                           const kafka::Surroundings& around) {
  ROOKERY_RETURN_IF_ERROR(check_place(options.where));
  Objects objects(options.s3, around.clock);
  const bool from_s3 = s3::is_location(options.file);
  const auto bytes = from_s3 ? objects.get(options.file) : read_model_file(options.file);
  ROOKERY_RETURN_IF_ERROR(bytes);
  auto entry = describe_model(*bytes);
  if (!entry) {
    entry.error().message = "model \"" + options.file + "\": " + entry.error().message;
    return entry;
  }
  if (s3::is_location(options.where)) {
    entry->location = object_for(options.where, entry->id);
    ROOKERY_RETURN_IF_ERROR(objects.put(entry->location, *bytes));
  } else if (options.where == "file") {
    std::error_code error;
    entry->location =
        from_s3 ? options.file : std::filesystem::absolute(options.file, error).string();
  }
  entry->published_at = around.clock.wall_now();
  ROOKERY_RETURN_IF_ERROR(publish_model(connection, around, *entry, *bytes));
  return entry;
}

}  // namespace rookery::sentiment_scoring
