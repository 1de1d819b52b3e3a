#include "services/hashtag-window/settings.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <string_view>

namespace rookery::hashtag_window {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

/// Raised whenever the same post would give other keys than before: the index of
/// deletions is rebuilt from posts, and must find the keys that were counted.
constexpr int kKeysVersion = 3;

/// Where less is kept there are no snapshots.
constexpr milliseconds kSnapshotsFrom = hours(3);

constexpr milliseconds kSpanMax = hours(24 * 31);

Failure invalid(std::string_view option, std::string_view value, std::string_view expected) {
  return misconfigured("option_invalid", "option \"" + std::string(option) + "\": expected " +
                                             std::string(expected) + ", got \"" +
                                             std::string(value) + "\"");
}

/// "10s" as milliseconds; absent where it is not a positive whole number with a unit.
std::optional<milliseconds> parse_span(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number <= 0 || number > kSpanMax.count()) return {};
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const std::int64_t scale = unit == "ms"  ? 1
                             : unit == "s" ? 1'000
                             : unit == "m" ? 60'000
                             : unit == "h" ? 3'600'000
                             : unit == "d" ? 86'400'000
                                           : 0;
  if (scale == 0 || number > kSpanMax.count() / scale) return {};
  return milliseconds(number * scale);
}

constexpr std::int64_t kTopMax = 1000;

struct WindowText {
  std::string name;  ///< Without its K.
  milliseconds length;
  milliseconds slide;
  std::size_t top_k = 0;
};

/// "20"; absent where it is not from 1 to 1000.
std::optional<std::size_t> parse_top(std::string_view text) {
  std::int64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc() || end != last || number < 1 || number > kTopMax) return {};
  return static_cast<std::size_t>(number);
}

Result<WindowText> parse_window(const std::string& text) {
  constexpr std::string_view kExpected =
      "LENGTH/SLIDE or LENGTH/SLIDE:K with units ms, s, m, h or d, the slide not above the length, "
      "at most 31d, K from 1 to 1000";
  const std::string_view view = text;
  const auto colon = view.find(':');
  const std::string_view name = view.substr(0, colon);
  const auto slash = name.find('/');
  if (slash == std::string_view::npos) return invalid("windows", text, kExpected);
  const auto length = parse_span(name.substr(0, slash));
  const auto slide = parse_span(name.substr(slash + 1));
  std::optional<std::size_t> top = 0;
  if (colon != std::string_view::npos) top = parse_top(view.substr(colon + 1));
  if (!length || !slide || *slide > *length || !top) return invalid("windows", text, kExpected);
  return WindowText{std::string(name), *length, *slide, *top};
}

Pane panes_rounded_up(milliseconds span, milliseconds pane) {
  return (span + pane - milliseconds(1)) / pane;
}

Result<void> add_windows(const WindowOptions& options, Settings& settings) {
  constexpr Pane kPanesMax = 100'000;
  std::vector<WindowText> texts;
  std::int64_t common = 0;
  for (const std::string& text : options.windows) {
    auto window = parse_window(text);
    ROOKERY_RETURN_IF_ERROR(window);
    const auto same = [&](const WindowText& other) { return other.name == window->name; };
    if (std::any_of(texts.begin(), texts.end(), same)) {
      return invalid("windows", text, "each window once");
    }
    common = std::gcd(common, std::gcd(window->length.count(), window->slide.count()));
    texts.push_back(*std::move(window));
  }
  if (texts.empty()) return invalid("windows", "", "at least one window");
  settings.pane = milliseconds(common);
  for (const WindowText& w : texts) {
    settings.windows.push_back(
        {w.name, w.length / settings.pane, w.slide / settings.pane, w.top_k});
    if (settings.windows.back().length > kPanesMax) {
      return invalid("windows", w.name,
                     "at most 100000 panes, the common divisor of all lengths and slides");
    }
  }
  return {};
}

Result<void> add_dimensions(const WindowOptions& options, Settings& settings) {
  for (const std::string& name : options.dimensions) {
    const auto dimension = dimension_named(name);
    if (!dimension || is_pairs(*dimension)) return invalid("dimensions", name, dimension_names());
    auto& chosen = settings.dimensions;
    if (std::find(chosen.begin(), chosen.end(), *dimension) != chosen.end()) {
      return invalid("dimensions", name, "each dimension once");
    }
    chosen.push_back(*dimension);
  }
  std::erase_if(settings.dimensions,
                [&](Dimension dimension) { return &family_of(dimension) != settings.family; });
  if (settings.dimensions.empty()) return invalid("dimensions", "", dimension_names());
  settings.hotspot_hashtags = static_cast<std::size_t>(options.hotspot_hashtags);
  const std::vector<Dimension> chosen = settings.dimensions;
  for (const Dimension dimension : chosen) {
    if (settings.hotspot_hashtags > 0 && cell_level(dimension)) {
      settings.dimensions.push_back(pairs_of(dimension));
    }
  }
  return {};
}

