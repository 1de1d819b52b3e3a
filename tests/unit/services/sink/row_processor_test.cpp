#include "services/sink/row_processor.hpp"

#include <catch2/catch.hpp>

#include "services/sink/file_store.hpp"
#include "tests/unit/services/sink/fakes.hpp"

namespace rookery::sink {
namespace {

using namespace std::chrono_literals;

RowProcessor make_processor(StoreLink& link) {
  Encoders encoders;
  encoders["posts"] = make_jsonl_encoder();
  return {std::move(encoders), link};
}

TEST_CASE("a row keeps topic, partition and key of its record", "[sink][processor]") {
  StoreLink link;
  auto processor = make_processor(link);
  Outputs out;
  std::string topic = "posts";
  REQUIRE(processor.process({topic, Partition(4), Offset(9), {}, "k", "{}", {}}, out));
  REQUIRE(processor.process({topic, Partition(4), Offset(10), {}, "k", std::nullopt, {}}, out));
  topic = "xxxxx";  // the source's buffer is used again
  REQUIRE(out.size() == 2);
  CHECK(out.at(0).topic == "posts");
  CHECK(out.at(0).partition == Partition(4));
  CHECK(out.at(0).key == "k");
  CHECK(out.at(0).value == "{}\n");
  CHECK(out.at(1).value == "{\"id\":\"k\",\"deleted\":true}\n");
}

TEST_CASE("a record that cannot be taken is a dead letter", "[sink][processor]") {
  StoreLink link;
  auto processor = make_processor(link);
  Outputs out;
  const auto done = processor.process({"posts", Partition(0), Offset(0), {}, "k", "{", {}}, out);
  REQUIRE_FALSE(done);
  CHECK(done.error().disposition == Disposition::kDeadLetter);
}

TEST_CASE("early rankings are kept, or skipped where that is asked for", "[sink][processor]") {
  const std::string open = R"({"dimension":"d","window":"w","start":"s","end":"e","final":false})";
  const std::string closed = R"({"dimension":"d","window":"w","start":"s","end":"e","final":true})";
  StoreLink link;
  for (const EarlyResults early : {EarlyResults::kKeep, EarlyResults::kSkip}) {
    Encoders encoders;
    encoders["trends"] = make_jsonl_encoder();
    encoders["posts"] = make_jsonl_encoder();
    RowProcessor processor(std::move(encoders), link, early);
    Outputs out;
    REQUIRE(processor.process({"trends", Partition(0), Offset(0), {}, "k", open, {}}, out));
    CHECK(out.empty() == (early == EarlyResults::kSkip));
    REQUIRE(processor.process({"trends", Partition(0), Offset(1), {}, "k", closed, {}}, out));
    REQUIRE(processor.process({"posts", Partition(0), Offset(2), {}, "k", open, {}}, out));
    CHECK(out.size() == (early == EarlyResults::kSkip ? 2 : 3));
    CHECK_FALSE(processor.process({"trends", Partition(0), Offset(3), {}, "k", "{", {}}, out));
  }
}

TEST_CASE("the store hears about partitions, and reminds the loop of what is due",
          "[sink][processor]") {
  const ScratchFolder folder;
  HandClock clock;
  FakeCommitter group;
  StoreLink link;
  auto processor = make_processor(link);
  const TopicPartition partition{"posts", Partition(0)};
  CHECK(processor.assign(partition, std::nullopt));  // no store yet: nothing to tell
  auto store = FileStore::open({.directory = folder.path, .extension = "jsonl", .headers = {}},
                               link, &group, clock);
  REQUIRE(store);
  folder.put("posts-0-00000000000000000000.jsonl.partial", "stale");
  REQUIRE(processor.assign(partition, std::nullopt));
  CHECK(folder.files().empty());

  REQUIRE((*store)->write({"posts", Partition(0), "k", "{}\n", Offset(0)}));
  REQUIRE((*store)->commit({{partition, {Offset(1), ""}}}));
  Outputs out;
  Progress progress;
  REQUIRE(processor.finish_batch({clock.now + 2min}, out, progress));
  CHECK(progress == Progress{{partition, {Offset(1), ""}}});
  processor.revoke(partition);
  progress.clear();
  REQUIRE(processor.finish_batch({clock.now + 2min}, out, progress));
  CHECK(progress.empty());
  store->reset();
  REQUIRE(processor.finish_batch({clock.now + 2min}, out, progress));
}

}  // namespace
}  // namespace rookery::sink
