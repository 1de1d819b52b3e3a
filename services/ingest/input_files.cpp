#include "services/ingest/input_files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

namespace rookery::ingest {
namespace {

namespace fs = std::filesystem;

bool hidden(const fs::path& path) {
  return path.filename().native().starts_with('.');
}

Result<void> append_folder(const std::string& folder, std::vector<std::string>& files) {
  std::error_code failed;
  std::vector<std::string> found;
  fs::recursive_directory_iterator entry(folder, failed);
  for (; !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
    if (hidden(entry->path())) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file(failed)) {
      found.push_back(entry->path().string());
    }
  }
  if (failed) {
    return misconfigured("input_unreadable", "folder \"" + folder + "\": " + failed.message());
  }
  std::sort(found.begin(), found.end());
  files.insert(files.end(), found.begin(), found.end());
  return {};
}

}  // namespace

bool any_folder(const std::vector<std::string>& paths) {
  std::error_code ignored;
  return std::any_of(paths.begin(), paths.end(),
                     [&](const std::string& path) { return fs::is_directory(path, ignored); });
}

Result<std::vector<std::string>> input_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  std::error_code ignored;
  for (const auto& path : paths) {
    if (fs::is_directory(path, ignored)) {
      ROOKERY_RETURN_IF_ERROR(append_folder(path, files));
    } else {
      files.push_back(path);
    }
  }
  return files;
}

bool is_csv_name(std::string_view path) {
  for (const std::string_view ending : {".gz", ".bz2", ".zst"}) {
    if (path.ends_with(ending)) path.remove_suffix(ending.size());
  }
  return path.ends_with(".csv") || path.ends_with(".CSV");
}

}  // namespace rookery::ingest