Result<void> add_upstream(std::string_view option, const std::vector<std::string>& stages,
                          Settings& settings) {
  for (const std::string& text : stages) {
    const auto colon = text.find(':');
    if (colon == 0 || colon == std::string::npos || colon + 1 == text.size() ||
        text.find(':', colon + 1) != std::string::npos) {
      return invalid(option, text, "GROUP:TOPIC, as geo-enrich:raw_tweets");
    }
    settings.upstream.push_back({text.substr(0, colon), text.substr(colon + 1)});
  }
  return {};
}

/// "50", or "50,20,10" where windows have their own.
std::string tops_of(const Settings& s) {
  const auto same = [&](const Window& w) { return w.top_k == s.windows.front().top_k; };
  std::string text = std::to_string(s.windows.front().top_k);
  if (std::all_of(s.windows.begin(), s.windows.end(), same)) return text;
  for (std::size_t i = 1; i < s.windows.size(); ++i) {
    text += "," + std::to_string(s.windows[i].top_k);
  }
  return text;
}

std::string fingerprint_of(const Settings& s) {
  std::string text = "v4 pane=" + std::to_string(s.pane.count()) + "ms windows=";
  for (const Window& w : s.windows) text += (&w == s.windows.data() ? "" : ",") + w.name;
  text += " dimensions=";
  for (const Dimension& d : s.dimensions) {
    if (&d != s.dimensions.data()) text += ',';
    text += name_of(d);
  }
  const auto add = [&](std::string_view name, auto value) {
    text.append(" ").append(name).append("=").append(std::to_string(value));
  };
  add("lateness", s.lateness);
  add("deletions", s.deletion_horizon);
  add("future", s.future_max.count());
  add("history", s.trend_history);
  text += " top=" + tops_of(s);
  add("authors", s.authors_exact_max);
  add("key_bytes", s.key_bytes_max);
  add("pane_keys", s.pane_keys_max);
  add("open_keys", s.open_keys_max);
  add("window_keys", s.window_keys_max);
  if (is_pairs(s.dimensions.back())) add("hotspot_hashtags", s.hotspot_hashtags);
  add("keys", kKeysVersion);
  add("P", s.source_partitions);
  add("Q", s.partial_partitions);
  return text;
}

Pane rounded_up(Pane pane, Pane unit) {
  return (pane + unit - 1) / unit * unit;
}

/// Where a window is as long as a day, yesterday's panes are there for all. Not for blocks of more
/// than half an hour: two of them are kept beyond the day, which so grows by a 24th at most. And
/// not where a block may begin within a folded pane: those are no longer than the slides of the
/// windows that see them.
void derive_day(Settings& settings) {
  const Pane day = settings.day / settings.pane;
  if (settings.day % settings.pane != milliseconds(0) || settings.length_max < day) return;
  for (Window& w : settings.windows) {
    const bool whole = std::all_of(
        settings.windows.begin(), settings.windows.end(),
        [&](const Window& other) { return other.reach <= day || w.block % other.slide == 0; });
    if (!whole || 48 * w.block > day) continue;
    w.day = day;
    settings.keep = std::max(settings.keep, day + 2 * w.block);
  }
}

/// Chooses which windows keep their panes as they are, those that look back least; the others see
/// what lies behind these folded. Of the choices the one that leaves the fewest panes.
void derive_folding(Settings& settings) {
  std::vector<const Window*> windows;
  for (const Window& w : settings.windows) windows.push_back(&w);
  std::stable_sort(windows.begin(), windows.end(),
                   [](const Window* a, const Window* b) { return a->reach < b->reach; });
  settings.fold = 1;
  settings.settled = settings.deletion_horizon;
  Pane fewest = settings.keep;
  for (std::size_t fine = 1; fine < windows.size(); ++fine) {
    const Pane settled = std::max(windows[fine - 1]->reach, settings.deletion_horizon);
    Pane fold = 0;
    Pane shortest = settings.keep;
    for (std::size_t i = fine; i < windows.size(); ++i) {
      const Window& w = *windows[i];
      // Its end, its begin and what it compares lie on borders of folded panes.
      for (const Pane size : {w.length, w.slide, w.block}) fold = std::gcd(fold, size);
      shortest = std::min(shortest, w.length);
    }
    // A pane is folded before a window leaves it.
    if (fold <= 1 || shortest < settled + 2 * fold) continue;
    const Pane panes = settled + settings.keep / fold;
    if (panes >= fewest) continue;
    fewest = panes;
    settings.fold = fold;
    settings.settled = settled;
  }
}

