#include "services/sink/durable_file.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rookery::sink {
namespace {

constexpr std::size_t kBufferBytes = 256 << 10;
constexpr mode_t kMode = 0644;

Failure unwritable(const char* doing, const std::filesystem::path& path) {
  return retry_batch("store_unwritable",
                     std::string(doing) + " " + path.string() + ": " + strerrordesc_np(errno));
}

}  // namespace

DurableFile::DurableFile(std::filesystem::path path) : path_(std::move(path)) {}

DurableFile::~DurableFile() {
  if (descriptor_ < 0) return;
  if (!published_ && is_ours()) ::unlink(partial().c_str());
  ::close(descriptor_);
}

/// A process that was frozen and taken for dead has a successor, which writes
/// files of the same names: those must not be touched.
bool DurableFile::is_ours() const {
  struct stat open_file {};
  struct stat named_file {};
  return ::fstat(descriptor_, &open_file) == 0 && ::stat(partial().c_str(), &named_file) == 0 &&
         open_file.st_dev == named_file.st_dev && open_file.st_ino == named_file.st_ino;
}

std::filesystem::path DurableFile::partial() const {
  return path_.string() + std::string(kPartialSuffix);
}

Result<void> DurableFile::open() {
  if (descriptor_ >= 0) return {};
  descriptor_ = ::open(partial().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode);
  if (descriptor_ < 0) return unwritable("creating", partial());
  return {};
}

Result<void> DurableFile::append(std::string_view bytes) {
  buffer_.append(bytes);
  return buffer_.size() < kBufferBytes ? Result<void>{} : flush();
}

Result<void> DurableFile::flush() {
  ROOKERY_RETURN_IF_ERROR(open());
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return unwritable("writing", partial());
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
  return {};
}

Result<void> DurableFile::seal() {
  ROOKERY_RETURN_IF_ERROR(flush());
  if (::fsync(descriptor_) != 0) return unwritable("syncing", partial());
  return {};
}

Result<void> DurableFile::publish() {
  if (!is_ours()) {
    return retry_batch("store_unwritable",
                       partial().string() + ": another process has replaced it meanwhile");
  }
  if (::rename(partial().c_str(), path_.c_str()) != 0) return unwritable("renaming", partial());
  published_ = true;
  return {};
}

Result<void> sync_directory(const std::filesystem::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return unwritable("opening", directory);
  const bool synced = ::fsync(descriptor) == 0;
  auto result = synced ? Result<void>{} : Result<void>(unwritable("syncing", directory));
  ::close(descriptor);
  return result;
}

}  // namespace rookery::sink
