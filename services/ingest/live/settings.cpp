#include "services/ingest/live/settings.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <utility>

#include "common/core/check.hpp"
#include "services/ingest/live/live_feed.hpp"
#include "services/ingest/ws/websocket_feed.hpp"
#include "services/ingest/x/search_feed.hpp"
#include "services/ingest/x/stream_feed.hpp"

namespace rookery::ingest {
namespace {

using std::chrono::milliseconds;

void describe_x(OptionSet& options, LiveSettings& live) {
  options.section("X");
  options.text("x_url", live.x_url, "Where the API is; https, or http on this machine.");
  options.secret("x_token", live.x_token, "The bearer token of the app.");
  options.list("x_keywords", live.x_keywords, "Words or phrases, any of which a post must hold.");
  options.list("x_hashtags", live.x_hashtags, "Hashtags, likewise.");
  options.list("x_languages", live.x_languages,
               "BCP 47 codes; posts with the keywords and hashtags must be in one of them.");
  options.list("x_rules", live.x_rules,
               "Rules in X's language, as RULE or TAG=RULE. One with a comma needs the file.");
  options.choice("x_rules_mode", live.x_rules_mode, {"sync", "keep"},
                 "Whether the stream's rules are made those of the options (only rules whose tag "
                 "begins with \"rookery:\" are ever deleted), or kept as they are.");
  options.integer("x_rules_max", live.x_rules_max, {1, 100'000}, "Rules that the access allows.");
  options.integer("x_rule_length_max", live.x_rule_length_max, {16, 4096},
                  "Characters a rule that the access allows.");
  options.integer("x_backfill_minutes", live.x_backfill_minutes, {0, 5},
                  "Minutes that the access allows to fill up after a lost connection.");
  options.integer("x_fill_posts_max", live.x_fill_posts_max, {0, 10'000'000},
                  "After a gap of x-stream that no backfill covers, so many posts are fetched by "
                  "recent search at most; they count against the app's monthly quota. 0: none.");
  options.text("x_proxy", live.x_proxy, "A proxy, as http://host:port; default: https_proxy.");
  options.text("x_query", live.x_query, "What x-search looks for.");
  options.duration("x_search_interval_ms", live.x_search_interval_ms,
                   {milliseconds(100), milliseconds(3'600'000)}, "How often x-search asks.");
}

void describe_websocket(OptionSet& options, LiveSettings& live) {
  options.section("WebSocket");
  options.text("ws_url", live.ws_url, "The address; wss, or ws on this machine.");
  options.choice("ws_profile", live.ws_profile,
                 {"jetstream", "jetstream-v2", "mastodon", "now-playing", "custom"},
                 "What the messages are.");
  options.list(
      "ws_fields", live.ws_fields,
      "Where the messages of the profile custom hold what, as FIELD=POINTER (JSON Pointer, "
      "RFC 6901): id, text, created_at, lang, author_id, author, url, hashtags, lat, lon. A "
      "pointer with a comma needs the file.");
  options.secret("ws_token", live.ws_token,
                 "A bearer token for the handshake, where one is needed.");
  options.list("ws_collections", live.ws_collections,
               "Collections that Jetstream is asked for; only app.bsky.feed.post gives posts.");
  options.flag(
      "ws_compress", live.ws_compress,
      "Has Jetstream v1 compress its frames with zstd and its dictionary: half the bytes.");
  options.text("ws_zstd_dictionary", live.ws_zstd_dictionary,
               "That dictionary; unset: share/rookery/jetstream.zdict beside the executable's "
               "folder.");
  options.list("ws_dids", live.ws_dids, "Accounts that Jetstream is asked for; empty: all.");
}

Failure invalid(std::string_view name, std::string_view expected, std::string_view got) {
  return misconfigured("option_invalid", std::string(name) + ": expected " + std::string(expected) +
                                             ", got \"" + std::string(got) + "\"");
}

std::string user_agent() {
  return std::string("rookery-ingest/") + ROOKERY_VERSION;
}

/// Whether HOST or HOST:PORT stands behind the scheme. A name and a password before "@" would
/// be told to every reader of the log.
bool has_host(std::string_view url) {
  std::string_view rest = url.substr(url.find("://") + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  const std::size_t colon = rest.starts_with('[') ? rest.find(':', rest.find(']')) : rest.find(':');
  const std::string_view host = rest.substr(0, colon);
  if (host.empty() || host.find_first_of("@ \t\\") != std::string_view::npos) return false;
  if (colon == std::string_view::npos) return true;
  constexpr unsigned kPortMax = 65'535;
  const auto* const end = rest.data() + rest.size();
  unsigned port = 0;
  const auto read = std::from_chars(rest.data() + colon + 1, end, port);
  return read.ec == std::errc() && read.ptr == end && port > 0 && port <= kPortMax;
}

/// What libcurl takes for a proxy, and no more; a wrong one would fail every connection.
Result<void> check_proxy(const std::string& proxy) {
  if (proxy.empty()) return {};
  const std::size_t scheme = proxy.find("://");
  const std::string_view address =
      std::string_view(proxy).substr(scheme == std::string::npos ? 0 : scheme + 3);
  const std::size_t at = address.rfind('@');
  const std::string host =
      "://" + std::string(address.substr(at == std::string_view::npos ? 0 : at + 1));
  for (const std::string_view known :
       {"http://", "https://", "socks4://", "socks4a://", "socks5://", "socks5h://"}) {
    if (proxy.starts_with(known) && has_host(host)) return {};
  }
  if (scheme == std::string::npos && has_host(host)) return {};
  return invalid("x_proxy", "http://HOST:PORT (or https, socks4, socks5)",
                 at == std::string_view::npos ? proxy : "(with a password)");
}

Result<void> check_url(std::string_view name, const std::string& url, std::string_view scheme) {
  const std::string plain = scheme == "wss" ? "ws" : "http";
  const bool known = url.starts_with(plain + "://") || url.starts_with(std::string(scheme) + "://");
  if (known && is_secure(url) && has_host(url)) return {};
  const bool secret = url.find('@') != std::string::npos;
  return invalid(name, std::string(scheme) + "://HOST[:PORT] (" + plain + " only to localhost)",
                 secret ? "(with a password)" : url);
}

/// What cannot be read now would fail every connection, and no other try would help.
Result<void> check_certificates(const std::string& path) {
  if (path.empty()) return {};
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.find("CERTIFICATE-----") != std::string::npos) return {};
  return invalid("tls_ca_file", "a readable file with certificates (PEM)", path);
}

/// A header of HTTP takes no more than this; what the token is, is never said.
Result<void> check_token(std::string_view name, std::string_view token) {
  const auto visible = [](char c) { return c > ' ' && c <= '~'; };
  if (std::all_of(token.begin(), token.end(), visible)) return {};
  return misconfigured("option_invalid",
                       std::string(name) + ": expected a file with one token of visible ASCII, " +
                           "got one with blanks, line breaks or other characters");
}

Result<WebSocketFeed::Compression> make_compression(const LiveSettings& live, FeedProfile profile) {
  if (!live.ws_compress) return WebSocketFeed::Compression{};
  if (profile != FeedProfile::kJetstream) {
    return invalid("ws_compress", "false without ws_profile \"jetstream\"", live.ws_profile);
  }
  const std::string& path = live.ws_zstd_dictionary;
  return ZstdFrames::open(path.empty() ? shipped_zstd_dictionary() : path);
}

Result<std::unique_ptr<LiveProtocol>> make_websocket(const Settings& settings, Session& session) {
  const LiveSettings& live = settings.live;
  if (live.ws_url.empty()) {
    return misconfigured("option_missing", "ws_url: expected the address of the feed, got none");
  }
  ROOKERY_RETURN_IF_ERROR(check_url("ws_url", live.ws_url, "wss"));
  const auto profile = feed_profile(live.ws_profile);
  ROOKERY_CHECK(profile.has_value(), "the option is a choice");
  if (*profile == FeedProfile::kCustom) {
    auto fields = parse_custom_fields(live.ws_fields);
    ROOKERY_RETURN_IF_ERROR(fields);
    session.custom = std::move(*fields);
  } else if (!live.ws_fields.empty()) {
    return invalid("ws_fields", "none without ws_profile \"custom\"", live.ws_fields.front());
  }
  WebSocketFeed::Options options{
      .profile = *profile,
      .connection = {.url = live.ws_url,
                     .user_agent = user_agent(),
                     .tls_ca_file = live.tls_ca_file,
                     .idle_timeout = live.idle_timeout_ms,
                     .message_bytes_max = static_cast<std::size_t>(settings.line_bytes_max)},
      .collections = live.ws_collections,
      .dids = live.ws_dids};
  if (!live.ws_token.empty()) {
    ROOKERY_RETURN_IF_ERROR(check_token("ws_token_file", live.ws_token));
    options.connection.headers["Authorization"] = "Bearer " + live.ws_token;
  }
  if (*profile == FeedProfile::kJetstreamV2) {
    options.connection.headers["Sec-WebSocket-Protocol"] = "xrpc.v1.json";
  }
  auto compression = make_compression(live, *profile);
  ROOKERY_RETURN_IF_ERROR(compression);
  return std::unique_ptr<LiveProtocol>(
      std::make_unique<WebSocketFeed>(std::move(options), std::move(*compression)));
}

HttpClient::Options http_options(const LiveSettings& live) {
  return {.bearer_token = live.x_token,
          .user_agent = user_agent(),
          .proxy = live.x_proxy,
          .tls_ca_file = live.tls_ca_file};
}

Result<std::unique_ptr<LiveProtocol>> make_stream(const Settings& settings, Log& log) {
  const LiveSettings& live = settings.live;
  auto rules = wanted_rules({.keywords = live.x_keywords,
                             .hashtags = live.x_hashtags,
                             .languages = live.x_languages,
                             .rules = live.x_rules,
                             .rules_max = static_cast<std::size_t>(live.x_rules_max),
                             .length_max = static_cast<std::size_t>(live.x_rule_length_max)});
  ROOKERY_RETURN_IF_ERROR(rules);
  const bool sample = settings.source == "x-sample";
  const bool keep = live.x_rules_mode == "keep";
  if (!sample && !keep && rules->empty()) {
    return misconfigured("option_missing",
                         "x_rules: expected rules, keywords or hashtags for x-stream, or "
                         "x_rules_mode \"keep\"");
  }
  return std::unique_ptr<LiveProtocol>(std::make_unique<XStream>(
      XStream::Options{
          .endpoint = sample ? XStream::Endpoint::kSample : XStream::Endpoint::kFiltered,
          .url = live.x_url,
          .http = http_options(live),
          .rules = std::move(*rules),
          .rules_mode = keep ? XStream::RulesMode::kKeep : XStream::RulesMode::kSync,
          .rules_max = static_cast<std::size_t>(live.x_rules_max),
          .backfill_max = std::chrono::minutes(live.x_backfill_minutes),
          .idle_timeout = live.idle_timeout_ms,
          .line_bytes_max = static_cast<std::size_t>(settings.line_bytes_max),
          .fill_posts_max = static_cast<std::size_t>(live.x_fill_posts_max),
          .wait_scale = live.wait_scale},
      log));
}

Result<std::unique_ptr<LiveProtocol>> make_x(const Settings& settings, Log& log) {
  const LiveSettings& live = settings.live;
  if (live.x_token.empty()) {
    return misconfigured("option_missing",
                         "x_token: expected a file with the bearer token (x_token_file), got none");
  }
  ROOKERY_RETURN_IF_ERROR(check_token("x_token_file", live.x_token));
  ROOKERY_RETURN_IF_ERROR(check_url("x_url", live.x_url, "https"));
  ROOKERY_RETURN_IF_ERROR(check_proxy(live.x_proxy));
  if (settings.source != "x-search") return make_stream(settings, log);
  if (live.x_query.empty()) {
    return misconfigured("option_missing", "x_query: expected what to look for, got none");
  }
  return std::unique_ptr<LiveProtocol>(
      std::make_unique<XSearch>(XSearch::Options{.url = live.x_url,
                                                 .http = http_options(live),
                                                 .query = live.x_query,
                                                 .interval = live.x_search_interval_ms}));
}

/// Makes what talks to the server; it connects later.
Result<std::unique_ptr<LiveProtocol>> make_protocol(const Settings& settings, Session& session,
                                                    Log& log) {
  const LiveSettings& live = settings.live;
  const bool websocket = settings.source == "websocket";
  ROOKERY_RETURN_IF_ERROR(check_certificates(live.tls_ca_file));
  const std::string& url = websocket ? live.ws_url : live.x_url;
  auto protocol = websocket ? make_websocket(settings, session) : make_x(settings, log);
  const bool local = url.starts_with("http:") || url.starts_with("ws:");
  if (protocol && live.wait_scale < 1 && !local) {
    return invalid("wait_scale", "1 for a server on another machine",
                   std::to_string(live.wait_scale));
  }
  return protocol;
}

}  // namespace

void describe_live(OptionSet& options, LiveSettings& live) {
  options.section("Live sources");
  options.flag(
      "redundant", live.redundant,
      "Other instances, each with a name of its own (instance), read the same stream: what "
      "any of them gets comes once. What they get goes through the topic "
      "ingest_candidates.");
  options.integer("queue_bytes_max", live.queue_bytes_max, {1 << 16, 1 << 30},
                  "Bytes that wait between connection and broker; then the connection waits.");
  options.duration("duplicate_window_ms", live.duplicate_window_ms,
                   {milliseconds(0), milliseconds(86'400'000)},
                   "How long the id of a post is remembered, to leave it out when it comes again.");
  options.integer("duplicate_ids_max", live.duplicate_ids_max, {1000, 100'000'000},
                  "Ids that are remembered at most. Their memory, up to 43 bytes each, is taken "
                  "with the first post.");
  options.duration("idle_timeout_ms", live.idle_timeout_ms,
                   {milliseconds(100), milliseconds(3'600'000)},
                   "A connection on which nothing came for so long is given up.");
  options.number("wait_scale", live.wait_scale, {0.0001, 1},
                 "Factor of the waits between connections; below 1 only for a server on this "
                 "machine.");
  options.text("tls_ca_file", live.tls_ca_file, "Certificates to trust, PEM; empty: the system's.");
  describe_websocket(options, live);
  describe_x(options, live);
}

bool is_live(const Settings& settings) {
  return settings.source.starts_with("x-") || settings.source == "websocket";
}

Result<void> check_live(const Settings& settings) {
  SystemClock clock;
  Log log("ingest", clock);
  Session session;
  ROOKERY_RETURN_IF_ERROR(make_protocol(settings, session, log));
  return {};
}

Result<std::unique_ptr<Feed>> make_live_feed(const Settings& settings, std::string_view instance,
                                             Session& session, Clock& clock, Log& log) {
  const LiveSettings& live = settings.live;
  auto protocol = make_protocol(settings, session, log);
  ROOKERY_RETURN_IF_ERROR(protocol);
  session.recent = RecentIds({.window = live.duplicate_window_ms,
                              .ids_max = static_cast<std::size_t>(live.duplicate_ids_max)});
  return std::unique_ptr<Feed>(std::make_unique<LiveFeed>(
      std::move(*protocol),
      LiveFeed::Options{.queue_bytes_max = static_cast<std::size_t>(live.queue_bytes_max),
                        .reader = {.wait_scale = live.wait_scale},
                        .instance = live.redundant ? std::string(instance) : std::string()},
      session, clock, log));
}

PostParser::Options live_parser_options(const Settings& settings, const Session& session) {
  const std::string_view source = settings.source == "x-stream"   ? "x-stream"
                                  : settings.source == "x-sample" ? "x-sample"
                                  : settings.source == "x-search" ? "x-search"
                                                                  : "websocket";
  const auto profile = feed_profile(settings.live.ws_profile);
  ROOKERY_CHECK(profile.has_value(), "the option is a choice");
  return {.format = settings.source == "websocket" ? format_of(*profile) : LineFormat::kV2,
          .source = source,
          .line_bytes_max = static_cast<std::size_t>(settings.line_bytes_max),
          .referenced = referenced_of(settings),
          .custom = &session.custom};
}

}  // namespace rookery::ingest
