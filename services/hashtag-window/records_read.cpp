#include <charconv>
#include <limits>
#include <utility>

#include "common/core/fault.hpp"
#include "common/records/base64.hpp"
#include "services/hashtag-window/json_fields.hpp"
#include "services/hashtag-window/packed_pane.hpp"
#include "services/hashtag-window/records.hpp"

namespace rookery::hashtag_window {
namespace {

constexpr std::int64_t kMax32 = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMaxU32 = std::numeric_limits<std::uint32_t>::max();

Failure malformed(std::string_view code, std::string_view field, std::string_view json) {
  return dead_letter(code, "field \"" + std::string(field) +
                               "\": absent or not as in the contract, in " +
                               std::string(json.substr(0, 200)));
}

bool parse_hex(std::string_view digits, std::uint64_t& number) {
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return error == std::errc() && end == digits.data() + digits.size();
}

bool read_sketch(std::string_view digits, AuthorSet& authors) {
  constexpr std::uint64_t kRankMax = 57;
  if (digits.size() != 2 * AuthorSet::kRegisters) return false;
  for (std::size_t i = 0; i < AuthorSet::kRegisters; ++i) {
    std::uint64_t rank = 0;
    if (!parse_hex(digits.substr(2 * i, 2), rank) || rank > kRankMax) return false;
    authors.raise_register(i, static_cast<std::uint8_t>(rank));
  }
  return true;
}

bool read_authors(FieldReader& body, AuthorSet& authors, std::size_t exact_max) {
  authors.clear();
  if (body.has("sketch")) return read_sketch(body.text("sketch"), authors);
  if (!body.has("authors")) return true;
  for (const simdjson::dom::element item : body.array("authors")) {
    std::string_view digits;
    std::uint64_t hash = 0;
    if (item.get_string().get(digits) != simdjson::SUCCESS || digits.size() != 10 ||
        !parse_hex(digits, hash)) {
      return false;
    }
    authors.insert(AuthorSet::hash_of(hash), exact_max);
  }
  return body.ok();
}

Times read_times(FieldReader& body) {
  if (!body.has("last")) return {};
  return {.first =
              static_cast<std::uint32_t>(body.has("first") ? body.integer("first", 0, kMaxU32) : 0),
          .last = static_cast<std::uint32_t>(body.integer("last", 0, kMaxU32))};
}

/// By block of time.
std::vector<std::int64_t> read_blocks(FieldReader& fields, const char* name) {
  std::vector<std::int64_t> all;
  if (!fields.has(name)) return all;
  for (const simdjson::dom::element item : fields.array(name)) {
    std::int64_t authors = 0;
    const bool read = item.get_int64().get(authors) == simdjson::SUCCESS;
    if (!read || authors < 0 || authors > kMaxU32) fields.refuse(name);
    all.push_back(authors);
  }
  return all;
}

RankEntry read_entry(FieldReader& fields) {
  RankEntry entry{.key = std::string(fields.text("key"))};
  if (fields.has("spelling")) entry.spelling = fields.text("spelling");
  entry.count = fields.integer("count", 1, std::numeric_limits<std::int64_t>::max());
  entry.sentiment = fields.int64("sentiment");
  entry.authors = fields.int64("authors");
  if (fields.has("newest")) entry.newest = fields.integer("newest", 0, kMaxU32);
  entry.past = read_blocks(fields, "past");
  entry.yesterday = read_blocks(fields, "yesterday");
  if (fields.has("first_seen")) {
    entry.first_seen = WallTime(std::chrono::milliseconds(fields.int64("first_seen")));
    entry.last_seen = WallTime(std::chrono::milliseconds(fields.int64("last_seen")));
  }
  return entry;
}

bool read_pairs(FieldReader& body, Rank& rank) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  if (body.has("missing_max")) rank.missing_max = body.integer("missing_max", 0, kMax);
  for (const simdjson::dom::element item : body.array("pairs")) {
    simdjson::dom::object object;
    if (item.get_object().get(object) != simdjson::SUCCESS) return false;
    FieldReader fields(object);
    rank.pairs.push_back(
        {.key = std::string(fields.text("key")), .count = fields.integer("count", 1, kMax)});
    if (!fields.ok()) return false;
  }
  return body.ok();
}

}  // namespace

struct RecordReader::Buffers {
  JsonParser parser;
  std::string panes;
};

RecordReader::RecordReader() : buffers_(std::make_unique<Buffers>()) {}
RecordReader::~RecordReader() = default;

