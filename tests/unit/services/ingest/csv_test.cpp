#include <filesystem>

#include <catch2/catch.hpp>

#include "services/ingest/csv_columns.hpp"
#include "services/ingest/csv_row.hpp"
#include "services/ingest/file_feed.hpp"
#include "services/ingest/text_tags.hpp"
#include "tests/unit/services/ingest/folder.hpp"
#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {
namespace {

using Fields = std::vector<std::string>;

Fields fields_of(std::string_view record) {
  CsvRow row;
  if (const auto split = row.split(record); !split) return {std::string(split.error().code)};
  return {row.fields().begin(), row.fields().end()};
}

/// What the parser makes of the rows of `text`, one per line.
std::string records_of(std::string_view text, const std::vector<std::string>& columns = {},
                       std::size_t items_max = 1000) {
  const Folder folder;
  ManualClock clock;
  std::optional<CsvColumns> shared;
  auto mapping = parse_csv_mapping(columns);
  if (!mapping) return std::string(mapping.error().message);
  FileFeed feed({.paths = {folder.write("posts.csv", text)},
                 .limits = {},
                 .pace = {},
                 .mapping = *mapping,
                 .columns = &shared},
                clock);
  PostParser parser({.csv = &shared});
  std::string all;
  while (true) {
    const auto batch = feed.read(std::chrono::milliseconds(10), items_max);
    if (!batch) return std::string(batch.error().code) + ": " + batch.error().message;
    for (const auto item : batch->items) {
      Outputs out;
      const auto parsed = parser.parse(item, out);
      all += parsed ? std::string(out.at(0).value.value()) : std::string(parsed.error().code);
      all += "\n";
    }
    if (batch->finished) return all;
  }
}

TEST_CASE("a CSV record is split as RFC 4180 says", "[csv]") {
  CHECK(fields_of("a,b") == Fields{"a", "b"});
  CHECK(fields_of("") == Fields{""});
  CHECK(fields_of(",") == Fields{"", ""});
  CHECK(fields_of(R"("a","b")") == Fields{"a", "b"});
  CHECK(fields_of(R"("a,b",c)") == Fields{"a,b", "c"});
  CHECK(fields_of(R"("say ""hi""","""")") == Fields{"say \"hi\"", "\""});
  CHECK(fields_of("\"two\nlines\",x") == Fields{"two\nlines", "x"});
  CHECK(fields_of(R"("",)") == Fields{"", ""});
  CHECK(fields_of("a \"quoted\" word,b") == Fields{"a \"quoted\" word", "b"});
  CHECK(fields_of(R"("a"b,c)") == Fields{"csv_malformed"});
  CHECK(fields_of(R"("never closed)") == Fields{"csv_malformed"});
}

TEST_CASE("a CSV record ends at a line break outside of quotes, wherever it is cut", "[csv]") {
  const std::string text = "a,\"b\nc\"\n\"d\"\"\n\",e\nf \"g\nh\n";
  for (std::size_t chunk = 1; chunk <= text.size(); ++chunk) {
    CsvBreaks breaks;
    std::vector<std::size_t> found;
    for (std::size_t from = 0; from < text.size(); from += chunk) {
      const std::string_view part = std::string_view(text).substr(from, chunk);
      std::size_t at = 0;
      while (at < part.size()) {
        const std::size_t end = breaks.find(part.substr(at));
        if (end == std::string_view::npos) break;
        found.push_back(from + at + end);
        at += end + 1;
      }
    }
    INFO("chunks of " << chunk);
    CHECK(found == std::vector<std::size_t>{7, 16, 21, 23});
  }
}

TEST_CASE("the campaign file needs no column map", "[csv]") {
  CHECK(
      records_of("creation_time,id,url,title,keywords,description\n"
                 "2023-05-17 20:21:51.822000,17,https://x.example/?a=1,\"A, B\",k1,\"See #fun "
                 "&amp; more\"\n"
                 "2023-05-17 20:21:52,18,https://y.example/,,,only this\n"
                 "yesterday,19,https://y.example/,t,,d\n"
                 "2023-05-17 20:21:52,20,u,t,d\n") ==
      R"({"id":"17","text":"A, B\nSee #fun & more","created_at":"2023-05-17T20:21:51.822Z","entities":{"hashtags":[{"start":9,"end":13,"tag":"fun"}],"urls":[{"url":"https://x.example/?a=1","expanded_url":"https://x.example/?a=1","title":"A, B"}]},"origin":{"source":"file"}})"
      "\n"
      R"({"id":"18","text":"only this","created_at":"2023-05-17T20:21:52Z","entities":{"urls":[{"url":"https://y.example/","expanded_url":"https://y.example/"}]},"origin":{"source":"file"}})"
      "\nfield_range\ncsv_malformed\n");
}

TEST_CASE("Sentiment140 needs no column map, is Latin-1, and has no header", "[csv]") {
  CHECK(records_of("\"0\",\"1467810369\",\"Mon Apr 06 22:19:45 PDT 2009\",\"NO_QUERY\",\"ada\","
                   "\"@b that caf\xe9 &lt;3 #yum\"\n") ==
        "{\"id\":\"1467810369\",\"text\":\"@b that caf\xc3\xa9 <3 #yum\","
        "\"created_at\":\"2009-04-07T05:19:45Z\",\"author\":{\"username\":\"ada\"},"
        "\"entities\":{\"hashtags\":[{\"start\":16,\"end\":20,\"tag\":\"yum\"}]},"
        "\"origin\":{\"source\":\"file\"}}\n");
}

TEST_CASE("a column map reads names of the header or numbers", "[csv]") {
  const std::string wanted =
      R"({"id":"1","text":"hi","created_at":"2026-01-01T00:00:00Z","lang":"de","entities":{"hashtags":[{"tag":"a"},{"tag":"b"}]},"coordinates":{"lat":1.5,"lon":-2},"origin":{"source":"file"}})"
      "\n";
  const std::string row = "1,hi,2026-01-01T00:00:00Z,de,\"#a, b\",1.5,-2\n";
  CHECK(records_of("nr,say,when,lang,tags,y,x\n" + row,
                   {"id=nr", "text=say", "created_at=when", "lang=lang", "hashtags=tags", "lat=y",
                    "lon=x"}) == wanted);
  CHECK(records_of(row, {"id=1", "text=2", "created_at=3", "lang=4", "hashtags=5", "lat=6",
                         "lon=7"}) == wanted);
}

TEST_CASE("a column map that names a missing column stops the start", "[csv]") {
  const std::vector<std::string> map = {"id=id", "text=body", "created_at=at"};
  CHECK(records_of("id,text,at\n", map).find("expected a column \"body\", got 3: id, text, at") !=
        std::string::npos);
  CHECK(records_of("a,b\n1,2\n").find("expected it for a file that begins with the columns a, b") !=
        std::string::npos);
  CHECK(records_of("a\n", {"id=1", "text=2", "created_at=3"}).starts_with("csv_columns_missing"));
}

TEST_CASE("a column map that makes no sense is refused before any file", "[csv]") {
  const auto code = [](const std::vector<std::string>& entries) {
    const auto mapping = parse_csv_mapping(entries);
    return mapping ? std::string("ok") : std::string(mapping.error().code);
  };
  CHECK(code({}) == "ok");
  CHECK(code({"id=a", "text=b+c", "created_at=d"}) == "ok");
  CHECK(code({"id=a", "text=b"}) == "option_invalid");
  CHECK(code({"id=a", "id=b", "text=b", "created_at=d"}) == "option_invalid");
  CHECK(code({"id=a+b", "text=b", "created_at=d"}) == "option_invalid");
  CHECK(code({"id=1", "text=b", "created_at=d"}) == "option_invalid");
  CHECK(code({"id", "text=b", "created_at=d"}) == "option_invalid");
  CHECK(code({"name=a", "id=a", "text=b", "created_at=d"}) == "option_invalid");
  CHECK(code({"id=", "text=b", "created_at=d"}) == "option_invalid");
}

TEST_CASE("a CSV file goes on exactly where it stopped, with its columns", "[csv][feed]") {
  const Folder folder;
  ManualClock clock;
  const std::string path =
      folder.write("c.csv", "nr,say,when\n1,\"a\nb\",x\n2,c,x\n3,\"d\"\"\n\",x\n");
  const auto mapping = parse_csv_mapping({"id=nr", "text=say", "created_at=when"});
  std::optional<CsvColumns> columns;
  const auto make = [&] {
    return FileFeed({.paths = {path},
                     .limits = {.line_bytes_max = 1000, .fill_bytes = 4},
                     .pace = {},
                     .mapping = *mapping,
                     .columns = &columns},
                    clock);
  };
  std::vector<std::string> items;
  std::optional<std::string> position;
  for (bool finished = false; !finished;) {
    FileFeed feed = make();
    REQUIRE(feed.seek(position));
    columns.reset();
    const auto batch = feed.read(std::chrono::milliseconds(10), 1);
    REQUIRE(batch);
    CHECK(columns->width == 3);
    for (const auto item : batch->items) items.emplace_back(item);
    finished = batch->finished;
    position = feed.position();
  }
  CHECK(items == std::vector<std::string>{"1,\"a\nb\",x", "2,c,x", "3,\"d\"\"\n\",x"});
}

TEST_CASE("a quote that is never closed costs one record, not the file", "[csv][feed]") {
  const Folder folder;
  ManualClock clock;
  std::optional<CsvColumns> columns;
  // In a row longer than the limit, in a short one, and in one near the end of the file.
  const std::string row = GENERATE("1,\"" + std::string(2000, 'x'), "1,\"x", "1,x,\"\"\"");
  const int rows = GENERATE(100, 5);
  std::string text = "id,text,at\n" + row + "\n";
  // A quote far behind the limit is none of that row's.
  for (int i = 2; i < rows; ++i) {
    text += std::to_string(i) + (i == 80 ? ",\"o\nk\",x\n" : ",ok,xxxxxxxxxxx\n");
  }
  text += std::to_string(rows) + ",ok,x";
  const FileFeed::Options options{
      .paths = {folder.write("c.csv", text)},
      .limits = {.line_bytes_max = 1000, .fill_bytes = 500},
      .pace = {},
      .mapping = *parse_csv_mapping({"id=id", "text=text", "created_at=at"}),
      .columns = &columns};
  FileFeed feed(options, clock);
  std::vector<std::string> items;
  std::string position;
  while (true) {
    const auto batch = feed.read(std::chrono::milliseconds(0), 1);
    REQUIRE(batch);
    for (const auto item : batch->items) items.emplace_back(item);
    if (batch->finished) break;
    // Another process goes on behind each row.
    position = feed.position();
    FileFeed other(options, clock);
    REQUIRE(other.seek(position));
    const auto rest = drain(other);
    CHECK(items.size() + rest.size() == static_cast<std::size_t>(rows));
  }
  REQUIRE(items.size() == static_cast<std::size_t>(rows));
  CHECK(items.front() == row.substr(0, 1001));
  CHECK(items[1].starts_with("2,ok"));
  CHECK(items.back() == std::to_string(rows) + ",ok,x");
}

TEST_CASE("a file of nothing but open quotes is read once, not once for each", "[csv][feed]") {
  const Folder folder;
  ManualClock clock;
  std::optional<CsvColumns> columns;
  // Within quotes each row ends within quotes; outside it opens one.
  constexpr int kRows = 400'000;
  std::string text = "id,text,at\n";
  for (int i = 0; i < kRows; ++i) text += "a\",\"b\n";
  FileFeed feed({.paths = {folder.write("c.csv", text)},
                 .limits = {},
                 .pace = {},
                 .mapping = *parse_csv_mapping({"id=id", "text=text", "created_at=at"}),
                 .columns = &columns},
                clock);
  const auto items = drain(feed);
  REQUIRE(items.size() == kRows);
  CHECK(items.back() == "a\",\"b");
}

TEST_CASE("hashtags of a text without entities are found by script, not by space", "[tags]") {
  const auto tags = [](std::string_view text) {
    std::vector<TagEntity> found;
    find_hashtags(text, found);
    std::string all;
    for (const auto& tag : found) {
      all += std::to_string(tag.span.start) + "-" + std::to_string(tag.span.end) + ":" +
             std::string(tag.tag) + " ";
    }
    return all;
  };
  CHECK(tags("#a") == "0-2:a ");
  CHECK(tags("x #a, #b!") == "2-4:a 6-8:b ");
  CHECK(tags("#1 #2nd a#b &#39; ##c") == "3-7:2nd 19-21:c ");
  CHECK(tags("a\n#b\xc2\xa0#c") == "2-4:b 5-7:c ");
  CHECK(tags("\xef\xbc\x83"
             "full \xf0\x9f\x98\x80#smile\xf0\x9f\x98\x80") == "0-5:full 7-13:smile ");
  CHECK(tags("#\xe0\xb9\x84\xe0\xb8\x97\xe0\xb8\xa2 #\xed\x95\x9c\xea\xb5\xad "
             "#\xe6\x97\xa5\xe6\x9c\xac\xe3\x80\x81x") ==
        "0-4:\xe0\xb9\x84\xe0\xb8\x97\xe0\xb8\xa2 5-8:\xed\x95\x9c\xea\xb5\xad "
        "9-12:\xe6\x97\xa5\xe6\x9c\xac ");
  CHECK(tags("#") == "");
  CHECK(tags("http://x/#a") == "9-11:a ");
}

}  // namespace
}  // namespace rookery::ingest
