#include "services/ingest/simulator.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "common/core/check.hpp"
#include "common/records/json_writer.hpp"
#include "services/ingest/post_text.hpp"
#include "services/ingest/sim_words.hpp"

namespace rookery::ingest {
namespace {

using std::chrono::milliseconds;

/// Independent streams of random numbers.
enum Stream : std::uint64_t {
  kKinds,
  kPosts,
  kReferences,
  kBursts,
  kHotspots,
  kAuthors,
  kBreaks,
  kLinks
};

constexpr std::size_t kBackgroundTags = 1000;
constexpr double kZipfExponent = 1.1;
constexpr std::size_t kAuthorCount = 5000;
constexpr std::size_t kSites = 40;
constexpr std::size_t kMalformedKinds = 5;
constexpr std::size_t kBackMax = 200;  ///< Items between an original and its repetition.
constexpr double kKilometresPerDegree = 111.2;

double rounded(double degrees) {
  return std::round(degrees * 1e5) / 1e5;
}

/// Ids look like a source's: they rise with the item.
void append_id(std::string& out, std::uint64_t n) {
  out.append(std::to_string(1'000'000'000'000'000'000ULL + n * 4096));
}

}  // namespace

Simulator::Simulator(SimOptions options) : options_(options) {
  ROOKERY_CHECK(options.rate > 0 && options.burst_interval.count() > 0, "the options are bounded");
  const auto heads = sim_tag_heads();
  const auto tails = sim_tag_tails();
  double sum = 0;
  for (std::size_t i = 0; i < kBackgroundTags; ++i) {
    background_.emplace_back(heads[i % heads.size()])
        .append(tails[i / heads.size() % tails.size()]);
    sum += std::pow(static_cast<double>(i + 1), -kZipfExponent);
    background_sums_.push_back(sum);
  }
  for (double& share : background_sums_) share /= sum;
}

WallTime Simulator::time_of(std::uint64_t n) const {
  return options_.start +
         milliseconds(static_cast<std::int64_t>(static_cast<double>(n) * 1000 / options_.rate));
}

std::uint64_t Simulator::interval_of(WallTime time) const {
  return static_cast<std::uint64_t>((time - options_.start) / options_.burst_interval);
}

Planted Simulator::burst(std::uint64_t index) const {
  Random random(options_.seed, kBursts, index);
  const auto heads = sim_burst_heads();
  const auto tails = sim_burst_tails();
  const WallTime begin =
      options_.start + static_cast<std::int64_t>(index) * options_.burst_interval;
  // Half an interval, somewhere after its first quarter.
  const auto delay = milliseconds(static_cast<std::int64_t>(
      static_cast<double>(options_.burst_interval.count()) * random.between(0.25, 0.5)));
  Planted planted;
  planted.start = begin + delay;
  planted.end = planted.start + options_.burst_interval / 2;
  planted.tag.append(heads[random.below(heads.size())])
      .append(tails[random.below(tails.size())])
      .append(std::to_string(index));
  return planted;
}

Planted Simulator::hotspot(std::uint64_t index) const {
  Random random(options_.seed, kHotspots, index);
  const auto cities = sim_cities();
  const SimCity& city = cities[random.below(cities.size())];
  const WallTime begin =
      options_.start + static_cast<std::int64_t>(index) * options_.burst_interval;
  Planted planted;
  planted.start = begin + options_.burst_interval / 4;
  planted.end = begin + options_.burst_interval * 3 / 4;
  planted.centre = {.lat = rounded(city.lat + random.between(-0.05, 0.05)),
                    .lon = rounded(city.lon + random.between(-0.05, 0.05))};
  planted.radius_km = 1;
  return planted;
}

SimKind Simulator::kind_of(std::uint64_t n) const {
  double at = Random(options_.seed, kKinds, n).fraction();
  if ((at -= options_.duplicate_share) < 0) return SimKind::kDuplicate;
  if ((at -= options_.late_share) < 0) return SimKind::kLate;
  if ((at -= options_.malformed_share) < 0) return SimKind::kMalformed;
  if (at < options_.deletion_share) return SimKind::kDeletion;
  return SimKind::kPost;
}

std::optional<std::uint64_t> Simulator::earlier_post(std::uint64_t n) const {
  Random random(options_.seed, kReferences, n);
  for (int attempt = 0; attempt < 8; ++attempt) {
    const std::uint64_t back = 1 + random.below(kBackMax);
    if (back <= n && kind_of(n - back) == SimKind::kPost) return n - back;
  }
  return {};
}

Simulator::Item Simulator::item(std::uint64_t n) {
  Item item{.kind = kind_of(n), .original = n, .event_time = time_of(n), .line = {}};
  if (item.kind == SimKind::kDuplicate || item.kind == SimKind::kDeletion) {
    const auto original = earlier_post(n);
    if (original) item.original = *original;
    if (!original) item.kind = SimKind::kPost;
  }
  line_.clear();
  if (item.kind == SimKind::kDeletion) {
    post_.clear();
    line_.append("{\"id\":\"");
    append_id(line_, item.original);
    line_.append("\",\"deleted\":true}");
  } else {
    write_post(item.original, item.kind);
  }
  if (item.kind == SimKind::kMalformed) break_line(n);
  item.line = line_;
  return item;
}

void Simulator::write_post(std::uint64_t n, SimKind kind) {
  Random random(options_.seed, kPosts, n);
  arena_.clear();
  post_.clear();
  std::string& id = arena_.make();
  append_id(id, n);
  post_.id = id;
  const WallTime time = time_of(n);
  post_.created_at = time;
  choose_tags(random, time);
  write_text(random, time);
  if (options_.link_share > 0) add_link(n);
  choose_author(random);
  choose_position(random, time);
  post_.metrics.retweets = static_cast<std::uint32_t>(random.below(20));
  post_.metrics.likes = static_cast<std::uint32_t>(random.below(100));
  if (kind == SimKind::kLate) {
    post_.created_at -= milliseconds(120'000 + static_cast<std::int64_t>(random.below(1'680'000)));
  }
  append_raw_tweet(line_, post_, {.source = "simulator", .received_at = {}});
}

void Simulator::choose_tags(Random& random, WallTime time) {
  const auto add = [this](std::string_view tag) {
    const auto same = [&](const TagEntity& other) { return other.tag == tag; };
    if (std::none_of(post_.hashtags.begin(), post_.hashtags.end(), same)) {
      post_.hashtags.push_back({.span = {}, .tag = tag});
    }
  };
  const Planted planted = burst(interval_of(time));
  if (time >= planted.start && time < planted.end && random.chance(options_.burst_share)) {
    std::string& tag = arena_.make();
    tag = planted.tag;
    add(tag);
  }
  for (std::size_t count = random.below(3); count > 0; --count) {
    const auto at =
        std::upper_bound(background_sums_.begin(), background_sums_.end(), random.fraction());
    const auto index = std::min<std::size_t>(
        static_cast<std::size_t>(at - background_sums_.begin()), background_.size() - 1);
    add(background_[index]);
  }
}

void Simulator::write_text(Random& random, WallTime /*time*/) {
  const auto languages = sim_languages();
  auto weight = static_cast<int>(random.below(100));
  std::size_t which = 0;
  while (which + 1 < languages.size() && weight >= languages[which].weight) {
    weight -= languages[which++].weight;
  }
  const SimLanguage& language = languages[which];
  post_.lang = language.code;
  const auto form = language.texts[random.below(language.texts.size())];
  const auto subject = language.subjects[random.below(language.subjects.size())];
  const std::size_t hole = form.find('%');
  text_.assign(form.substr(0, hole)).append(subject).append(form.substr(hole + 1));
  const auto emoji = sim_emoji();
  if (random.chance(0.3)) text_.append(" ").append(emoji[random.below(emoji.size())]);
  std::uint32_t at = count_code_points(text_);
  for (TagEntity& tag : post_.hashtags) {
    text_.append(" #").append(tag.tag);
    // Hashtags here are ASCII: a byte is a code point.
    const auto size = static_cast<std::uint32_t>(tag.tag.size());
    tag.span = {.start = at + 1, .end = at + 2 + size};
    at += 2 + size;
  }
  post_.text = text_;
}

/// Drawn apart, so that with links all else stays as it is.
void Simulator::add_link(std::uint64_t n) {
  Random random(options_.seed, kLinks, n);
  if (!random.chance(options_.link_share)) return;
  // Of two draws the lower: some sites are linked to more often.
  const std::uint64_t site = std::min(random.below(kSites), random.below(kSites));
  std::string& url = arena_.make();
  url.append("https://www.site").append(std::to_string(site)).append(".example/");
  url.append(std::to_string(random.below(1000)));
  const auto at = static_cast<std::uint32_t>(count_code_points(text_)) + 1;
  text_.append(" ").append(url);
  post_.text = text_;
  post_.urls.push_back({.span = {.start = at, .end = at + static_cast<std::uint32_t>(url.size())},
                        .url = url,
                        .expanded_url = url,
                        .display_url = {},
                        .title = {}});
}

void Simulator::choose_author(Random& random) {
  const std::size_t author = random.below(kAuthorCount);
  Random fixed(options_.seed, kAuthors, author);
  const auto names = sim_first_names();
  const auto name = names[fixed.below(names.size())];
  post_.author.id = arena_.make().append(std::to_string(900'000 + author));
  post_.author.username = arena_.make().append(name).append(std::to_string(author));
  post_.author.name = name;
  post_.author.followers_count = static_cast<std::uint32_t>(fixed.below(10'000));
  post_.author.verified = fixed.chance(0.05);
  const auto cities = sim_cities();
  const SimCity& city = cities[fixed.below(cities.size())];
  if (!fixed.chance(0.5)) return;
  post_.author.location = arena_.make().append(city.name).append(", ").append(city.country);
}

void Simulator::choose_position(Random& random, WallTime time) {
  const Planted planted = hotspot(interval_of(time));
  if (time >= planted.start && time < planted.end && random.chance(options_.hotspot_share)) {
    // Even over the disc.
    const double angle = random.between(0, 2 * std::numbers::pi);
    const double radius = planted.radius_km * std::sqrt(random.fraction()) / kKilometresPerDegree;
    const double narrowing = std::cos(planted.centre.lat * std::numbers::pi / 180);
    post_.point =
        PointFields{.lat = rounded(planted.centre.lat + radius * std::sin(angle)),
                    .lon = rounded(planted.centre.lon + radius * std::cos(angle) / narrowing)};
    return;
  }
  const auto cities = sim_cities();
  const SimCity& city = cities[random.below(cities.size())];
  if (random.chance(0.08)) {
    post_.point = PointFields{.lat = rounded(city.lat + random.between(-0.2, 0.2)),
                              .lon = rounded(city.lon + random.between(-0.2, 0.2))};
  }
  if (!random.chance(0.15)) return;
  PlaceFields& place = post_.place.emplace();
  place.name = city.name;
  place.full_name = arena_.make().append(city.name).append(", ").append(city.country);
  place.place_type = "city";
  place.country = city.country;
  place.country_code = city.country_code;
  place.box = BoxFields{.south = rounded(city.lat - 0.2),
                        .west = rounded(city.lon - 0.2),
                        .north = rounded(city.lat + 0.2),
                        .east = rounded(city.lon + 0.2)};
}

/// One way to break a line for each reason that a record can be refused for.
void Simulator::break_line(std::uint64_t n) {
  Random random(options_.seed, kBreaks, n);
  switch (random.below(kMalformedKinds)) {
    case 0:  // Cut short.
      line_.resize(line_.size() / 2);
      break;
    case 1:  // No time.
      line_.replace(line_.find("\"created_at\""), 12, "\"written_at\"");
      break;
    case 2:  // A time that is none.
      line_.replace(line_.find("\"created_at\":\"") + 14, 4, "soon");
      break;
    case 3:  // Not UTF-8.
      line_.insert(line_.find("\"text\":\"") + 8, 1, '\xff');
      break;
    default:  // A value that JSON does not have.
      line_.replace(line_.find("\"text\":") + 7, 1, "NaN ");
      break;
  }
}

}  // namespace rookery::ingest
