#include "services/rookery-train/topic_measures.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <random>
#include <unordered_map>

#include "services/sentiment-scoring/topic_scorer.hpp"

namespace rookery::train {
namespace {

using Points = std::vector<std::pair<double, double>>;

std::string rounded(double value, int decimals) {
  std::array<char, 48> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return {text.data(), static_cast<std::size_t>(length)};
}

/// For each of `words`, a bit for each text that has it.
class Occurrences {
 public:
  Occurrences(const std::vector<std::vector<std::uint32_t>>& words, const Documents& documents)
      : bits_(documents.size() / 64 + 1) {
    for (const auto& topic : words) {
      for (const std::uint32_t word : topic) rows_.try_emplace(word, bits_);
    }
    for (std::size_t document = 0; document < documents.size(); ++document) {
      for (std::size_t i = documents.begins[document]; i < documents.begins[document + 1]; ++i) {
        const auto row = rows_.find(documents.words[i]);
        if (row == rows_.end()) continue;
        row->second.words[document / 64] |= std::uint64_t{1} << (document % 64);
      }
    }
  }
  [[nodiscard]] double both(std::uint32_t a, std::uint32_t b) const {
    const Row& left = rows_.at(a);
    const Row& right = rows_.at(b);
    std::int64_t count = 0;
    for (std::size_t i = 0; i < left.words.size(); ++i) {
      count += std::popcount(left.words[i] & right.words[i]);
    }
    return static_cast<double>(count);
  }

 private:
  struct Row {
    explicit Row(std::size_t bits) : words(bits) {}
    std::vector<std::uint64_t> words;
  };
  std::size_t bits_;
  std::unordered_map<std::uint32_t, Row> rows_;
};

}  // namespace

std::vector<std::vector<std::uint32_t>> top_words(const std::vector<float>& weights,
                                                  std::size_t topics, std::size_t count) {
  const std::size_t words = weights.size() / topics;
  std::vector<std::vector<std::uint32_t>> all(topics);
  std::vector<std::uint32_t> order(words);
  for (std::size_t topic = 0; topic < topics; ++topic) {
    std::iota(order.begin(), order.end(), 0U);
    const auto last = order.begin() + static_cast<std::ptrdiff_t>(std::min(count, words));
    std::partial_sort(order.begin(), last, order.end(), [&](std::uint32_t a, std::uint32_t b) {
      const float left = weights[a * topics + topic];
      const float right = weights[b * topics + topic];
      return left != right ? left > right : a < b;
    });
    all[topic].assign(order.begin(), last);
  }
  return all;
}

double coherence(const std::vector<std::vector<std::uint32_t>>& words, const Documents& documents) {
  if (documents.size() == 0) return 0;
  const Occurrences occurrences(words, documents);
  const auto all = static_cast<double>(documents.size());
  double sum = 0;
  double pairs = 0;
  for (const auto& topic : words) {
    for (std::size_t i = 0; i < topic.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        pairs += 1;
        const double both = occurrences.both(topic[i], topic[j]) / all;
        if (both == 0) {
          sum -= 1;
        } else if (both < 1) {
          const double chance = occurrences.both(topic[i], topic[i]) / all *
                                (occurrences.both(topic[j], topic[j]) / all);
          sum += std::log(both / chance) / -std::log(both);
        } else {
          sum += 1;
        }
      }
    }
  }
  return pairs > 0 ? sum / pairs : 0;
}

double completion_perplexity(const sentiment_scoring::TopicModel& model, const Documents& documents,
                             std::uint64_t seed) {
  sentiment_scoring::TopicScorer scorer;
  std::mt19937_64 random(seed);
  double sum = 0;
  double count = 0;
  for (std::size_t document = 0; document < documents.size(); ++document) {
    std::vector<std::uint32_t> words = documents.at(document);
    if (words.size() < 2) continue;
    for (std::size_t i = words.size(); i > 1; --i) std::swap(words[i - 1], words[random() % i]);
    const auto half = static_cast<std::ptrdiff_t>(words.size() / 2);
    const std::vector<float>& mixture =
        scorer.mixture(model, {words.begin(), words.begin() + half});
    for (auto word = words.begin() + half; word != words.end(); ++word) {
      const float* weights = model.weights(*word);
      double probability = 0;
      for (std::size_t topic = 0; topic < mixture.size(); ++topic) {
        probability += static_cast<double>(mixture[topic] * weights[topic]);
      }
      sum += std::log(std::max(probability, 1e-30));
      count += 1;
    }
  }
  return count > 0 ? std::exp(-sum / count) : 0;
}

std::string terminal_plot(const Points& points, std::size_t width, std::size_t height) {
  if (points.empty() || width == 0 || height < 2) return "";
  const auto [low, high] =
      std::minmax_element(points.begin(), points.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; });
  const double range = std::max(high->second - low->second, 1e-9);
  std::vector<std::string> rows(height - 1, std::string(width, ' '));
  for (std::size_t column = 0; column < width; ++column) {
    const double y =
        points[column * (points.size() - 1) / std::max<std::size_t>(width - 1, 1)].second;
    const auto row = static_cast<std::size_t>(
        std::lround((high->second - y) / range * static_cast<double>(height - 2)));
    rows[std::min(row, height - 2)][column] = '*';
  }
  std::string plot;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const std::string label = row == 0                 ? rounded(high->second, 3)
                              : row + 1 == rows.size() ? rounded(low->second, 3)
                                                       : "";
    plot +=
        std::string(label.size() < 9 ? 9 - label.size() : 0, ' ') + label + " |" + rows[row] + "\n";
  }
  return plot + std::string(10, ' ') + "+" + std::string(width, '-') + " " +
         rounded(points.back().first, 0) + "\n";
}

std::string svg_plot(const Points& points, const std::string& x_title, const std::string& y_title) {
  constexpr double kWidth = 640;
  constexpr double kHeight = 360;
  constexpr double kMargin = 48;
  if (points.empty()) return "";
  const auto [low, high] =
      std::minmax_element(points.begin(), points.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; });
  const double range = std::max(high->second - low->second, 1e-9);
  const double length = std::max(points.back().first - points.front().first, 1e-9);
  std::string line;
  for (const auto& [x, y] : points) {
    const double left = kMargin + (x - points.front().first) / length * (kWidth - 2 * kMargin);
    const double top = kMargin + (high->second - y) / range * (kHeight - 2 * kMargin);
    line += (line.empty() ? "" : " ") + rounded(left, 1) + "," + rounded(top, 1);
  }
  const auto text = [](double x, double y, const char* anchor, const std::string& what) {
    return "<text x=\"" + rounded(x, 0) + "\" y=\"" + rounded(y, 0) + "\" text-anchor=\"" + anchor +
           "\">" + what + "</text>\n";
  };
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 360\" "
         "font-family=\"sans-serif\" "
         "font-size=\"12\">\n<rect width=\"640\" height=\"360\" fill=\"white\"/>\n"
         "<path d=\"M48 48V312H592\" fill=\"none\" stroke=\"gray\"/>\n<polyline points=\"" +
         line + "\" fill=\"none\" stroke=\"#0072b2\" stroke-width=\"2\"/>\n" +
         text(44, 52, "end", rounded(high->second, 2)) +
         text(44, 316, "end", rounded(low->second, 2)) + text(320, 344, "middle", x_title) +
         text(592, 328, "end", rounded(points.back().first, 0)) + text(48, 32, "start", y_title) +
         "</svg>\n";
}

}  // namespace rookery::train
