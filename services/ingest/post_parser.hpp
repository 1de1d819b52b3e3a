#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/runtime/outputs.hpp"
#include "services/ingest/csv_columns.hpp"
#include "services/ingest/ws/custom_fields.hpp"

namespace rookery::ingest {

/// What the lines of a source are.
enum class LineFormat : std::uint8_t {
  kAuto,        ///< Any of the four of JSON, told apart line by line; rows where the feed says so.
  kV1,          ///< X API v1.1: posts and the stream's messages.
  kV2,          ///< X API v2: stream messages, pages, flattened posts.
  kRecord,      ///< Records of raw_tweets, passed on byte by byte.
  kJetstream,   ///< Events of Bluesky's Jetstream, v1 and v2.
  kMastodon,    ///< Frames of Mastodon's streaming API.
  kNowPlaying,  ///< Songs that somebody plays, one flat object each.
  kCustom,      ///< Messages of an own feed, in the fields of the options.
  kCsv,         ///< Rows of comma-separated values, in the columns of the options.
  kPostCompliance,  ///< Lines of X's batch compliance jobs about posts.
  kUserCompliance,  ///< Likewise about users.
};

/// "auto", "v1", "v2", "record", "jetstream", "csv", "post-compliance", "user-compliance";
/// absent for any other name.
[[nodiscard]] std::optional<LineFormat> line_format(std::string_view name);

/// What becomes of the originals that come along with retweets and quotes.
enum class Referenced : std::uint8_t {
  kNamed,    ///< Their ids stand in the posts that refer to them.
  kWritten,  ///< And they are records of their own.
};

/// What one line gave.
struct ParsedLine {
  std::size_t posts = 0;
  std::size_t deletions = 0;
  std::size_t demands = 0;  ///< Of compliance, beyond deletions.
  std::size_t notices = 0;  ///< Messages of the stream that are no posts.
  /// Tells an edit of a post from the post and from other edits; empty where the
  /// source gives every version an id of its own. Holds until the next parse().
  std::string_view revision = {};
};

/// Makes records of raw_tweets from the lines of a source. A pure function of
/// the line; keeps its buffers, so that parsing does not allocate once it is
/// warm. One thread uses it.
class PostParser {
 public:
  struct Options {
    LineFormat format = LineFormat::kAuto;
    std::string_view source = "file";  ///< origin.source; a literal.
    std::size_t line_bytes_max = 16U << 20U;
    Referenced referenced = Referenced::kNamed;
    /// Set while the lines are rows of CSV (FileFeed::Options::columns); outlives
    /// the parser. Null: never.
    const std::optional<CsvColumns>* csv = nullptr;
    /// Set while the lines are kCustom; outlives the parser.
    const std::optional<CustomFields>* custom = nullptr;
  };

  explicit PostParser(Options options);
  ~PostParser();
  PostParser(PostParser&&) noexcept;
  PostParser& operator=(PostParser&&) noexcept;

  /// Appends the records, deletions and compliance events of `line`; nothing for a blank line (the
  /// stream's keep-alive). A message with several posts is taken whole or not at
  /// all. Error codes, all dead letters:
  ///   line_too_long    longer than line_bytes_max
  ///   json_malformed   not JSON, not UTF-8, or nested deeper than 64
  ///   frame_malformed  kJetstream: a frame that the feed could not decompress
  ///   not_an_object    JSON, but not an object
  ///   not_a_post       an object of no known shape
  ///   csv_malformed    a row that breaks RFC 4180, or has another number of columns
  ///   field_missing, field_type, field_range   a post that breaks its format
  /// `received`: when a live feed got the line, to be kept in the record.
  Result<ParsedLine> parse(std::string_view line, Outputs& out,
                           std::optional<WallTime> received = std::nullopt);

 private:
  struct Buffers;

  Options options_;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace rookery::ingest
