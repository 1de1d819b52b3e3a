#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"
#include "services/sentiment-scoring/model.hpp"

namespace rookery::sentiment_scoring {

/// The models that a service scores with: at most one a language. Read-only.
class ModelSet {
 public:
  /// Each source is LANGUAGE=FILE, or a folder, all of whose *.model files are
  /// taken. Errors (kMisconfigured): as Model::load(), models_missing (a folder
  /// that is not there or holds none), models_conflict (two for one language,
  /// or a file of another language than its source says).
  static Result<ModelSet> load(const std::vector<std::string>& sources);

  /// Takes `model` in. Error: models_conflict.
  Result<void> add(Model model);

  /// The model for a BCP 47 code, by its primary language ("en-GB" is "en") in
  /// any case; null: not covered.
  [[nodiscard]] const Model* find(std::string_view language) const;

  [[nodiscard]] std::size_t size() const { return models_.size(); }

 private:
  Result<void> add_folder(const std::string& path);

  std::vector<Model> models_;
};

}  // namespace rookery::sentiment_scoring
