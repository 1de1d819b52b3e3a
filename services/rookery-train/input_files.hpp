#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/s3/client.hpp"

namespace rookery::train {

/// What the texts lie in and how they are read.
struct InputSettings {
  /// Files, or folders whose files of the format are taken in order of their
  /// names, or s3://BUCKET/PREFIX: the objects of the format whose keys begin so.
  std::vector<std::string> inputs = {};
  /// "jsonl" (an object a line), "text" (a text a line), "parquet", or "posts":
  /// JSON lines and Parquet, each by the file's name.
  std::string format = "posts";
  std::string text_field = "text";
  s3::Options s3 = {};
};

/// One file of the input.
struct InputFile {
  std::string name;   ///< Path, or s3://BUCKET/KEY.
  std::string stamp;  ///< Another one where the content is another one.
};

/// The files of an input. Those in S3 are copied to the machine one at a time,
/// while they are read. One thread uses it.
class InputFiles {
 public:
  /// Error: option_invalid, s3_credentials (kMisconfigured).
  static Result<InputFiles> open(const InputSettings& settings, Clock& clock);

  /// All of them, as they are now; in folders and in S3 those of dead letters
  /// are left out. Errors: file_unreadable (kMisconfigured), those of s3::Client.
  Result<std::vector<InputFile>> find();

  /// Hands the texts of one file to `take`; posts that are deletions have none.
  /// Errors: file_unreadable, file_malformed (kMisconfigured; names file, line or
  /// row, and value), parquet_missing, those of s3::Client.
  Result<void> read(const InputFile& file, const std::function<void(std::string_view)>& take);

  /// How many posts or texts a file has, deletions among them. Errors as read().
  Result<std::uint64_t> count(const InputFile& file);

 private:
  InputFiles(InputSettings settings, Clock& clock)
      : settings_(std::move(settings)), clock_(clock) {}

  /// A file on this machine; a copy goes with the object.
  struct Local {
    std::string path;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> copy{nullptr, &std::fclose};
  };
  Result<s3::Client*> client();
  Result<Local> fetch(const InputFile& file);
  Result<void> find_in_folder(const std::string& folder, std::vector<InputFile>& found) const;
  Result<void> find_in_s3(const std::string& input, std::vector<InputFile>& found);
  [[nodiscard]] bool has_ending(std::string_view name) const;
  [[nodiscard]] bool is_parquet(std::string_view name) const;
  Result<void> read_lines(const InputFile& file, const std::string& path,
                          const std::function<void(std::string_view)>& take) const;

  InputSettings settings_;
  Clock& clock_;
  std::unique_ptr<s3::Client> client_;  ///< Made when it is needed first.
};

}  // namespace rookery::train
