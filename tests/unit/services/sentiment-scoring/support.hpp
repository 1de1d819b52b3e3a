#pragma once

#include <string>
#include <string_view>

#include "services/sentiment-scoring/model_store.hpp"
#include "services/sentiment-scoring/scorer.hpp"

namespace rookery::sentiment_scoring {

/// The models as they are shipped; tests run in the repository's root.
inline const char* const kModels = "services/sentiment-scoring/models";

inline ModelSet shipped_models() {
  auto set = ModelSet::load({kModels});
  if (!set) throw std::runtime_error(set.error().message);
  return std::move(*set);
}

inline ModelStore shipped_store() {
  auto store = ModelStore::open({{kModels}, ""});
  if (!store) throw std::runtime_error(store.error().message);
  return std::move(*store);
}

inline const Model& english() {
  static const ModelSet set = shipped_models();
  return *set.find("en");
}

/// A model that knows nothing but its bias: positive.
inline ModelParts small_parts() {
  ModelParts parts;
  parts.language = "en";
  parts.name = "small";
  parts.word_grams = {{7, 1, -1}, {0x10007, 2, 3}};
  parts.character_grams = {{0xFFFFFFFF, -127, 127}};
  parts.word_unit = 0.5F;
  parts.character_unit = 0.25F;
  parts.dense[2] = {-1, 1};
  parts.bias = {0, 0, 1};
  parts.temperature = 1.25F;
  return parts;
}

}  // namespace rookery::sentiment_scoring
