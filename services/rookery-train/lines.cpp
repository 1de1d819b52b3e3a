#include "services/rookery-train/lines.hpp"

#include <array>
#include <cstring>

namespace rookery::train {

Result<Lines> Lines::open(const std::string& path) {
  Lines lines;
  lines.file_.reset(gzopen(path.c_str(), "rb"));
  if (lines.file_ == nullptr) {
    return misconfigured("file_unreadable", "file \"" + path + "\": cannot be read");
  }
  gzbuffer(lines.file_.get(), 1U << 18U);
  return lines;
}

bool Lines::next(std::string& line) {
  line.clear();
  std::array<char, 4096> piece;
  bool any = false;
  while (gzgets(file_.get(), piece.data(), static_cast<int>(piece.size())) != nullptr) {
    any = true;
    line.append(piece.data());
    if (line.ends_with('\n')) break;
  }
  if (!any) return false;
  ++number_;
  if (line.ends_with('\n')) line.pop_back();
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

bool Lines::failed() const {
  int code = Z_OK;
  gzerror(file_.get(), &code);
  return code != Z_OK && code != Z_STREAM_END;
}

}  // namespace rookery::train
