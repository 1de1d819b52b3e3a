#pragma once

#include <span>
#include <string_view>

namespace rookery::ingest {

/// What the simulator's posts are made of. The authors are invented; the cities
/// and their coordinates are facts.
struct SimCity {
  std::string_view name;
  std::string_view country;
  std::string_view country_code;
  double lat;
  double lon;
};

/// Texts of one language. Every text has one "%" where a subject is put in.
struct SimLanguage {
  std::string_view code;
  int weight;  ///< Of 100.
  std::span<const std::string_view> texts;
  std::span<const std::string_view> subjects;
};

[[nodiscard]] std::span<const SimCity> sim_cities();
[[nodiscard]] std::span<const SimLanguage> sim_languages();
/// The two halves of background hashtags ("coffee" + "lovers").
[[nodiscard]] std::span<const std::string_view> sim_tag_heads();
[[nodiscard]] std::span<const std::string_view> sim_tag_tails();
/// The two halves of planted hashtags ("rescue" + "parade").
[[nodiscard]] std::span<const std::string_view> sim_burst_heads();
[[nodiscard]] std::span<const std::string_view> sim_burst_tails();
[[nodiscard]] std::span<const std::string_view> sim_first_names();
[[nodiscard]] std::span<const std::string_view> sim_emoji();

}  // namespace rookery::ingest
