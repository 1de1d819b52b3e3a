// What chain.py cannot do itself for lack of a Kafka client:
//
//   chain-probe fill BROKERS TOPIC RECORDS BYTES
//     writes records with values of that size.
//   chain-probe latency BROKERS TOPIC_IN TOPIC_OUT POSTS_PER_SECOND WARM_UP_SECONDS SECONDS
//     writes posts at a steady pace, reads what comes out of the chain with
//     read_committed, matches by id, and prints the times between as JSON.
//   chain-probe hashtags BROKERS TOPIC HOURS POSTS_PER_SECOND KEYS
//     writes the posts of so many hours of event time up to now as fast as it can, as
//     sentiment-scoring leaves them, each with one of KEYS hashtags by Zipf's law.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/records/timestamp.hpp"
#include "tests/bench/probe_clients.hpp"
#include "tests/bench/zipf.hpp"

namespace rookery::kafka {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::int64_t kFirstId = 1'900'000'000'000'000'000;
constexpr milliseconds kWaitMax{20'000};  ///< For what is still under way at the end.
constexpr int kTimeoutMs = 10'000;

void produce(rd_kafka_t& client, rd_kafka_topic_t& topic, std::string key, std::string value) {
  while (rd_kafka_produce(&topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value.data(),
                          value.size(), key.data(), key.size(), nullptr) != 0) {
    check(rd_kafka_last_error() == RD_KAFKA_RESP_ERR__QUEUE_FULL, "writing failed");
    rd_kafka_poll(&client, 10);
  }
  rd_kafka_poll(&client, 0);
}

/// Text of words, as posts are: neither all alike nor noise.
std::string words(std::mt19937& random, std::size_t bytes) {
  static constexpr std::array<std::string_view, 16> kWords = {
      "coffee", "river", "the",   "morning", "train",    "of",    "again",  "https://t.co/",
      "and",    "city",  "never", "match",   "tomorrow", "music", "people", "a"};
  std::string text;
  while (text.size() < bytes) {
    text += kWords[random() % kWords.size()];
    text += random() % 4 == 0 ? std::to_string(random() % 100'000) + " " : " ";
  }
  text.resize(bytes);
  return text;
}

int fill(Probe& probe, const std::string& topic_name, int records, std::size_t bytes) {
  const auto client = probe.client(
      RD_KAFKA_PRODUCER,
      {{"enable.idempotence", "true"}, {"linger.ms", "20"}, {"compression.type", "lz4"}});
  const TopicHandle topic(rd_kafka_topic_new(client.get(), topic_name.c_str(), nullptr));
  std::mt19937 random(7);
  for (int i = 0; i < records; ++i) {
    produce(*client, *topic, std::to_string(kFirstId + i), words(random, bytes));
  }
  check(rd_kafka_flush(client.get(), 60'000) == RD_KAFKA_RESP_ERR_NO_ERROR, "flushing timed out");
  return 0;
}

std::string post(std::int64_t i) {
  std::string json = R"({"id":")" + std::to_string(kFirstId + i) +
                     R"(","text":"I love how the train to the coast is on time again, what a )"
                     R"(morning #travel","created_at":"2026-01-01T00:00:00Z","lang":"en",)"
                     R"("author":{"id":"900001","username":"someone","followers_count":321},)"
                     R"("entities":{"hashtags":[{"start":68,"end":75,"tag":"travel"}]})";
  if (i % 10 == 0) json += R"(,"coordinates":{"lat":48.2082,"lon":16.3738})";
  return json + "}";
}

/// When each post came out; the epoch where it did not.
void receive(rd_kafka_t& client, const std::stop_token& stop, std::span<Steady::time_point> seen) {
  std::size_t missing = seen.size();
  while (missing > 0 && !stop.stop_requested()) {
    const Message message(rd_kafka_consumer_poll(&client, 100));
    if (!message || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const std::string key(static_cast<const char*>(message->key), message->key_len);
    const auto index = static_cast<std::size_t>(std::atoll(key.c_str()) - kFirstId);
    if (index >= seen.size() || seen[index] != Steady::time_point{}) continue;
    seen[index] = Steady::now();
    --missing;
  }
}

void report(std::span<const Steady::time_point> sent, std::span<const Steady::time_point> seen) {
  std::vector<double> times;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (seen[i] == Steady::time_point{}) continue;
    times.push_back(std::chrono::duration<double, std::milli>(seen[i] - sent[i]).count());
  }
  check(!times.empty(), "nothing came out");
  std::sort(times.begin(), times.end());
  const auto quantile = [&times](std::size_t percent) {
    return times[std::min(times.size() - 1, times.size() * percent / 100)];
  };
  std::printf(
      "{\"posts\":%zu,\"missing\":%zu,\"p50_ms\":%.2f,\"p90_ms\":%.2f,\"p99_ms\":%.2f,"
      "\"max_ms\":%.2f}\n",
      sent.size(), sent.size() - times.size(), quantile(50), quantile(90), quantile(99),
      times.back());
}

struct Pace {
  std::int64_t per_second;
  std::int64_t warm_up_seconds;
  std::int64_t seconds;
};

int latency(Probe& probe, const std::string& topic_in, const std::string& topic_out, Pace pace) {
  const auto producer = probe.client(
      RD_KAFKA_PRODUCER,
      {{"enable.idempotence", "true"}, {"linger.ms", "0"}, {"partitioner", "murmur2_random"}});
  const TopicHandle topic(rd_kafka_topic_new(producer.get(), topic_in.c_str(), nullptr));
  const auto consumer = probe.read_from_end(topic_out);
  const auto count =
      static_cast<std::size_t>(pace.per_second * (pace.warm_up_seconds + pace.seconds));
  std::vector<Steady::time_point> sent(count);
  std::vector<Steady::time_point> seen(count);
  std::stop_source give_up;
  std::thread reader([&] { receive(*consumer, give_up.get_token(), seen); });
  std::jthread limit([&](const std::stop_token& done) {
    const auto end =
        Steady::now() + std::chrono::seconds(pace.warm_up_seconds + pace.seconds) + kWaitMax;
    while (Steady::now() < end && !done.stop_requested())
      std::this_thread::sleep_for(milliseconds(50));
    give_up.request_stop();
  });
  const auto start = Steady::now();
  for (std::size_t i = 0; i < count; ++i) {
    std::this_thread::sleep_until(start + std::chrono::nanoseconds(std::chrono::seconds(1)) *
                                              static_cast<std::int64_t>(i) / pace.per_second);
    sent[i] = Steady::now();
    const auto number = static_cast<std::int64_t>(i);
    produce(*producer, *topic, std::to_string(kFirstId + number), post(number));
  }
  rd_kafka_flush(producer.get(), kTimeoutMs);
  reader.join();
  const auto warm = static_cast<std::size_t>(pace.per_second * pace.warm_up_seconds);
  report(std::span(sent).subspan(warm), std::span(seen).subspan(warm));
  return 0;
}

std::string tagged_post(std::int64_t i, WallTime at, std::size_t key) {
  constexpr std::int64_t kAuthors = 1'000'003;
  const std::string tag = "tag" + std::to_string(key * 2'654'435'761U % 100'000'007U);
  std::string json = R"({"id":")" + std::to_string(kFirstId + i) + R"(","text":"again #)" + tag +
                     R"(","created_at":")" + to_rfc3339(at) + R"(","lang":"en","author":{"id":")" +
                     std::to_string(i * 7'919 % kAuthors) +
                     R"("},"entities":{"hashtags":[{"start":6,"end":)" +
                     std::to_string(tag.size() + 7) + R"(,"tag":")" + tag + R"("}]},)" +
                     R"("sentiment":{"label":"positive","score":0.5,"model":"bench"}})";
  return json;
}

int hashtags(Probe& probe, const std::string& topic_name, std::chrono::hours span,
             std::int64_t per_second, std::size_t keys) {
  const auto client = probe.client(RD_KAFKA_PRODUCER, {{"enable.idempotence", "true"},
                                                       {"linger.ms", "50"},
                                                       {"compression.type", "lz4"},
                                                       {"partitioner", "murmur2_random"}});
  const TopicHandle topic(rd_kafka_topic_new(client.get(), topic_name.c_str(), nullptr));
  bench::Zipf tags(keys);
  const WallTime begin = SystemClock().wall_now() - span;
  const std::int64_t count = std::chrono::seconds(span).count() * per_second;
  for (std::int64_t i = 0; i < count; ++i) {
    const WallTime at = begin + milliseconds(i * 1000 / per_second);
    produce(*client, *topic, std::to_string(kFirstId + i), tagged_post(i, at, tags.next()));
  }
  check(rd_kafka_flush(client.get(), 60'000) == RD_KAFKA_RESP_ERR_NO_ERROR, "flushing timed out");
  return 0;
}

int run(std::span<char*> arguments) {
  SystemClock clock;
  Log log("chain-probe", clock);
  const auto number = [&](std::size_t i) { return std::atoll(arguments[i]); };
  const std::string_view command = arguments.size() > 1 ? arguments[1] : "";
  if (command == "fill" && arguments.size() == 6) {
    Probe probe(log, arguments[2]);
    return fill(probe, arguments[3], static_cast<int>(number(4)),
                static_cast<std::size_t>(number(5)));
  }
  if (command == "latency" && arguments.size() == 8) {
    Probe probe(log, arguments[2]);
    return latency(probe, arguments[3], arguments[4], {number(5), number(6), number(7)});
  }
  if (command == "hashtags" && arguments.size() == 7) {
    Probe probe(log, arguments[2]);
    return hashtags(probe, arguments[3], std::chrono::hours(number(4)), number(5),
                    static_cast<std::size_t>(number(6)));
  }
  std::fprintf(stderr,
               "usage: chain-probe fill BROKERS TOPIC RECORDS BYTES\n"
               "       chain-probe latency BROKERS TOPIC_IN TOPIC_OUT POSTS_PER_SECOND "
               "WARM_UP_SECONDS SECONDS\n"
               "       chain-probe hashtags BROKERS TOPIC HOURS POSTS_PER_SECOND KEYS\n");
  return 64;
}

}  // namespace
}  // namespace rookery::kafka

int main(int argc, char** argv) {
  return rookery::kafka::run(std::span(argv, static_cast<std::size_t>(argc)));
}
