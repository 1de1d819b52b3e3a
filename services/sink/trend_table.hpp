#pragma once

#include <cstddef>
#include <string>

#include "services/sink/trend.hpp"

namespace rookery::sink {

/// Appends the ranking as an aligned table for people, at most `rows` of it: a
/// heading (dimension, window, its times, posts, mood), column names, one line
/// per key, and an empty line. Safe for a terminal whatever the keys hold.
void append_trend_table(std::string& out, const Trend& trend, std::size_t rows);

}  // namespace rookery::sink
