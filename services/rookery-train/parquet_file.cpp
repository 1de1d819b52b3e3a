#include "services/rookery-train/parquet_file.hpp"

#include <filesystem>

#include <dlfcn.h>

#include "services/rookery-train/parquet/plugin.hpp"

namespace rookery::train {
namespace {

/// The two functions of the library; it stays loaded until the process ends.
struct Plugin {
  decltype(&rookery_parquet_read) read = nullptr;
  decltype(&rookery_parquet_count) count = nullptr;
};

Result<Plugin> load() {
  std::error_code error;
  const auto executable = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto folder = executable.parent_path().parent_path() / "lib";
  const std::string path = (folder / ROOKERY_PARQUET_PLUGIN).string();
  void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* const why = ::dlerror();  // NOLINT(concurrency-mt-unsafe): this tool has one thread
    return misconfigured("parquet_missing",
                         "this build reads no Parquet: run scripts/setup and build "
                         "again (" +
                             std::string(why == nullptr ? path : why) + ")");
  }
  Plugin plugin;
  plugin.read =
      reinterpret_cast<decltype(plugin.read)>(::dlsym(library, "rookery_parquet_read"));  // NOLINT
  plugin.count = reinterpret_cast<decltype(plugin.count)>(
      ::dlsym(library, "rookery_parquet_count"));  // NOLINT
  if (plugin.read == nullptr || plugin.count == nullptr) {
    return misconfigured("parquet_missing", "library \"" + path + "\": expected one of this build");
  }
  return plugin;
}

Result<void> check(int code, const ParquetFile& file, const std::string& message) {
  if (code == kParquetDone) return {};
  return misconfigured(code == kParquetUnreadable ? "file_unreadable" : "file_malformed",
                       "file \"" + file.name + "\": " + message);
}

/// Callbacks of a C interface get what they work on as a pointer.
void take_text(void* user, const char* text, std::size_t size) {
  (*static_cast<const std::function<void(std::string_view)>*>(user))({text, size});
}
void take_message(void* user, const char* text, std::size_t size) {
  static_cast<std::string*>(user)->assign(text, size);
}

}  // namespace

Result<void> read_parquet(const ParquetFile& file, const std::string& column,
                          const std::function<void(std::string_view)>& take) {
  const auto plugin = load();
  ROOKERY_RETURN_IF_ERROR(plugin);
  std::string message;
  auto copy = take;
  const int code =
      plugin->read(file.path.c_str(), column.c_str(), &take_text, &copy, &take_message, &message);
  return check(code, file, message);
}

Result<std::uint64_t> count_parquet(const ParquetFile& file) {
  const auto plugin = load();
  ROOKERY_RETURN_IF_ERROR(plugin);
  std::string message;
  std::uint64_t rows = 0;
  const int code = plugin->count(file.path.c_str(), &rows, &take_message, &message);
  ROOKERY_RETURN_IF_ERROR(check(code, file, message));
  return rows;
}

}  // namespace rookery::train
