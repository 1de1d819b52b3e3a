// What the services write is what proto/ says: protobuf's own strict parser reads
// each record of the golden files and of the internal topics.
#include "services/hashtag-window/records.hpp"

#include <fstream>
#include <map>
#include <set>

#include <catch2/catch.hpp>
#include <google/protobuf/util/message_differencer.h>

#include "common/kafka/progress.hpp"
#include "services/hashtag-window/kernel.hpp"
#include "services/hashtag-window/settings.hpp"
#include "services/ingest/compliance.hpp"
#include "services/ingest/live/stream_gap.hpp"
#include "services/sentiment-scoring/model_entry.hpp"
#include "tests/contract/contract.hpp"
#include "tests/unit/services/hashtag-window/simulation/pipe_chain.hpp"

namespace rookery::contract {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = "tests/golden";
const fs::path kExamples = "proto/examples";

/// The topic of a service's NAME.out.jsonl. The sink's go to no topic.
const std::map<std::string, std::string> kTopicOfOutput = {
    {"ingest", "raw_tweets"},
    {"geo-enrich", "enriched_tweets"},
    {"sentiment-scoring", "processed_tweets"},
    {"hashtag-window", "trends"},
    {"chain", "trends"},
};

using Records = std::map<std::string, std::vector<std::string>>;  // by topic

void add_golden_files(Records& records) {
  for (const auto& entry : fs::directory_iterator(kGolden)) {
    if (!entry.is_directory()) continue;
    const auto output = kTopicOfOutput.find(entry.path().filename());
    for (const auto& file : files_in(entry.path(), ".out.jsonl")) {
      // later.out.jsonl has fields of a later contract, which a stage leaves as they are.
      if (output == kTopicOfOutput.end() || file.filename() == "later.out.jsonl") continue;
      for (auto& line : lines_of(file)) {
        if (!is_deletion(line)) records[output->second].push_back(std::move(line));
      }
    }
    for (const auto& file : files_in(entry.path(), ".dead.jsonl")) {
      for (auto& line : lines_of(file)) records["dead_letters"].push_back(std::move(line));
    }
  }
}

/// The input of hashtag-window's golden test of links; the only one of that topic.
const fs::path kLinks = "url_clusters.in.jsonl";

/// What the contract demands of url-cluster, and hashtag-window makes of it. The dead letters are
/// among its lines, so those that break the contract on purpose are left out.
void add_link_records(Records& records) {
  hashtag_window::WindowOptions options;
  options.windows = {"5m/1m", "1h/30m"};
  options.dimensions = {"url_cluster"};
  const auto settings = hashtag_window::make_settings(options, 6, 4, hashtag_window::kLinks);
  REQUIRE(settings);
  const fs::path input = kGolden / "hashtag-window" / kLinks;
  std::ifstream lines(input);
  auto output = simulation::run_chain(lines, *settings, 5);
  records["url_window_partials"] = std::move(output.partials);
  records["url_window_ranks"] = std::move(output.ranks);
  for (auto& line : output.late) records["late_tweets"].push_back(std::move(line));
  for (auto& line : lines_of(input)) {
    const bool refused = line.find(R"("cluster_model")") == std::string::npos;
    if (!is_deletion(line) && !refused) records["clustered_urls"].push_back(std::move(line));
  }
}

/// The topics within hashtag-window do not show in a filter's output, so the
/// stages run here over its golden inputs; with few exact authors, so that there
/// are sketches too, and with early results and pairs of cell and hashtag.
void add_window_records(Records& records) {
  for (const std::int64_t authors_exact_max : {2, 64}) {
    hashtag_window::WindowOptions options;
    options.windows = {"5m/1m", "1h/10s"};
    options.authors_exact_max = authors_exact_max;
    if (authors_exact_max == 2) {
      options.early = std::chrono::seconds(1);
      options.dimensions = {"hashtag", "cell8"};
    }
    const auto settings = hashtag_window::make_settings(options, 6, 4);
    REQUIRE(settings);
    for (const auto& file : files_in(kGolden / "hashtag-window", ".in.jsonl")) {
      if (file.filename() == kLinks) continue;
      std::ifstream lines(file);
      auto output = simulation::run_chain(lines, *settings, 5);
      for (auto& line : output.partials) records["window_partials"].push_back(std::move(line));
      for (auto& line : output.ranks) records["window_ranks"].push_back(std::move(line));
      for (auto& line : output.trends) records["trends"].push_back(std::move(line));
      for (auto& line : output.late) records["late_tweets"].push_back(std::move(line));
    }
  }
}

/// Which only a service with a group writes: a pane with one post.
std::string saved_panes(const std::string& dimension) {
  using namespace hashtag_window;
  WindowOptions options;
  options.windows = {"24h/1m"};
  const auto settings = make_settings(options, 6, 4);
  REQUIRE(settings);
  WindowKernel kernel(*settings);
  constexpr Pane kPane = 29'920'440;
  AuthorSet authors;
  authors.insert(7, settings->authors_exact_max);
  kernel.add({.dimension = dimension,
              .key = "wien",
              .spelling = "Wien",
              .pane = kPane,
              .from = kPane,
              .count = 1,
              .sentiment = 500,
              .times = {12'000, 12'000}},
             authors);
  kernel.slide(kPane + 1);
  std::string record;
  kernel.save(
      kPane, kPane + 15, [](Pane pane) { return pane == kPane ? 41 : -1; },
      [&](const std::string& panes) {
        SavedPanes saved{.dimension = dimension, .begin = kPane, .end = kPane + 15, .panes = panes};
        saved.block = saved.check();
        append_panes(record, saved);
      });
  return record;
}

ingest::StreamGap stalled_stream() {
  using namespace std::chrono;
  const WallTime noon = sys_days(2026y / March / 1) + 12h;
  return {.source = "x-stream",
          .location = "https://api.x.com",
          .reason = ingest::GapReason::kStalled,
          .started_at = noon,
          .ended_at = noon + 21'250ms,
          .detail = "nothing came for 21000 ms"};
}

/// As X's compliance stream for users sends it.
std::string scrubbed_author() {
  using namespace std::chrono;
  ingest::ComplianceDemand demand;
  demand.kind = "scrub_geo";
  demand.user_id = "14090452";
  demand.up_to_post_id = "23260136625";
  demand.event_at = sys_days(2026y / March / 1) + 12h;
  std::string record;
  ingest::append_compliance_event(record, demand, {.source = "file", .received_at = std::nullopt});
  return record;
}

std::string withheld_post() {
  ingest::ComplianceDemand demand;
  demand.kind = "post_withheld";
  demand.post_id = "1234567890";
  demand.countries = {"DE", "AR"};
  std::string record;
  ingest::append_compliance_event(record, demand,
                                  {.source = "x-stream", .received_at = WallTime{}});
  return record;
}

/// An entry by its records, the first of them, and one by its place.
std::vector<std::string> model_records() {
  using namespace std::chrono;
  sentiment_scoring::ModelEntry entry{
      .use = "topics",
      .id = "small-5b0d1c7a",
      .sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      .bytes = 123'456,
      .parts = 1,
      .published_at = sys_days(2026y / March / 1) + 12h};
  std::vector<std::string> records{to_json(entry)};
  records.push_back(
      to_json(sentiment_scoring::ModelPart{entry.use, entry.sha256, 0, std::string("\0\xff", 2)}));
  entry.parts = 0;
  entry.location = "s3://models/small-5b0d1c7a.model";
  records.push_back(to_json(entry));
  return records;
}

const Records& all_records() {
  static const Records all = [] {
    Records records;
    add_golden_files(records);
    add_window_records(records);
    add_link_records(records);
    ingest::append_stream_gap(records["stream_gaps"].emplace_back(), stalled_stream());
    records["window_panes"] = {saved_panes("hashtag")};
    records["url_window_panes"] = {saved_panes("url_cluster")};
    records["compliance_events"] = {scrubbed_author(), withheld_post()};
    // Redundant instances write there what they would write to raw_tweets.
    records["ingest_candidates"] = records["raw_tweets"];
    for (auto& line : model_records()) records["models"].push_back(std::move(line));
    for (const auto* file : {"posts/2026-03-01.jsonl.gz", "odd \"name\".jsonl"}) {
      records["ingest_cursors"].push_back(kafka::cursor_record(
          std::string("file ") + file, {Offset(56), R"({"file":0,"byte":1234,"line":56})"}));
    }
    return records;
  }();
  return all;
}

TEST_CASE("protobuf's strict parser takes every record that the services write") {
  for (const auto& topic : topics()) {
    INFO("topic " << topic.name);
    const auto& type = message_of(topic.name);
    REQUIRE(all_records().contains(topic.name));
    CHECK_FALSE(all_records().at(topic.name).empty());
    for (const auto& line : all_records().at(topic.name)) {
      INFO(line);
      CHECK(parse_strictly(type, line).error == "");
    }
  }
}

TEST_CASE("the strict parser refuses what the contract does not have") {
  const auto& type = message_of("raw_tweets");
  CHECK(parse_strictly(type, R"({"id":"1","text":"a"})").error == "");
  CHECK(parse_strictly(type, R"({"id":"1","txt":"a"})").error != "");
  CHECK(parse_strictly(type, R"({"id":"1","text":["a"]})").error != "");
  CHECK(parse_strictly(type, R"({"id":"1","created_at":"yesterday"})").error != "");
}

/// "trends.json" and "window_ranks.closed.json" belong to trends and window_ranks.
std::string topic_of_example(const fs::path& file) {
  const std::string name = file.filename();
  return name.substr(0, name.find('.'));
}

/// Whether `example` is one of the topic's records; when a letter failed is not
/// in the golden files.
bool is_real(const google::protobuf::Message& example, const std::string& topic) {
  google::protobuf::util::MessageDifferencer differencer;
  if (const auto* failed_at = example.GetDescriptor()->FindFieldByName("failed_at")) {
    differencer.IgnoreField(failed_at);
  }
  for (const auto& line : all_records().at(topic)) {
    const auto parsed = parse_strictly(*example.GetDescriptor(), line);
    if (differencer.Compare(example, *parsed.message)) return true;
  }
  return false;
}

TEST_CASE("each topic has an example, and it is a record that a service wrote") {
  std::set<std::string> shown;
  for (const auto& file : files_in(kExamples, ".json")) {
    INFO(file);
    const std::string topic = topic_of_example(file);
    const auto parsed = parse_strictly(message_of(topic), content_of(file));
    REQUIRE(parsed.error == "");
    CHECK(is_real(*parsed.message, topic));
    shown.insert(topic);
  }
  for (const auto& topic : topics()) {
    INFO("proto/examples/" << topic.name << ".json");
    CHECK(shown.contains(topic.name));
  }
}

// contract_test "[show]" writes TOPIC.jsonl: what examples are chosen from.
TEST_CASE("the records of the internal topics are shown", "[.][show]") {
  for (const auto* topic :
       {"window_partials", "window_panes", "window_ranks", "late_tweets", "ingest_cursors",
        "clustered_urls", "url_window_partials", "url_window_panes", "url_window_ranks"}) {
    std::ofstream file(std::string(topic) + ".jsonl");
    for (const auto& line : all_records().at(topic)) file << line << '\n';
  }
}

}  // namespace
}  // namespace rookery::contract
