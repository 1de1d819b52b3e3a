#include "common/runtime/topic_table.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

namespace rookery {
namespace {

TEST_CASE("the built-in table is whole, and the chain's topics have one width", "[topics]") {
  const auto topics = parse_topics(built_in_topics());
  REQUIRE(topics);
  const auto partitions = [&](std::string_view name) {
    const auto found = std::find_if(topics->begin(), topics->end(),
                                    [&](const auto& topic) { return topic.name == name; });
    return found == topics->end() ? 0 : found->partitions;
  };
  CHECK(partitions("raw_tweets") > 0);
  CHECK(partitions("raw_tweets") == partitions("enriched_tweets"));
  CHECK(partitions("raw_tweets") == partitions("processed_tweets"));
  CHECK(partitions("window_ranks") == 1);
  CHECK(partitions("trends") == 1);
}

TEST_CASE("retention and cleanup become Kafka's settings", "[topics]") {
  const auto topics = parse_topics(
      "[topic.t]\nkey='k'\nrecord='R'\nwriter='w'\nreaders=[]\npartitions=3\nretention='12h'\n"
      "cleanup='compact,delete'\nconfig={'segment.bytes'='1048576'}\n");
  REQUIRE(topics);
  CHECK(topics->front().settings() ==
        std::map<std::string, std::string>{{"cleanup.policy", "compact,delete"},
                                           {"retention.ms", "43200000"},
                                           {"segment.bytes", "1048576"}});
}

TEST_CASE("a broken table is refused by name", "[topics]") {
  const std::string head = "[topic.t]\nkey='k'\nrecord='R'\nwriter='w'\nreaders=[]\nconfig={}\n";
  const auto text = GENERATE_COPY(std::string("x = 1"), std::string("[topic.t"), head,
                                  head + "partitions=0\nretention='1d'\ncleanup='delete'\n",
                                  head + "partitions=1\nretention='soon'\ncleanup='delete'\n",
                                  head + "partitions=1\nretention='0d'\ncleanup='delete'\n",
                                  head + "partitions=1\nretention='1d'\ncleanup='burn'\n");
  INFO(text);
  const auto topics = parse_topics(text);
  REQUIRE_FALSE(topics);
  CHECK(topics.error().code == "topics_malformed");
}

}  // namespace
}  // namespace rookery
