#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "services/rookery-train/topic_corpus.hpp"
#include "services/sentiment-scoring/topic_model.hpp"

namespace rookery::train {

/// The numbers of the words with the largest weights, for each topic, the
/// largest first; ties by number.
[[nodiscard]] std::vector<std::vector<std::uint32_t>> top_words(const std::vector<float>& weights,
                                                                std::size_t topics,
                                                                std::size_t count);

/// Mean normalised pointwise mutual information of the pairs among each topic's
/// words, by the texts in which they occur together (Bouma 2009): -1 never
/// together, 0 by chance, 1 always. Texts without any word are not counted.
[[nodiscard]] double coherence(const std::vector<std::vector<std::uint32_t>>& words,
                               const Documents& documents);

/// exp of minus the mean log probability of one half of each text's words, given
/// the mixture that the model finds for the other half (document completion,
/// Wallach et al. 2009). Which words belong to which half is drawn by `seed`.
/// Texts of one word are left out; 0: there is no other.
[[nodiscard]] double completion_perplexity(const sentiment_scoring::TopicModel& model,
                                           const Documents& documents, std::uint64_t seed);

/// A curve for the terminal: `height` lines of text, the last one the axis.
[[nodiscard]] std::string terminal_plot(const std::vector<std::pair<double, double>>& points,
                                        std::size_t width, std::size_t height);

/// The same curve as a picture, with axes and the first and last value.
[[nodiscard]] std::string svg_plot(const std::vector<std::pair<double, double>>& points,
                                   const std::string& x_title, const std::string& y_title);

}  // namespace rookery::train