/// Blocks of a hundredth of what is kept, or of a tenth of what is not folded yet: so much, and
/// what deletions may reach, a restore counts again. Their number must fit into the metadata.
void derive_snapshots(Settings& settings) {
  settings.snapshots.clear();
  if (settings.keep * settings.pane < kSnapshotsFrom) return;
  const Pane wait = settings.settled - settings.deletion_horizon;
  const Pane fine = rounded_up(wait / 10 + 1, settings.fold);
  const Pane unit = wait == 0 ? settings.fold : fine;
  settings.snapshots.push_back({rounded_up(settings.keep / 100 + 1, unit), settings.settled});
  if (wait != 0) settings.snapshots.push_back({fine, settings.deletion_horizon});
  // What deletions reach is counted again anyway; where that is three quarters of all, blocks spare
  // next to nothing, and would often begin too late: see MergeStage::lacking().
  const Pane first = settings.snapshots.front().block;
  const SnapshotLevel& last = settings.snapshots.back();
  if (last.settled + last.block + settings.span + first > settings.keep) settings.snapshots.clear();
}

void derive_span(Settings& settings) {
  const Window* furthest = &settings.windows.front();
  for (const Window& w : settings.windows) {
    if (w.reach >= furthest->reach) furthest = &w;
  }
  settings.span = rounded_up(std::max<Pane>(settings.keep / 4, 1), furthest->slide);
}

}  // namespace

void derive(Settings& settings) {
  // The newest block, the past, and what the alignment of the past may leave between them.
  const auto blocks = static_cast<Pane>(settings.trend_history) + 2;
  for (Window& w : settings.windows) {
    settings.length_max = std::max(settings.length_max, w.length);
    settings.slide_max = std::max(settings.slide_max, w.slide);
    if (w.top_k == 0) w.top_k = settings.top_k;
    w.block = std::max<Pane>(w.length / (blocks * w.slide), 1) * w.slide;
    // One pane more than the window: the next slide subtracts it.
    w.reach = std::max(w.length + 1, blocks * w.block);
    settings.keep = std::max(settings.keep, w.reach);
  }
  derive_day(settings);
  derive_folding(settings);
  derive_span(settings);
  derive_snapshots(settings);
  settings.fingerprint = fingerprint_of(settings);
}

std::vector<const Family*> families_of(const WindowOptions& options) {
  std::vector<const Family*> found;
  for (const Family* family : kFamilies) {
    const auto counts = [&](const std::string& name) {
      const auto dimension = dimension_named(name);
      return (dimension ? &family_of(*dimension) : &kPosts) == family;
    };
    const auto& names = options.dimensions;
    if (std::any_of(names.begin(), names.end(), counts)) found.push_back(family);
  }
  if (found.empty()) found.push_back(&kPosts);
  return found;
}

Result<Settings> make_settings(const WindowOptions& options, std::int32_t source_partitions,
                               std::int32_t partial_partitions, const Family& family) {
  Settings settings;
  settings.family = &family;
  settings.partials_topic = family.partials;
  ROOKERY_RETURN_IF_ERROR(add_windows(options, settings));
  ROOKERY_RETURN_IF_ERROR(add_dimensions(options, settings));
  ROOKERY_RETURN_IF_ERROR(add_upstream("upstream", options.upstream, settings));
  if (&family == &kLinks) {
    ROOKERY_RETURN_IF_ERROR(add_upstream("url_upstream", options.url_upstream, settings));
  }
  settings.lateness = panes_rounded_up(options.lateness, settings.pane);
  settings.deletion_horizon = panes_rounded_up(options.deletion_horizon, settings.pane);
  settings.future_max = options.future_max;
  settings.idle = options.idle;
  settings.idle_policy = options.idle_policy == "jump" ? IdlePolicy::kJump : IdlePolicy::kFollow;
  settings.top_k = static_cast<std::size_t>(options.top_k);
  settings.trend_history = static_cast<std::size_t>(options.trend_history);
  settings.authors_exact_max = static_cast<std::size_t>(options.authors_exact_max);
  settings.key_bytes_max = static_cast<std::size_t>(options.key_bytes_max);
  settings.pane_keys_max = static_cast<std::size_t>(options.pane_keys_max);
  settings.open_keys_max = static_cast<std::size_t>(options.open_keys_max);
  settings.window_keys_max = options.window_keys_max;
  settings.skew_panes = options.skew_panes;
  settings.slides_max = options.slides_max;
  settings.early = options.early;
  settings.source_partitions = source_partitions;
  settings.partial_partitions = partial_partitions;
  derive(settings);
  return settings;
}

}  // namespace rookery::hashtag_window
