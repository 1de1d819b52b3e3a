#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"
#include "services/sentiment-scoring/features.hpp"

namespace rookery::sentiment_scoring {

enum class Label : std::uint8_t { kNegative, kNeutral, kPositive };
constexpr std::size_t kLabelCount = 3;
[[nodiscard]] std::string_view name_of(Label label);

/// One value for each label, in the order of Label.
using PerLabel = std::array<float, kLabelCount>;

/// What a model consists of: what the trainer makes, and what a file holds.
/// Weights pull to negative and to positive; neutral is 0.
struct ModelParts {
  struct Gram {
    std::uint32_t key;
    std::int8_t negative;
    std::int8_t positive;
  };
  std::string language;               ///< BCP 47 primary language, as "en"; 1 to 15 bytes.
  std::string name;                   ///< Free, as "en"; 1 to 31 bytes.
  std::size_t classes = kLabelCount;  ///< 2: there is no neutral.
  std::vector<Gram> word_grams;       ///< Ascending keys, none twice.
  std::vector<Gram> character_grams;
  std::vector<Gram> wide_grams;  ///< None: features need no add_wide().
  float word_unit = 0;           ///< What an int8 weight of 1 is worth.
  float character_unit = 0;
  float wide_unit = 0;
  std::array<std::array<float, 2>, kDenseCount> dense{};
  PerLabel bias{};        ///< Of the classes as trained, less the log of their share.
  float temperature = 1;  ///< Divides the logits; fitted on held-out posts.
};

/// A model as it scores: read-only, any number of threads may use it.
///
/// A sum of weights over the distinct n-grams that the model knows, each block
/// divided by the root of their number, plus the dense features; then softmax.
/// Some 2 MiB, 2.5 with wide n-grams: a table for each kind of n-gram.
class Model {
 public:
  /// Reads what encode() wrote. Errors (all kMisconfigured): model_broken (not a
  /// model, cut short, or changed), model_version (of another format, or for
  /// other features or another lexicon than this program has).
  static Result<Model> decode(std::string_view bytes);
  /// As decode(); an unreadable file is model_unreadable. Messages name `path`.
  static Result<Model> load(const std::string& path);

  /// The file: at most 4 bytes an n-gram and 128 KiB beside them.
  static std::string encode(const ModelParts& parts);

  [[nodiscard]] const std::string& language() const { return language_; }
  /// 3, or 2 where the model knows no neutral, whose probability is then 0.
  [[nodiscard]] std::size_t classes() const { return classes_; }
  /// Whether it wants Features::wide_grams.
  [[nodiscard]] bool has_wide() const { return !wide_.slots.empty(); }
  /// Name and checksum, as "en-1f0c2d3e".
  [[nodiscard]] const std::string& id() const { return id_; }

  /// The n-grams that one text had; kept by the caller for the next text.
  class Seen {
   private:
    friend class Model;
    std::vector<std::uint64_t> bits_;
    std::vector<std::uint32_t> slots_;
  };

  /// Probabilities that add up to 1, for classes that are equally frequent.
  [[nodiscard]] PerLabel probabilities(const Features& features, Seen& seen) const;

  /// Sum of what the features say, before temperature; for fitting it.
  [[nodiscard]] PerLabel logits(const Features& features, Seen& seen) const;

 private:
  /// One slot of the table; free where both weights are 0 and `mark` is 0.
  struct Slot {
    std::uint16_t mark = 0;  ///< The key's low bits; the slot's place has the high ones.
    std::int8_t negative = 0;
    std::int8_t positive = 0;
  };
  struct Block {
    std::vector<Slot> slots;
    unsigned shift = 0;
    float unit = 0;
  };

  static Block make_block(const std::vector<ModelParts::Gram>& grams, float unit);
  static void add(const Block& block, const std::vector<std::uint32_t>& keys, Seen& seen,
                  PerLabel& logits);

  std::string language_;
  std::string id_;
  std::size_t classes_ = kLabelCount;
  Block words_;
  Block characters_;
  Block wide_;  ///< Without slots where the model knows no wide n-grams.
  std::array<std::array<float, 2>, kDenseCount> dense_{};
  PerLabel bias_{};
  float temperature_ = 1;
};

}  // namespace rookery::sentiment_scoring
