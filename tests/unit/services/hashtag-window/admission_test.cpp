#include "services/hashtag-window/admission.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "common/runtime/measurement.hpp"
#include "services/hashtag-window/partial_stage.hpp"
#include "tests/unit/services/hashtag-window/stages_support.hpp"

namespace rookery::hashtag_window {
namespace {

using Keys = std::vector<PostKeys::Key>;

/// With the index of its partition.
struct Counted {
  Admission admission;
  DeletionIndex index;
  std::int64_t offset = 0;

  Keys admit(Pane pane, const Keys& keys, std::size_t places) {
    const Keys counted =
        admission.admit(pane, offset, keys, {.places_max = places, .index = index});
    index.insert(std::to_string(offset), {.offset = offset, .pane = pane}, counted);
    ++offset;
    return counted;
  }
};

PostKeys::Key tag(std::string_view text, std::string_view spelling = {}) {
  return {Dimension::kHashtag, text, spelling};
}

std::string as_text(const Keys& keys) {
  std::string text;
  for (const auto& key : keys) {
    if (!text.empty()) text += ' ';
    text.append(key.text);
    if (!key.spelling.empty()) text.append("/").append(key.spelling);
  }
  return text;
}

TEST_CASE("of a pane's keys the first are counted, and stay", "[admission]") {
  Counted counted;
  Admission& admission = counted.admission;
  const auto admit = [&](Pane pane, const Keys& keys) {
    return as_text(counted.admit(pane, keys, 3));
  };
  CHECK(admit(7, {tag("a"), tag("b")}) == "a b");
  CHECK(admission.refusals().empty());
  CHECK(admit(7, {tag("c"), tag("d"), tag("a"), tag("e")}) == "c a");
  REQUIRE(admission.refusals().size() == 1);
  CHECK(admission.refusals()[0].keys == 2);
  CHECK(admission.refusals()[0].first);
  CHECK(admit(7, {tag("d"), tag("c")}) == "c");
  CHECK_FALSE(admission.refusals()[0].first);
  CHECK(admit(8, {tag("d")}) == "d");
  CHECK(admit(7, {{Dimension::kLang, "d", {}}, tag("d")}) == "d");
  CHECK(admission.refusals().size() == 1);
  CHECK(admit(7, {}).empty());
  CHECK(admission.refusals().empty());
  admission.close_below(8);
  CHECK(admit(7, {tag("d")}) == "d");
  CHECK(admit(8, {tag("x"), tag("y"), tag("z")}) == "x y");
  admission.forget();
  CHECK(admit(8, {tag("z")}) == "z");
  CHECK(admission.bytes() > 0);
}

TEST_CASE("a spelling takes a place of its own, and never one of its key", "[admission]") {
  Counted counted;
  const Admission& admission = counted.admission;
  const auto admit = [&](const Keys& keys) { return as_text(counted.admit(1, keys, 3)); };
  CHECK(admit({tag("a", "A")}) == "a/A");
  CHECK(admit({tag("b", "B")}) == "b");  // The key had the last place.
  REQUIRE(admission.refusals().size() == 1);
  CHECK(admission.refusals()[0].keys == 0);
  CHECK(admission.refusals()[0].first);
  CHECK(admit({tag("b"), tag("a"), tag("a", "Ã")}) == "b a a");
  CHECK(admit({tag("c", "C"), tag("a", "A")}) == "a/A");
}

TEST_CASE("every 32 bytes take one more place", "[admission]") {
  const auto fits = [](std::size_t bytes, std::size_t places) {
    Counted counted;
    const std::string text(bytes, 'x');
    return !counted.admit(1, {tag(text)}, places).empty();
  };
  CHECK(fits(31, 1));
  CHECK_FALSE(fits(32, 1));
  CHECK(fits(32, 2));
  CHECK(fits(4096, 129));
  CHECK_FALSE(fits(4096, 128));
  Counted counted;
  const std::string text(40, 'x');
  CHECK(as_text(counted.admit(1, {tag(text), tag("a"), tag("b")}, 2)) == text);
  CHECK(as_text(counted.admit(2, {tag("b"), tag(text), tag("a")}, 2)) == "b a");
}

TEST_CASE("the names of a pane are those of all its posts, deleted ones too", "[admission]") {
  Counted counted;
  Keys keys;
  CHECK(as_text(counted.admit(1, {tag("a")}, 3)) == "a");
  CHECK(as_text(counted.admit(2, {tag("x")}, 3)) == "x");
  CHECK(as_text(counted.admit(1, {tag("b", "B")}, 3)) == "b/B");
  REQUIRE(counted.index.take("2", keys));
  REQUIRE(counted.index.take("0", keys));
  // Before here nothing but numbers was kept.
  CHECK(as_text(counted.admit(1, {tag("c"), tag("a"), tag("x"), tag("b", "B")}, 3)) == "a b/B");
  CHECK(as_text(counted.admit(2, {tag("c"), tag("a"), tag("b")}, 3)) == "c a");
}

TEST_CASE("junk keys are refused, counted and told to every partition, once", "[partial]") {
  Settings settings = settings_of(1);
  settings.open_keys_max = 2;
  PartialStage stage(settings);
  const auto give = [&](std::int64_t offset, const std::string& id, const char* hashtag) {
    Outputs out;
    Progress progress;
    REQUIRE(stage.process(record(offset, post(id, kNoon, hashtag), id), out));
    REQUIRE(stage.finish_batch({}, out, progress));
    stage.on_commit();
    std::vector<std::string> refused;
    std::string last;
    for (std::size_t i = 0; i < out.size(); ++i) {
      last = *out.at(i).value;
      if (last.find("refused") == std::string::npos) continue;
      CHECK(last == R"({"refused":{"dimension":"hashtag","pane":180000000}})");
      refused.push_back(std::to_string(out.at(i).partition->value()));
    }
    return refused;
  };
  CHECK(give(0, "1", "a").empty());
  CHECK(give(1, "2", "b").empty());
  CHECK(give(2, "3", "c") == std::vector<std::string>{"0", "1"});
  CHECK(give(3, "4", "d").empty());
  std::int64_t left_out = 0;
  for (const Measurement& m : stage.measure()) {
    if (m.measure == Measure::kLeftOutKeys) left_out += m.value;
  }
  CHECK(left_out == 2);

  // A deletion of a post that brought a refused key takes nothing back, and makes no room.
  const auto delete_post = [&](std::int64_t offset, const char* id) {
    Outputs out;
    Progress progress;
    REQUIRE(stage.process(record(offset, std::nullopt, id), out));
    REQUIRE(stage.finish_batch({}, out, progress));
    return out.size();
  };
  CHECK(delete_post(4, "3") == 0);
  CHECK(delete_post(5, "2") == 1);
  CHECK(give(6, "5", "e").empty());
  CHECK(delete_post(7, "5") == 0);
}

}  // namespace
}  // namespace rookery::hashtag_window
