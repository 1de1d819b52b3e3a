// What latency.py measures with: both ends of ingest in one process, so that one clock tells.
//
//   latency-probe BROKERS x|jetstream TEMPLATES FIRST_ID POSTS_PER_SECOND WARM_UP_SECONDS SECONDS
//     [DUMP]
//
// Serves a stream on a port of loopback and reads raw_tweets with read_committed. Messages are
// the lines of TEMPLATES in turn, with the post's number, from FIRST_ID on, in place of @ID@; a
// record's number is the digits at the end of its key. Post n is sent n / POSTS_PER_SECOND after
// the client has come, warm-up included. Prints "port N", "measuring" and "measured" when that
// begins and ends, and a line of JSON. Of each post:
//   late     from when it was due to its sending (how busy the machine is)
//   log      from the moment before it is written to the socket to its appending to the broker's
//            log, by the broker's clock (LogAppendTime, which the topic is set to; whole ms,
//            rounded up)
//   visible  from the same moment to its arrival at the reader
// DUMP gets a line for each post of the measured time: number, ms of sending, late, log, visible.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/kafka/admin.hpp"
#include "tests/bench/probe_clients.hpp"
#include "tests/bench/stream_server.hpp"

namespace rookery::bench {
namespace {

using kafka::check;
using kafka::expect;
using Steady = std::chrono::steady_clock;
using Wall = std::chrono::system_clock;
using std::chrono::milliseconds;

constexpr std::string_view kMark = "@ID@";
constexpr milliseconds kWaitMax{10'000};  ///< For what is still under way at the end.
const std::string kTopic = "raw_tweets";

/// What is known of one post; the epoch where it is not.
struct Times {
  Steady::time_point due;
  Steady::time_point sent;
  Wall::time_point sent_wall;
  Wall::time_point appended;
  Steady::time_point seen;
};

struct Template {
  std::string before;
  std::string behind;
};

struct Plan {
  std::int64_t first_id = 0;
  std::int64_t per_second = 0;
  std::int64_t warm_up_seconds = 0;
  std::int64_t seconds = 0;
};

std::vector<Template> read_templates(const std::string& path) {
  std::vector<Template> templates;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    const auto at = line.find(kMark);
    check(at != std::string::npos, path + ": a line without @ID@");
    templates.push_back({line.substr(0, at), line.substr(at + kMark.size())});
  }
  check(!templates.empty(), path + ": expected lines");
  return templates;
}

/// Sends at the plan's pace.
void serve(StreamServer& server, std::span<const Template> templates, const Plan& plan,
           std::span<Times> times) {
  server.accept();
  const auto start = Steady::now();
  const auto warm = static_cast<std::size_t>(plan.per_second * plan.warm_up_seconds);
  for (std::size_t i = 0; i < times.size(); ++i) {
    const Template& parts = templates[i % templates.size()];
    const auto number = static_cast<std::int64_t>(i);
    const std::string message =
        parts.before + std::to_string(plan.first_id + number) + parts.behind;
    times[i].due =
        start + std::chrono::nanoseconds(std::chrono::seconds(1)) * number / plan.per_second;
    std::this_thread::sleep_until(times[i].due);
    if (i == warm) std::puts("measuring");
    times[i].sent_wall = Wall::now();
    times[i].sent = Steady::now();
    server.send(message);
  }
  std::puts("measured");
}

std::int64_t number_at_end(std::string_view key) {
  const auto begin = key.find_last_not_of("0123456789") + 1;
  return std::atoll(std::string(key.substr(begin)).c_str());
}

/// Notes when the posts arrive, each at its first time.
void receive(rd_kafka_t& client, const std::stop_token& stop, std::int64_t first_id,
             std::span<Times> times) {
  std::size_t missing = times.size();
  while (missing > 0 && !stop.stop_requested()) {
    const kafka::Message message(rd_kafka_consumer_poll(&client, 100));
    if (!message || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const auto now = Steady::now();
    const auto index = static_cast<std::size_t>(
        number_at_end({static_cast<const char*>(message->key), message->key_len}) - first_id);
    if (index >= times.size() || times[index].seen != Steady::time_point{}) continue;
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    const milliseconds appended(rd_kafka_message_timestamp(message.get(), &type));
    check(type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME, "a record without LogAppendTime");
    times[index].appended = Wall::time_point(appended + milliseconds(1));
    times[index].seen = now;
    --missing;
  }
}

template <typename Duration>
double to_ms(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

void print_percentiles(const char* name, std::vector<double> values) {
  std::sort(values.begin(), values.end());
  for (const auto share : std::array<std::size_t, 4>{50, 90, 95, 99}) {
    const std::size_t at = std::min(values.size() - 1, values.size() * share / 100);
    std::printf("\"%s_p%zu_ms\":%.1f,", name, share, values[at]);
  }
  std::printf("\"%s_max_ms\":%.1f,", name, values.back());
}

void report(std::span<const Times> times, const char* dump_path) {
  std::vector<double> late;
  std::vector<double> log;
  std::vector<double> visible;
  for (const Times& post : times) {
    late.push_back(to_ms(post.sent - post.due));
    if (post.seen == Steady::time_point{}) continue;
    log.push_back(to_ms(post.appended - post.sent_wall));
    visible.push_back(to_ms(post.seen - post.sent));
  }
  check(!visible.empty(), "nothing arrived");
  if (dump_path != nullptr) {
    std::ofstream dump(dump_path);
    for (std::size_t i = 0; i < times.size(); ++i) {
      if (times[i].seen == Steady::time_point{}) continue;
      dump << i << ' ' << to_ms(times[i].sent - times[0].sent) << ' '
           << to_ms(times[i].sent - times[i].due) << ' '
           << to_ms(times[i].appended - times[i].sent_wall) << ' '
           << to_ms(times[i].seen - times[i].sent) << '\n';
    }
  }
  std::printf("{");
  print_percentiles("late", std::move(late));
  print_percentiles("log", std::move(log));
  const std::size_t missing = times.size() - visible.size();
  print_percentiles("visible", std::move(visible));
  std::printf("\"posts\":%zu,\"missing\":%zu}\n", times.size(), missing);
}

/// So that a record tells when the broker had it.
void stamp_by_log(kafka::Probe& probe) {
  const auto admin =
      expect(kafka::Admin::create(probe.connection(), probe.log(), std::chrono::seconds(10)));
  const auto set = admin->alter_settings(kTopic, {{"message.timestamp.type", "LogAppendTime"}});
  check(set.has_value(), set ? "" : set.error().message);
}

int run(std::span<char*> arguments) {
  const std::string_view form = arguments.size() > 2 ? arguments[2] : "";
  if ((arguments.size() != 8 && arguments.size() != 9) || (form != "x" && form != "jetstream")) {
    std::fprintf(stderr,
                 "usage: latency-probe BROKERS x|jetstream TEMPLATES FIRST_ID POSTS_PER_SECOND "
                 "WARM_UP_SECONDS SECONDS [DUMP]\n");
    return 64;
  }
  const auto number = [&](std::size_t i) { return std::atoll(arguments[i]); };
  const Plan plan{number(4), number(5), number(6), number(7)};
  check(plan.per_second > 0 && plan.warm_up_seconds >= 0 && plan.seconds > 0,
        "expected a rate and a time above 0");
  SystemClock clock;
  Log log("latency-probe", clock);
  kafka::Probe probe(log, arguments[1]);
  const auto templates = read_templates(arguments[3]);
  std::vector<Times> times(
      static_cast<std::size_t>(plan.per_second * (plan.warm_up_seconds + plan.seconds)));
  stamp_by_log(probe);
  const auto consumer = probe.read_from_end(kTopic);
  std::jthread reader(
      [&](const std::stop_token& stop) { receive(*consumer, stop, plan.first_id, times); });
  // Who started the probe waits for these lines.
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  StreamServer server(form == "x" ? Framing::kChunks : Framing::kWebSocket);
  std::printf("port %u\n", static_cast<unsigned>(server.port()));
  serve(server, templates, plan, times);
  std::jthread limit([&](const std::stop_token& done) {
    for (const auto end = Steady::now() + kWaitMax; Steady::now() < end && !done.stop_requested();)
      std::this_thread::sleep_for(milliseconds(20));
    reader.request_stop();
  });
  reader.join();
  report(std::span(times).subspan(static_cast<std::size_t>(plan.per_second * plan.warm_up_seconds)),
         arguments.size() == 9 ? arguments[8] : nullptr);
  return 0;
}

}  // namespace
}  // namespace rookery::bench

int main(int argc, char** argv) {
  return rookery::bench::run(std::span(argv, static_cast<std::size_t>(argc)));
}
