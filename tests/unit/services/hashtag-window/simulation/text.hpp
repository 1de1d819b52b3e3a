#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace rookery::simulation {

/// The parts in a row. (A chain of + on literals raises false -Wrestrict warnings in g++ 12.)
[[nodiscard]] inline std::string concat(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text.append(part);
  return text;
}

}  // namespace rookery::simulation
