#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <string>

#include "common/core/result.hpp"
#include "services/rookery-train/input_files.hpp"
#include "services/rookery-train/topics_command.hpp"

namespace rookery::train {

/// How many texts an input has that no training has learnt from. A file is
/// counted again only when it is another one than at the last look; one that is
/// gone (retention deletes archives too) takes nothing from the others.
class Growth {
 public:
  /// What an earlier process remembered at `path`; nothing where there is no such
  /// file. Error: file_malformed (kMisconfigured).
  static Result<Growth> open(std::string path);

  /// Looks at the input. Errors: those of InputFiles.
  Result<std::uint64_t> count(InputFiles& input);
  /// All that count() saw last was learnt from.
  void learnt();
  /// Remembers it for the next process. Error: file_unwritable (kMisconfigured).
  Result<void> save() const;

 private:
  struct File {
    std::string stamp;
    std::uint64_t texts = 0;
    std::uint64_t learnt = 0;
  };
  std::string path_;
  std::map<std::string, File> files_;
};

/// What `--watch` was asked for.
struct Watch {
  std::uint64_t texts = 0;  ///< New ones that a training needs.
  /// Called before each look; false: it is over.
  std::function<bool()> wait;
  /// Called with the model's file after each training; may be empty. One that
  /// fails is called again after the next look.
  std::function<Result<void>(const std::string& path)> publish;
};

/// Trains whenever the input has `texts` texts more than at the last training,
/// for the first time once it has that many. What was learnt from is remembered
/// in the file MODEL.learnt, so that a restart trains no sooner. A look or a
/// training that fails (a line that is being written, a server that is away) is
/// told to `log` and tried again. Errors at the start alone: those of
/// InputFiles::open() and Growth::open().
Result<void> watch_topics(const TopicsCommand& command, const Watch& watch, Clock& clock,
                          std::ostream& out, std::ostream& log);

}  // namespace rookery::train
