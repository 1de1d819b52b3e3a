#include "services/rookery-train/input_files.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "services/rookery-train/lines.hpp"
#include "services/rookery-train/parquet_file.hpp"

namespace rookery::train {
namespace {

constexpr std::string_view kDeadLetters = "dead_letters-";  ///< How the sink calls their files.

std::string_view base_name(std::string_view name) {
  return name.substr(name.rfind('/') + 1);
}

Failure unreadable(const std::string& name, const std::string& why) {
  return misconfigured("file_unreadable", "file \"" + name + "\": " + why);
}

/// Empty: there is no such file.
std::string stamp_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return std::to_string(status.st_size) + "-" + std::to_string(status.st_mtim.tv_sec) + "." +
         std::to_string(status.st_mtim.tv_nsec) + "-" + std::to_string(status.st_ino);
}

/// The text of a post; absent: it is a deletion.
Result<std::optional<std::string>> text_of(const std::string& line, const std::string& field,
                                           const std::string& file, std::size_t number) {
  auto post = nlohmann::json::parse(line, nullptr, false);
  if (post.is_object()) {
    const auto deleted = post.find("deleted");
    if (deleted != post.end() && *deleted == true) return std::optional<std::string>();
    const auto text = post.find(field);
    if (text != post.end() && text->is_string()) {
      return std::optional(std::move(text->get_ref<std::string&>()));
    }
  }
  return misconfigured("file_malformed", "file \"" + file + "\", line " + std::to_string(number) +
                                             ": expected an object with a text in \"" + field +
                                             "\", got \"" + line.substr(0, 64) + "\"");
}

}  // namespace

Result<InputFiles> InputFiles::open(const InputSettings& settings, Clock& clock) {
  InputFiles files(settings, clock);
  for (const std::string& input : settings.inputs) {
    if (!s3::is_location(input)) continue;
    ROOKERY_RETURN_IF_ERROR(s3::parse_location(input));
    ROOKERY_RETURN_IF_ERROR(files.client());
  }
  return files;
}

Result<s3::Client*> InputFiles::client() {
  if (client_ == nullptr) {
    auto settings = s3::resolve(settings_.s3, [](const char* name) {
      return std::getenv(name);  // NOLINT(concurrency-mt-unsafe): this tool has one thread
    });
    ROOKERY_RETURN_IF_ERROR(settings);
    client_ = std::make_unique<s3::Client>(std::move(*settings), clock_);
  }
  return client_.get();
}

bool InputFiles::is_parquet(std::string_view name) const {
  return settings_.format == "parquet" ||
         (settings_.format == "posts" && name.ends_with(".parquet"));
}

bool InputFiles::has_ending(std::string_view name) const {
  name = base_name(name);
  if (name.starts_with(kDeadLetters)) return false;
  if (is_parquet(name)) return name.ends_with(".parquet");
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.remove_suffix(packed.size());
  }
  return name.ends_with(settings_.format == "text" ? ".txt" : ".jsonl");
}

Result<std::vector<InputFile>> InputFiles::find() {
  std::vector<InputFile> found;
  for (const std::string& input : settings_.inputs) {
    const std::size_t first = found.size();
    std::error_code error;
    if (s3::is_location(input)) {
      ROOKERY_RETURN_IF_ERROR(find_in_s3(input, found));
    } else if (std::filesystem::is_directory(input, error)) {
      ROOKERY_RETURN_IF_ERROR(find_in_folder(input, found));
    } else {
      found.push_back({input, stamp_of(input)});
    }
    if (found.size() == first) {
      return unreadable(input, "expected files of the format \"" + settings_.format + "\" in it");
    }
    std::sort(found.begin() + static_cast<std::ptrdiff_t>(first), found.end(),
              [](const InputFile& a, const InputFile& b) { return a.name < b.name; });
  }
  return found;
}

Result<void> InputFiles::find_in_folder(const std::string& folder,
                                        std::vector<InputFile>& found) const {
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::recursive_directory_iterator();
       entry.increment(error)) {
    std::error_code gone;
    const std::string path = entry->path().string();
    if (!entry->is_regular_file(gone) || !has_ending(path)) continue;
    found.push_back({path, stamp_of(path)});
  }
  if (error) return unreadable(folder, error.message());
  return {};
}

Result<void> InputFiles::find_in_s3(const std::string& input, std::vector<InputFile>& found) {
  const auto client = this->client();
  ROOKERY_RETURN_IF_ERROR(client);
  const auto location = s3::parse_location(input);
  ROOKERY_RETURN_IF_ERROR(location);
  const auto objects = (*client)->list(*location);
  ROOKERY_RETURN_IF_ERROR(objects);
  for (const s3::Object& object : *objects) {
    // The very object is taken whatever its name.
    if (object.key != location->key && !has_ending(object.key)) continue;
    found.push_back({s3::Location{location->bucket, object.key}.text(), object.etag});
  }
  return {};
}

/// The copy has no name that a crash could leave behind; it is read by its number.
Result<InputFiles::Local> InputFiles::fetch(const InputFile& file) {
  Local local;
  local.path = file.name;
  if (!s3::is_location(file.name)) return local;
  const auto client = this->client();
  ROOKERY_RETURN_IF_ERROR(client);
  const auto location = s3::parse_location(file.name);
  ROOKERY_RETURN_IF_ERROR(location);
  std::error_code error;
  std::string path =
      (std::filesystem::temp_directory_path(error) / "rookery-train-XXXXXX").string();
  const int number = error ? -1 : ::mkstemp(path.data());
  if (number >= 0) ::unlink(path.c_str());
  local.copy.reset(number < 0 ? nullptr : ::fdopen(number, "w+b"));
  if (local.copy == nullptr) return unreadable(file.name, "no copy of it can be made");
  ROOKERY_RETURN_IF_ERROR((*client)->download(*location, *local.copy));
  local.path = "/proc/self/fd/" + std::to_string(number);
  return local;
}

Result<void> InputFiles::read(const InputFile& file,
                              const std::function<void(std::string_view)>& take) {
  const auto local = fetch(file);
  ROOKERY_RETURN_IF_ERROR(local);
  if (is_parquet(file.name)) {
    return read_parquet({local->path, file.name}, settings_.text_field, take);
  }
  return read_lines(file, local->path, take);
}

Result<void> InputFiles::read_lines(const InputFile& file, const std::string& path,
                                    const std::function<void(std::string_view)>& take) const {
  auto lines = Lines::open(path);
  ROOKERY_RETURN_IF_ERROR(lines);
  std::string line;
  while (lines->next(line)) {
    if (settings_.format == "text") {
      take(line);
      continue;
    }
    const auto text = text_of(line, settings_.text_field, file.name, lines->number());
    ROOKERY_RETURN_IF_ERROR(text);
    if (*text) take(**text);
  }
  return lines->check_end(file.name);
}

Result<std::uint64_t> InputFiles::count(const InputFile& file) {
  const auto local = fetch(file);
  ROOKERY_RETURN_IF_ERROR(local);
  if (is_parquet(file.name)) return count_parquet({local->path, file.name});
  auto lines = Lines::open(local->path);
  ROOKERY_RETURN_IF_ERROR(lines);
  std::uint64_t count = 0;
  std::string line;
  while (lines->next(line)) ++count;
  ROOKERY_RETURN_IF_ERROR(lines->check_end(file.name));
  return count;
}

}  // namespace rookery::train
