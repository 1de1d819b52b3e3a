#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "services/ingest/random.hpp"
#include "services/ingest/raw_post.hpp"

namespace rookery::ingest {

/// What item of the simulated stream it is.
enum class SimKind : std::uint8_t {
  kPost,
  kDuplicate,  ///< An earlier post once more, byte by byte.
  kLate,       ///< A post whose event time is two to thirty minutes behind.
  kMalformed,  ///< A line that the parser must refuse.
  kDeletion,   ///< Of an earlier post.
};

/// A hashtag or a spot that gets `share` of the posts of [start, end).
struct Planted {
  WallTime start;
  WallTime end;
  std::string tag;       ///< Of a burst.
  PointFields centre;    ///< Of a hotspot.
  double radius_km = 0;  ///< Of a hotspot.
};

struct SimOptions {
  std::uint64_t seed = 1;
  std::int64_t posts = 0;  ///< 0: endless.
  double rate = 50;        ///< Items per second of event time.
  WallTime start;
  std::chrono::milliseconds burst_interval{300'000};
  double burst_share = 0.15;
  double hotspot_share = 0.05;
  double duplicate_share = 0.02;
  double late_share = 0.01;
  double malformed_share = 0.005;
  double deletion_share = 0.005;
  double link_share = 0;
};

/// A stream of invented posts with a known truth. Item n is a pure function of
/// the options and n, so that any place of the stream can be had at once.
/// Each burst interval has one planted hashtag and one planted hotspot. One
/// thread uses it; it keeps its buffers.
class Simulator {
 public:
  struct Item {
    SimKind kind;
    std::uint64_t original;  ///< Which item was repeated or deleted, else itself.
    WallTime event_time;     ///< When it comes, not what a late post says.
    std::string_view line;   ///< Holds until the next call.
  };

  explicit Simulator(SimOptions options);

  [[nodiscard]] Item item(std::uint64_t n);

  /// The hashtags of the post of item(), until the next call; in lower case.
  [[nodiscard]] const std::vector<TagEntity>& hashtags() const { return post_.hashtags; }
  /// created_at of the post of item().
  [[nodiscard]] WallTime created_at() const { return post_.created_at; }

  /// What is planted in the burst interval `index` (from 0).
  [[nodiscard]] Planted burst(std::uint64_t index) const;
  [[nodiscard]] Planted hotspot(std::uint64_t index) const;

  /// When item n comes.
  [[nodiscard]] WallTime time_of(std::uint64_t n) const;
  [[nodiscard]] const SimOptions& options() const { return options_; }

 private:
  [[nodiscard]] SimKind kind_of(std::uint64_t n) const;
  [[nodiscard]] std::optional<std::uint64_t> earlier_post(std::uint64_t n) const;
  [[nodiscard]] std::uint64_t interval_of(WallTime time) const;
  void write_post(std::uint64_t n, SimKind kind);
  void write_text(Random& random, WallTime time);
  void add_link(std::uint64_t n);
  void choose_tags(Random& random, WallTime time);
  void choose_author(Random& random);
  void choose_position(Random& random, WallTime time);
  void break_line(std::uint64_t n);

  SimOptions options_;
  std::vector<std::string> background_;  ///< Hashtags, the most frequent first.
  std::vector<double> background_sums_;  ///< Of their shares: ends with 1.
  RawPost post_;
  TextArena arena_;
  std::string text_;
  std::string line_;
};

}  // namespace rookery::ingest
