#include "services/geo-enrich/gazetteer/file.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rookery::geo_enrich {
namespace {

Failure missing(const std::string& path, int error) {
  return misconfigured("gazetteer_missing",
                       "gazetteer \"" + path + "\": " + std::generic_category().message(error));
}

/// Maps the whole file; empty for an empty one, which cannot be mapped.
Result<std::span<const std::byte>> map_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return missing(path, errno);
  struct stat status {};
  if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(file);
    return misconfigured("gazetteer_missing", "gazetteer \"" + path + "\": expected a file");
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) {
    ::close(file);
    return std::span<const std::byte>{};
  }
  void* const address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
  const int error = errno;
  ::close(file);
  if (address == MAP_FAILED) return missing(path, error);
  return std::span<const std::byte>(static_cast<const std::byte*>(address), size);
}

}  // namespace

namespace format {

std::uint64_t checksum(std::span<const std::byte> bytes) {
  // Offset basis and prime of 64-bit FNV (draft-eastlake-fnv, section 5).
  constexpr std::uint64_t kBasis = 0xcbf2'9ce4'8422'2325;
  constexpr std::uint64_t kPrime = 0x0000'0100'0000'01b3;
  std::uint64_t hash = kBasis;
  for (std::size_t i = 0; i < bytes.size(); i += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, std::min(sizeof word, bytes.size() - i));
    hash = (hash ^ word) * kPrime;
  }
  return hash;
}

}  // namespace format

Result<GazetteerFile> GazetteerFile::open(const std::string& path) {
  const auto bytes = map_file(path);
  ROOKERY_RETURN_IF_ERROR(bytes);
  GazetteerFile file(path, *bytes);
  ROOKERY_RETURN_IF_ERROR(file.check());
  return file;
}

GazetteerFile::~GazetteerFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

GazetteerFile::GazetteerFile(GazetteerFile&& other) noexcept
    : path_(std::move(other.path_)), bytes_(std::exchange(other.bytes_, {})) {}

GazetteerFile& GazetteerFile::operator=(GazetteerFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

Result<void> GazetteerFile::check() const {
  const std::string name = "gazetteer \"" + path_ + "\": ";
  format::Header header{};
  if (bytes_.size() < sizeof header) {
    return misconfigured("gazetteer_truncated", name + "expected a header of " +
                                                    std::to_string(sizeof header) + " bytes, got " +
                                                    std::to_string(bytes_.size()));
  }
  std::memcpy(&header, bytes_.data(), sizeof header);
  if (header.magic != format::kMagic) {
    return misconfigured("gazetteer_version", name + "it is not a gazetteer");
  }
  if (header.version != format::kVersion) {
    return misconfigured("gazetteer_version", name + "expected version " +
                                                  std::to_string(format::kVersion) + ", got " +
                                                  std::to_string(header.version));
  }
  if (header.file_size != bytes_.size()) {
    return misconfigured("gazetteer_truncated", name + "expected " +
                                                    std::to_string(header.file_size) +
                                                    " bytes, got " + std::to_string(bytes_.size()));
  }
  if (format::checksum(bytes_.subspan(sizeof header)) != header.checksum) {
    return misconfigured("gazetteer_checksum", name + "its checksum is not that of its bytes");
  }
  if (header.section_count > (bytes_.size() - sizeof header) / sizeof(format::Section)) {
    return misconfigured("gazetteer_malformed", name + "its table of sections is cut off");
  }
  for (const format::Section& section : sections()) {
    if (section.offset % 8 != 0 || section.offset > bytes_.size() ||
        section.size > bytes_.size() - section.offset) {
      return misconfigured("gazetteer_malformed", name + "a section leads outside of the file");
    }
  }
  return {};
}

void GazetteerFile::let_go() const {
  // The pages stay in the system's cache; only those that are used count as the process's.
  ::madvise(const_cast<std::byte*>(bytes_.data()), bytes_.size(), MADV_DONTNEED);
}

std::span<const format::Section> GazetteerFile::sections() const {
  const auto& header = *reinterpret_cast<const format::Header*>(bytes_.data());
  return {reinterpret_cast<const format::Section*>(bytes_.data() + sizeof header),
          header.section_count};
}

std::span<const std::byte> GazetteerFile::find(std::string_view name) const {
  for (const format::Section& section : sections()) {
    const std::string_view padded(section.name.data(), section.name.size());
    if (padded.substr(0, padded.find('\0')) == name) {
      return bytes_.subspan(section.offset, section.size);
    }
  }
  return {};
}

}  // namespace rookery::geo_enrich
