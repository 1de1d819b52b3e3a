#include "services/sink/trend_table.hpp"

#include <catch2/catch.hpp>

namespace rookery::sink {
namespace {

TEST_CASE("a table is aligned, and harmless whatever the keys hold", "[sink][table]") {
  Trend trend;
  trend.dimension = "hashtag";
  trend.window = "5m/1m";
  trend.start = "2026-03-01T12:00:00Z";
  trend.end = "2026-03-01T12:05:00Z";
  trend.total = 12'345;
  trend.sentiment = 0.1234;
  trend.top = {{"rookery", 1'204, 980, 0.25, 3, 12.345, "Rookery", "rising"},
               {"日本語タグ", 977, 801, -0.5, 1, 0},
               {"caf\xC3\xA9🐱", 96, 64, 0, 3, 4.5},
               {"\x1b[31mred\xE2\x80\xAE", 9, 1, 0.001, std::nullopt, -1.25},
               {"below", 1, 1, 0, std::nullopt, 0}};
  std::string table;
  append_trend_table(table, trend, 4);
  CHECK(table ==
        "hashtag · 5m/1m · 2026-03-01 12:00–12:05 UTC · 12,345 counted, sentiment +0.123\n"
        "rank  key                     count      authors  sentiment  change      score    state\n"
        "   1  Rookery                 1,204          980     +0.250      ▲2     12.345   rising\n"
        "   2  日本語タグ                977          801     -0.500      ▼1      0.000\n"
        "   3  café🐱                     96           64     +0.000       =      4.500\n"
        "   4  \\x1b[31mred                 9            1     +0.001     new     -1.250\n"
        "\n");
}

TEST_CASE("a window that ends on another day, between minutes, early, or with keys missing says so",
          "[sink][table]") {
  Trend trend{"hashtag", "24h/1m", "2026-03-01T12:00:10Z", "2026-03-02T12:00:10Z", 0, 0, {}};
  trend.approximate = true;
  trend.final = false;
  std::string table;
  append_trend_table(table, trend, 10);
  CHECK(table ==
        "hashtag · 24h/1m · 2026-03-01 12:00:10–2026-03-02 12:00:10 UTC · 0 counted, sentiment "
        "+0.000 · early · approximate: too many keys\n  (nothing was counted)\n\n");
}

}  // namespace
}  // namespace rookery::sink
