#include "services/ingest/live/line_splitter.hpp"

#include <algorithm>

namespace rookery::ingest {

void LineSplitter::keep(std::string_view part) {
  // The byte too many tells a line that is too long; its CR is one more.
  const std::size_t room = line_bytes_max_ + 2 - std::min(line_bytes_max_ + 2, unfinished_.size());
  unfinished_.append(part.substr(0, room));
}

void LineSplitter::give(std::string_view whole, const Line& line) const {
  if (whole.ends_with('\r')) whole.remove_suffix(1);
  line(whole.substr(0, line_bytes_max_ + 1));
}

void LineSplitter::feed(std::string_view chunk, const Line& line) {
  while (true) {
    const std::size_t end = chunk.find('\n');
    if (end == std::string_view::npos) break;
    if (unfinished_.empty()) {
      give(chunk.substr(0, end), line);
    } else {
      keep(chunk.substr(0, end));
      give(unfinished_, line);
      unfinished_.clear();
    }
    chunk.remove_prefix(end + 1);
  }
  keep(chunk);
}

void LineSplitter::finish(const Line& line) {
  if (!unfinished_.empty() && unfinished_ != "\r") give(unfinished_, line);
  unfinished_.clear();
}

}  // namespace rookery::ingest
