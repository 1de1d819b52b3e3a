// Jetstream's frames, compressed with its dictionary.
#include "services/ingest/ws/zstd_frames.hpp"

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <zstd.h>

#include "tests/unit/services/ingest/folder.hpp"
#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

const std::string kDictionary = "services/ingest/data/jetstream.zdict";

std::string compressed(const std::string& text, const std::string& dictionary) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                     ZSTD_freeCCtx);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size =
      ZSTD_compress_usingDict(context.get(), out.data(), out.size(), text.data(), text.size(),
                              dictionary.data(), dictionary.size(), 3);
  REQUIRE(ZSTD_isError(size) == 0);
  out.resize(size);
  return out;
}

std::vector<std::string> real_events() {
  std::ifstream file("tests/fixtures/jetstream/events_v1.jsonl");
  std::vector<std::string> events;
  for (std::string line; std::getline(file, line);) events.push_back(line);
  return events;
}

TEST_CASE("real events come out of their frames as they went in", "[ws][zstd]") {
  const std::string dictionary = read_whole(kDictionary);
  auto frames = ZstdFrames::open(kDictionary);
  REQUIRE(frames);
  const auto events = real_events();
  REQUIRE(events.size() == 162);
  std::size_t before = 0;
  std::size_t after = 0;
  for (const std::string& event : events) {
    const std::string frame = compressed(event, dictionary);
    CHECK(is_zstd(frame));
    // What the server announces: docs of bluesky-social/jetstream.
    CHECK(ZSTD_getDictID_fromFrame(frame.data(), frame.size()) == 1612007021);
    std::string out;
    REQUIRE((*frames)->decode(frame, 1U << 20U, out));
    CHECK(out == event);
    before += event.size();
    after += frame.size();
  }
  CHECK(after * 2 < before);
}

TEST_CASE("a frame larger than a step of the decoder comes out whole", "[ws][zstd]") {
  auto frames = ZstdFrames::open(kDictionary);
  REQUIRE(frames);
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += std::to_string(i * 7919) + ",";
  const std::string frame = compressed(text, read_whole(kDictionary));
  std::string out;
  REQUIRE((*frames)->decode(frame, text.size(), out));
  CHECK(out == text);
  const auto longer = (*frames)->decode(frame, text.size() - 1, out);
  REQUIRE_FALSE(longer);
  CHECK(longer.error().code == "frame_malformed");
}

TEST_CASE("a damaged frame is refused, and the next one is read", "[ws][zstd]") {
  auto frames = ZstdFrames::open(kDictionary);
  REQUIRE(frames);
  const std::string text = real_events().front();
  const std::string frame = compressed(text, read_whole(kDictionary));
  std::string out;
  for (const std::string& broken :
       {frame.substr(0, frame.size() - 3), frame.substr(0, 5), std::string("\x28\xb5\x2f\xfd"),
        frame.substr(0, 12) + std::string(frame.size() - 12, '\xff')}) {
    const auto refused = (*frames)->decode(broken, 1U << 20U, out);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().disposition == Disposition::kDeadLetter);
    REQUIRE((*frames)->decode(frame, 1U << 20U, out));
    CHECK(out == text);
  }
}

TEST_CASE("what could not be decompressed is a dead letter of its own reason", "[ws][zstd]") {
  const std::string frame = compressed(real_events().front(), read_whole(kDictionary));
  CHECK(parsed(frame, LineFormat::kJetstream) == "frame_malformed");
  CHECK(parsed(frame.substr(0, 4), LineFormat::kJetstream) == "frame_malformed");
  CHECK(parsed(frame.substr(0, 3), LineFormat::kJetstream) == "json_malformed");
  CHECK(parsed(frame, LineFormat::kV2) == "json_malformed");
}

TEST_CASE("a dictionary that is missing, none, or another one is named", "[ws][zstd]") {
  const Folder folder;
  const auto refused = [](const std::string& path) {
    const auto frames = ZstdFrames::open(path);
    REQUIRE_FALSE(frames);
    CHECK(frames.error().disposition == Disposition::kMisconfigured);
    CHECK(frames.error().message.find(path) != std::string::npos);
  };
  refused((folder.path / "nowhere").string());
  refused(folder.write("text", "no dictionary at all, but long enough to be one"));
  std::string other = read_whole(kDictionary);
  other[4] = static_cast<char>(other[4] + 1);  // The lowest byte of its number.
  auto frames = ZstdFrames::open(folder.write("other", other));
  REQUIRE(frames);
  std::string out;
  const auto mismatch =
      (*frames)->decode(compressed(real_events().front(), read_whole(kDictionary)), 1U << 20U, out);
  REQUIRE_FALSE(mismatch);
  CHECK(mismatch.error().code == "dictionary_mismatch");
  CHECK(mismatch.error().disposition == Disposition::kMisconfigured);
}

}  // namespace
}  // namespace rookery::ingest
