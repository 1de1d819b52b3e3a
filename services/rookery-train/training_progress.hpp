#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

namespace rookery::train {

/// Whether a person looks on: a bar is for a terminal, a file keeps lines alone.
enum class ProgressShape : std::uint8_t { kLines, kBar };

/// How far a training is. Lines come one below the other; under the last one a bar is kept, drawn
/// anew whenever another percent is done. One thread uses it.
class TrainingProgress {
 public:
  TrainingProgress(std::ostream& log, ProgressShape shape) : log_(log), shape_(shape) {}
  TrainingProgress(const TrainingProgress&) = delete;
  TrainingProgress& operator=(const TrainingProgress&) = delete;
  /// Takes the bar away.
  ~TrainingProgress();

  void line(std::string_view text);
  /// Sets how many steps there will be, from now on; 0: nobody knows, and there is no bar.
  void expect(std::size_t steps);
  void step();

 private:
  void clear();
  void draw();

  std::ostream& log_;
  ProgressShape shape_;
  std::size_t steps_ = 0;
  std::size_t done_ = 0;
  static constexpr std::size_t kNone = 101;
  std::size_t shown_ = kNone;  ///< Percent that the bar shows.
  bool drawn_ = false;
};

/// "[#####     ]  50 %" with `width` places between the brackets. `done` is at most `steps`.
[[nodiscard]] std::string progress_bar(std::size_t done, std::size_t steps, std::size_t width);

}  // namespace rookery::train
