#include "services/sentiment-scoring/model_topic.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "services/sentiment-scoring/model_store.hpp"
#include "tests/unit/services/sentiment-scoring/support.hpp"
#include "tests/unit/services/sentiment-scoring/topic_support.hpp"

namespace rookery::sentiment_scoring {
namespace {

/// A topic whose records a test writes, and what came of them.
class Feed final : public ModelFeed {
 public:
  explicit Feed(FetchModel fetch = {}) : topic_(std::move(fetch), inbox_) {}
  ModelInbox& inbox() override { return inbox_; }
  void again() override {}

  void put(const std::string& key, const std::string& value) {
    topic_.on_record({"models",
                      Partition(0),
                      Offset(0),
                      WallTime{},
                      std::string_view(key),
                      std::string_view(value),
                      {}});
  }
  void remove(const std::string& key) {
    topic_.on_record(
        {"models", Partition(0), Offset(0), WallTime{}, std::string_view(key), std::nullopt, {}});
  }
  void end() { topic_.on_end(); }
  /// As a publisher does, in parts of `part_bytes`.
  ModelEntry publish(const std::string& bytes, std::size_t part_bytes) {
    ModelEntry entry = describe_model(bytes).value();
    for (std::size_t at = 0; at < bytes.size(); at += part_bytes, ++entry.parts) {
      put(part_key(entry.use, entry.sha256, entry.parts),
          to_json(ModelPart{entry.use, entry.sha256, entry.parts, bytes.substr(at, part_bytes)}));
    }
    put(entry.use, to_json(entry));
    return entry;
  }

 private:
  ModelInbox inbox_;
  ModelTopic topic_;
};

/// What an arrival is, in a word or two.
std::vector<std::string> arrivals(Feed& feed) {
  std::vector<std::string> words;
  for (const ModelArrival& arrival : feed.inbox().take()) {
    if (const auto* error = std::get_if<Error>(&arrival.what)) {
      words.push_back(arrival.use + " " + std::string(error->code));
    } else {
      const bool ready = std::holds_alternative<ReadyModel>(arrival.what);
      words.push_back(arrival.use + (ready ? " ready" : " withdrawn"));
    }
  }
  return words;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("an entry is what its record says", "[sentiment][models]") {
  ModelEntry entry = describe_model(encode_topics(small_topics())).value();
  entry.location = "s3://models/a \"b\".model";
  const auto read = parse_model_record(to_json(entry));
  REQUIRE(read);
  const auto& same = std::get<ModelEntry>(*read);
  CHECK(same.id == entry.id);
  CHECK(same.sha256 == entry.sha256);
  CHECK(same.bytes == entry.bytes);
  CHECK(same.location == entry.location);
  CHECK(to_json(same) == to_json(entry));
  for (const char* wrong :
       {"", "[]", R"({"use":"topics"})", R"({"use":"topics","sha256":"00","part":0,"data":""})"}) {
    INFO(wrong);
    CHECK(parse_model_record(wrong).error().code == "entry_malformed");
  }
  // As base64 a part stays below what a broker takes.
  const ModelPart part{entry.use, entry.sha256, 12'345, std::string(kPartBytes, 'x')};
  CHECK(to_json(part).size() < 1'000'000);
}

TEST_CASE("a model is put together from its parts", "[sentiment][models]") {
  Feed feed;
  feed.publish(encode_topics(small_topics()), 50);
  CHECK(arrivals(feed).empty());  // not before the end
  feed.end();
  CHECK(arrivals(feed) == Words{"topics ready"});
  feed.publish(encode_topics(small_topics()), 50);  // as a follower that begins again
  feed.end();
  CHECK(arrivals(feed).empty());
  feed.remove("topics");
  feed.end();
  CHECK(arrivals(feed) == Words{"topics withdrawn"});
}

TEST_CASE("a part that is missing or another one is refused, once", "[sentiment][models]") {
  Feed feed;
  const std::string bytes = encode_topics(small_topics());
  const ModelEntry entry = feed.publish(bytes, 50);
  feed.remove(part_key(entry.use, entry.sha256, 1));
  feed.end();
  feed.end();
  CHECK(arrivals(feed) == Words{"topics model_broken"});
  feed.publish(bytes, 50);
  feed.put(part_key(entry.use, entry.sha256, 0),
           to_json(ModelPart{entry.use, entry.sha256, 0, std::string(50, 'x')}));
  feed.end();
  CHECK(arrivals(feed) == Words{"topics model_broken"});
  feed.put("sentiment-de", "{}");
  feed.put("nonsense", "{}");
  CHECK(arrivals(feed) == Words{"sentiment entry_malformed", "models entry_malformed"});
}

TEST_CASE("a place that cannot be reached is told once and tried again", "[sentiment][models]") {
  const std::string bytes = encode_topics(small_topics());
  int tries = 0;
  Feed feed([&](const std::string& location) -> Result<std::string> {
    CHECK(location == "s3://models/x");
    if (++tries < 3) return retry_batch("s3_unreachable", "away");
    return bytes;
  });
  ModelEntry entry = describe_model(bytes).value();
  entry.location = "s3://models/x";
  feed.put(entry.use, to_json(entry));
  feed.end();
  feed.end();
  CHECK(arrivals(feed) == Words{"topics s3_unreachable"});
  feed.end();
  feed.end();
  CHECK(arrivals(feed) == Words{"topics ready"});
  CHECK(tries == 3);
}

TEST_CASE("a withdrawn model without a file leaves posts without topics", "[sentiment][models]") {
  auto feed = std::make_unique<Feed>();
  Feed& topic = *feed;
  auto store = ModelStore::open({}, std::move(feed));
  REQUIRE(store);
  topic.publish(encode_topics(small_topics()), 1000);
  topic.publish(Model::encode(small_parts()), 100'000);
  topic.end();
  CHECK(store->topics() == nullptr);  // not before the batch's edge
  store->take_arrivals(nullptr);
  REQUIRE(store->topics() != nullptr);
  CHECK(store->sentiment().size() == 1);
  topic.remove("topics");
  topic.remove("sentiment-" + small_parts().language);
  topic.end();
  store->take_arrivals(nullptr);
  CHECK(store->topics() == nullptr);
  CHECK(store->sentiment().size() == 0);
}

}  // namespace rookery::sentiment_scoring
