#include "services/rookery-train/training_progress.hpp"

#include <algorithm>
#include <ostream>

namespace rookery::train {
namespace {

constexpr std::size_t kWidth = 50;

}  // namespace

std::string progress_bar(std::size_t done, std::size_t steps, std::size_t width) {
  const std::size_t filled = done * width / std::max<std::size_t>(steps, 1);
  const std::string percent = std::to_string(done * 100 / std::max<std::size_t>(steps, 1));
  return "[" + std::string(filled, '#') + std::string(width - filled, ' ') + "] " +
         std::string(3 - std::min<std::size_t>(percent.size(), 3), ' ') + percent + " %";
}

TrainingProgress::~TrainingProgress() {
  clear();
  log_.flush();
}

void TrainingProgress::line(std::string_view text) {
  clear();
  log_ << text << '\n';
  log_.flush();
  if (steps_ > 0) draw();
}

void TrainingProgress::expect(std::size_t steps) {
  clear();
  steps_ = steps;
  done_ = 0;
  shown_ = kNone;
}

void TrainingProgress::step() {
  done_ = std::min(done_ + 1, steps_);
  if (steps_ == 0 || done_ * 100 / steps_ == shown_) return;
  draw();
}

void TrainingProgress::clear() {
  if (!drawn_) return;
  log_ << '\r' << std::string(kWidth + sizeof("[] 100 %"), ' ') << '\r';
  drawn_ = false;
}

void TrainingProgress::draw() {
  if (shape_ == ProgressShape::kLines) return;
  log_ << '\r' << progress_bar(done_, steps_, kWidth) << std::flush;
  shown_ = done_ * 100 / steps_;
  drawn_ = true;
}

}  // namespace rookery::train
