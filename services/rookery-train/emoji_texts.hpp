#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/rookery-train/corpus.hpp"

namespace rookery::train {

/// Makes `count` examples from `examples` by adding an emoji that the lexicon
/// rates, one in ten of them the emoji alone, with targets moved as far as the
/// emoji's valence says: collections hold too few emoji to learn what each
/// means. Every rated emoji is equally frequent. The same arguments give the
/// same examples; none where `examples` are none.
[[nodiscard]] std::vector<Example> add_emoji(const std::vector<Example>& examples,
                                             std::size_t count, std::uint64_t seed);

}  // namespace rookery::train