Result<PartialRecord> RecordReader::read_partial(std::string_view json, AuthorSet& authors,
                                                 std::size_t exact_max) {
  constexpr std::string_view kCode = "partial_malformed";
  const auto record = buffers_->parser.object(json);
  if (!record) return malformed(kCode, "partial", json);
  simdjson::dom::object inner;
  if ((*record)["partial"].get_object().get(inner) == simdjson::SUCCESS) {
    FieldReader body(inner);
    const Partial partial{.dimension = body.text("dimension"),
                          .key = body.text("key"),
                          .spelling = body.has("spelling") ? body.text("spelling") : "",
                          .pane = body.int32("pane"),
                          .from = body.int32("from"),
                          .count = body.int32("count"),
                          .sentiment = body.int32("sentiment"),
                          .times = read_times(body)};
    if (!body.ok()) return malformed(kCode, body.failed(), json);
    if (!read_authors(body, authors, exact_max)) return malformed(kCode, "authors", json);
    return partial;
  }
  if ((*record)["refused"].get_object().get(inner) == simdjson::SUCCESS) {
    FieldReader body(inner);
    const Refused refused{.dimension = body.text("dimension"), .pane = body.int32("pane")};
    if (!body.ok()) return malformed(kCode, body.failed(), json);
    return refused;
  }
  if ((*record)["frontiers"].get_object().get(inner) != simdjson::SUCCESS) {
    return malformed(kCode, "frontiers", json);
  }
  FieldReader body(inner);
  std::vector<Frontier> frontiers;
  for (const simdjson::dom::element item : body.array("frontiers")) {
    simdjson::dom::object object;
    if (item.get_object().get(object) != simdjson::SUCCESS) {
      return malformed(kCode, "frontiers", json);
    }
    FieldReader fields(object);
    frontiers.push_back(
        {.partition = Partition(static_cast<std::int32_t>(fields.integer("partition", 0, kMax32))),
         .offset = Offset(fields.int64("offset")),
         .pane = fields.int32("pane"),
         .idle = fields.truth("idle")});
    if (!fields.ok()) return malformed(kCode, fields.failed(), json);
  }
  if (!body.ok()) return malformed(kCode, body.failed(), json);
  return frontiers;
}

Result<SavedPanes> RecordReader::read_panes(std::string_view json,
                                            const std::function<bool(const SavedPanes&)>& wanted) {
  constexpr std::string_view kCode = "panes_malformed";
  const auto record = buffers_->parser.object(json);
  if (!record) return malformed(kCode, "panes", json);
  FieldReader body(*record);
  SavedPanes saved;
  saved.dimension = body.text("dimension");
  saved.begin = body.int32("begin");
  saved.end = body.int32("end");
  std::uint64_t check = 0;
  const bool hashes =
      parse_hex(body.text("block"), saved.block) && parse_hex(body.text("check"), check);
  if (!body.ok()) return malformed(kCode, body.failed(), json);
  if (!hashes) return malformed(kCode, "check", json);
  if (!wanted(saved)) return saved;
  std::string& panes = buffers_->panes;
  if (!from_base64(body.text("panes"), panes) || !body.ok()) return malformed(kCode, "panes", json);
  const std::size_t size = panes.size();
  panes.resize(size + PackedPane::kBehind);
  saved.panes = std::string_view(panes).substr(0, size);
  if (check != saved.check() && !planted_mistake("snapshot_damage_not_noticed")) {
    return malformed(kCode, "check", json);
  }
  return saved;
}

Result<std::variant<Rank, Closed>> RecordReader::read_rank(std::string_view json) {
  constexpr std::string_view kCode = "rank_malformed";
  const auto record = buffers_->parser.object(json);
  if (!record) return malformed(kCode, "rank", json);
  simdjson::dom::object inner;
  const bool previewed = (*record)["previewed"].get_object().get(inner) == simdjson::SUCCESS;
  if (previewed || (*record)["closed"].get_object().get(inner) == simdjson::SUCCESS) {
    FieldReader body(inner);
    const Closed closed{
        .partition = static_cast<std::int32_t>(body.integer("partition", 0, kMax32)),
        .pane = body.int32("pane"),
        .early = previewed};
    if (!body.ok()) return malformed(kCode, body.failed(), json);
    return closed;
  }
  Rank rank;
  rank.early = (*record)["early"].get_object().get(inner) == simdjson::SUCCESS;
  if (!rank.early && (*record)["rank"].get_object().get(inner) != simdjson::SUCCESS) {
    return malformed(kCode, "rank", json);
  }
  FieldReader body(inner);
  rank.partition = static_cast<std::int32_t>(body.integer("partition", 0, kMax32));
  rank.end = body.int32("end");
  rank.window = body.text("window");
  rank.dimension = body.text("dimension");
  rank.total = body.int64("total");
  rank.sentiment = body.int64("sentiment");
  rank.approximate = body.truth("approximate");
  if (body.has("pairs")) {
    if (!read_pairs(body, rank)) return malformed(kCode, "pairs", json);
    return rank;
  }
  for (const simdjson::dom::element item : body.array("top")) {
    simdjson::dom::object object;
    if (item.get_object().get(object) != simdjson::SUCCESS) return malformed(kCode, "top", json);
    FieldReader fields(object);
    rank.top.push_back(read_entry(fields));
    if (!fields.ok()) return malformed(kCode, fields.failed(), json);
  }
  if (!body.ok()) return malformed(kCode, body.failed(), json);
  return rank;
}

}  // namespace rookery::hashtag_window
