#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"
#include "services/sentiment-scoring/model.hpp"

namespace rookery::sentiment_scoring {

/// The models that a service scores with: at most one a language.
class ModelSet {
 public:
  struct File {
    std::string path;
    std::string language;  ///< That it must be for.
  };

  /// The files behind sources: each is LANGUAGE=FILE, or a folder, of which the
  /// files LANGUAGE.model are taken ("en-polarity.model" is none). Error
  /// (kMisconfigured): models_missing (a folder that is not there or holds none).
  static Result<std::vector<File>> files(const std::vector<std::string>& sources);

  /// Loads one of them. Errors (kMisconfigured): as Model::load(), models_conflict
  /// (it is for another language).
  static Result<Model> load_file(const File& file);

  /// Loads them all, but for objects in S3 (ModelObjects). Errors (kMisconfigured): as files() and
  /// load_file(), models_conflict (two for one language).
  static Result<ModelSet> load(const std::vector<std::string>& sources);

  /// Takes `model` in. Error: models_conflict.
  Result<void> add(Model model);
  /// Leaves out the model for `language`, if there is one.
  void remove(std::string_view language);
  /// Takes `model` in, in the place of the one for its language if there is one.
  void replace(Model model);

  /// The model for a BCP 47 code, by its primary language ("en-GB" is "en") in
  /// any case; null: not covered.
  [[nodiscard]] const Model* find(std::string_view language) const;

  [[nodiscard]] const std::vector<Model>& all() const { return models_; }
  [[nodiscard]] std::size_t size() const { return models_.size(); }

 private:
  std::vector<Model> models_;
};

}  // namespace rookery::sentiment_scoring
