#include "services/ingest/byte_stream.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rookery::ingest {
namespace {

std::string reason(int error) {
  return std::generic_category().message(error);
}

std::string name_of(const std::string& path) {
  return path == "-" ? "standard input" : "file \"" + path + "\"";
}

}  // namespace

Result<std::unique_ptr<FileBytes>> FileBytes::open(const std::string& path) {
  const bool standard = path == "-";
  const int descriptor = standard ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0) {
    return misconfigured("input_unreadable", name_of(path) + ": " + reason(errno));
  }
  std::unique_ptr<FileBytes> file(new FileBytes(path, descriptor, !S_ISREG(status.st_mode)));
  if (S_ISDIR(status.st_mode)) {
    return misconfigured("input_unreadable", name_of(path) + ": expected a file, got a folder");
  }
  return file;
}

FileBytes::~FileBytes() {
  if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
}

Result<BytesRead> FileBytes::read(std::span<char> target, std::chrono::milliseconds timeout) {
  if (slow_) {
    pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(timeout.count()));
    if (ready == 0 || (ready < 0 && errno == EINTR)) return BytesRead{};
  }
  const ssize_t count = ::read(descriptor_, target.data(), target.size());
  if (count < 0 && errno == EINTR) return BytesRead{};
  if (count < 0) return retry_batch("input_unreadable", name_of(path_) + ": " + reason(errno));
  const bool end = count == 0 && (slow_ || at_end_ == AtEnd::kFinish);
  return BytesRead{.bytes = static_cast<std::size_t>(count), .end = end};
}

bool FileBytes::replaced() const {
  struct stat own {};
  struct stat named {};
  if (slow_ || ::fstat(descriptor_, &own) != 0) return false;
  // Between a rename and the new file there is none: that is no replacement yet.
  if (::stat(path_.c_str(), &named) != 0) return false;
  return own.st_ino != named.st_ino || own.st_dev != named.st_dev ||
         own.st_size < ::lseek(descriptor_, 0, SEEK_CUR);
}

std::uint64_t FileBytes::inode() const {
  struct stat own {};
  return ::fstat(descriptor_, &own) == 0 ? own.st_ino : 0;
}

bool FileBytes::jump(std::size_t offset) {
  return !slow_ && ::lseek(descriptor_, static_cast<off_t>(offset), SEEK_SET) >= 0;
}

}  // namespace rookery::ingest
