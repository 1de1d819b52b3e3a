#include "services/sink/console_store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "services/sink/trend_table.hpp"

namespace rookery::sink {
namespace {

// ECMA-48: cursor to the corner; erase to the end of the line; to that of the screen.
constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kEraseLine = "\x1b[K";
constexpr std::string_view kEraseBelow = "\x1b[J";
constexpr std::string_view kEraseScreen = "\x1b[2J";

bool is_wanted(const std::vector<std::string>& wanted, const std::string& name) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end();
}

}  // namespace

ConsoleStore::ConsoleStore(ConsoleStoreOptions options, StoreLink& link, OffsetCommitter* offsets,
                           const Clock& clock, std::FILE* out, std::FILE* dead)
    : options_(std::move(options)),
      entry_(link, *this),
      offsets_(offsets),
      clock_(clock),
      out_(out),
      dead_(dead) {}

bool ConsoleStore::is_shown(const Trend& trend) const {
  return is_wanted(options_.windows, trend.window) &&
         is_wanted(options_.dimensions, trend.dimension);
}

Result<void> ConsoleStore::begin() {
  return {};
}

Result<void> ConsoleStore::write(const OutputRecord& record) {
  if (!record.partition) {
    pending_dead_.append(record.value.value_or("")).push_back('\n');
    return {};
  }
  if (options_.mode == ConsoleMode::kLines) {
    pending_.append(record.value.value_or(""));
    return {};
  }
  auto trend = reader_.read(record.value.value_or(""));
  if (!trend) return fatal("record_malformed", trend.error().message);  // the encoder took it
  if (!is_shown(*trend)) return {};
  if (options_.mode == ConsoleMode::kTables) {
    append_trend_table(pending_, *trend, options_.rows);
    return {};
  }
  auto& latest = latest_[{trend->dimension, trend->window}];
  // After a rewind older windows come again; the screen does not go back.
  if (latest.end <= trend->end) latest = std::move(*trend);
  return {};
}

Result<void> ConsoleStore::commit(const Progress& progress) {
  for (const auto& [partition, committed] : progress) progress_[partition] = committed;
  ROOKERY_RETURN_IF_ERROR(print(std::exchange(pending_dead_, {}), dead_));
  if (options_.mode == ConsoleMode::kLiveTable) {
    const MonotonicTime now = clock_.monotonic_now();
    if (drawn_ && now - drawn_at_ < options_.redraw) return {};
    ROOKERY_RETURN_IF_ERROR(redraw());
  } else {
    ROOKERY_RETURN_IF_ERROR(print(std::exchange(pending_, {}), out_));
  }
  return commit_progress();
}

Result<void> ConsoleStore::abort() {
  pending_.clear();
  pending_dead_.clear();
  progress_.clear();
  return {};
}

Result<void> ConsoleStore::finish() {
  if (options_.mode == ConsoleMode::kLiveTable && !progress_.empty()) {
    ROOKERY_RETURN_IF_ERROR(redraw());
  }
  return commit_progress();
}

void ConsoleStore::drop(const TopicPartition& partition) {
  progress_.erase(partition);
}

void ConsoleStore::add_due(MonotonicTime now, Progress& progress) const {
  if (now - drawn_at_ >= options_.redraw) progress.insert(progress_.begin(), progress_.end());
}

/// As many whole lines as the screen has, the last of them left free.
std::string ConsoleStore::draw() const {
  std::string tables;
  for (const auto& [name, trend] : latest_) append_trend_table(tables, trend, options_.rows);
  std::string frame(drawn_ ? kHome : std::string(kEraseScreen) + std::string(kHome));
  std::size_t lines = std::max<std::size_t>(options_.screen_lines(), 2) - 1;
  for (std::string_view rest = tables; !rest.empty() && lines > 0; --lines) {
    const auto end = rest.find('\n');
    frame.append(rest.substr(0, end)).append(kEraseLine).append("\n");
    rest.remove_prefix(end + 1);
  }
  return frame.append(kEraseBelow);
}

Result<void> ConsoleStore::redraw() {
  ROOKERY_RETURN_IF_ERROR(print(draw(), out_));
  drawn_ = true;
  drawn_at_ = clock_.monotonic_now();
  return {};
}

Result<void> ConsoleStore::print(const std::string& text, std::FILE* file) {
  if (text.empty()) return {};
  if (std::fwrite(text.data(), 1, text.size(), file) != text.size() || std::fflush(file) != 0) {
    return fatal("output_closed", std::string("writing the output: ") + strerrordesc_np(errno));
  }
  return {};
}

Result<void> ConsoleStore::commit_progress() {
  if (offsets_ != nullptr && !progress_.empty()) {
    ROOKERY_RETURN_IF_ERROR(offsets_->commit_offsets(progress_));
  }
  progress_.clear();
  return {};
}

}  // namespace rookery::sink
