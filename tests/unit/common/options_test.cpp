#include "common/core/options.hpp"

#include <cstdio>
#include <fstream>

#include <catch2/catch.hpp>

namespace rookery {
namespace {

using namespace std::chrono_literals;

/// A set with one option of each kind, an environment, and a file.
struct Fixture {
  std::int64_t batch_records_max = 10;
  double share = 0.5;
  bool follow = false;
  std::string name = "none";
  std::string mode = "fast";
  std::chrono::milliseconds wait{100};
  std::vector<std::string> files;
  std::map<std::string, std::string> kafka;
  std::string password;
  OptionSet options;
  std::map<std::string, std::string> variables;
  std::string path = std::tmpnam(nullptr);  // NOLINT: a name in a test

  Fixture() {
    options.integer("batch_records_max", batch_records_max, {1, 100}, "Records.");
    options.number("share", share, {0, 1}, "Share.");
    options.flag("follow", follow, "Follow.");
    options.text("name", name, "Name.");
    options.choice("mode", mode, {"fast", "exact"}, "Mode.");
    options.duration("wait_ms", wait, {1ms, 1s}, "Wait.");
    options.list("files", files, "Files.");
    options.pass_through("kafka", kafka, "Kafka.");
    options.secret("password", password, "Password.");
  }
  ~Fixture() { std::remove(path.c_str()); }

  void write(const std::string& text) const { std::ofstream(path) << text; }

  Result<void> parse(const std::vector<std::string>& arguments) {
    return options.parse(arguments, [this](const char* variable) -> const char* {
      const auto found = variables.find(variable);
      return found == variables.end() ? nullptr : found->second.c_str();
    });
  }
};

TEST_CASE_METHOD(Fixture, "flags win over the environment, it over the file, it over defaults",
                 "[options]") {
  write("batch_records_max = 20\nshare = 0.25\nname = \"file\"\nmode = \"exact\"\n");
  variables = {{"ROOKERY_BATCH_RECORDS_MAX", "30"}, {"ROOKERY_NAME", "environment"}};
  REQUIRE(parse({"-c", path, "--batch-records-max", "40"}));
  CHECK(batch_records_max == 40);
  CHECK(name == "environment");
  CHECK(share == 0.25);
  CHECK(mode == "exact");
  CHECK(wait == 100ms);
  const auto effective = options.effective();
  CHECK(effective.find("batch_records_max = 40  # flag --batch-records-max") != std::string::npos);
  CHECK(effective.find("name = \"environment\"  # environment ROOKERY_NAME") != std::string::npos);
  CHECK(effective.find("wait_ms = 100  # default") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "lists, tables and flags are read from each place", "[options]") {
  write("files = [\"a\", \"b\"]\n[kafka]\n\"security.protocol\" = \"SSL\"\n\"x\" = 1\n");
  variables = {{"ROOKERY_KAFKA_PROPS", "a=1,b=2"}, {"ROOKERY_CONFIG", path}};
  REQUIRE(parse({"--follow", "--kafka", "c=d=e", "--wait-ms=7"}));
  CHECK(files == std::vector<std::string>{"a", "b"});
  CHECK(kafka ==
        std::map<std::string, std::string>{
            {"security.protocol", "SSL"}, {"x", "1"}, {"a", "1"}, {"b", "2"}, {"c", "d=e"}});
  CHECK(follow);
  CHECK(wait == 7ms);
}

TEST_CASE_METHOD(Fixture, "a secret comes from a file and is never printed", "[options]") {
  write("hunter2\n");
  variables = {{"ROOKERY_PASSWORD_FILE", path}};
  REQUIRE(parse({"--kafka", "sasl.password=hunter3"}));
  CHECK(password == "hunter2");
  for (const auto& text : {options.effective(), options.help(), options.markdown()}) {
    CHECK(text.find("hunter") == std::string::npos);
  }
}

TEST_CASE_METHOD(Fixture, "what is wrong is named with what was expected", "[options]") {
  struct Case {
    std::vector<std::string> arguments;
    std::string code;
    std::string message;
  };
  const auto c = GENERATE(
      Case{{"--batch-record-max", "5"},
           "option_unknown",
           "command line: there is no option \"batch_record_max\"; the nearest name is "
           "\"batch_records_max\""},
      Case{
          {"--batch-records-max", "101"},
          "option_invalid",
          "flag --batch-records-max: option \"batch_records_max\": expected integer, 1 to 100, got "
          "\"101\""},
      Case{{"--batch-records-max", "5x"}, "option_invalid", ""},
      Case{{"--share", "nan"}, "option_invalid", ""},
      Case{{"--mode", "slow"},
           "option_invalid",
           "flag --mode: option \"mode\": expected one of fast, exact, got \"slow\""},
      Case{{"--wait-ms", "0"}, "option_invalid", ""}, Case{{"--follow=yes"}, "option_invalid", ""},
      Case{{"--kafka", "novalue"}, "option_invalid", ""}, Case{{"--name"}, "option_invalid", ""},
      Case{{"name"}, "option_unknown", ""}, Case{{"--password", "x"}, "option_unknown", ""},
      Case{{"--password-file", "/nonexistent"}, "option_invalid", ""},
      Case{{"--config", "/nonexistent.toml"}, "option_file", ""});
  INFO(c.arguments.front());
  const auto result = parse(c.arguments);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == c.code);
  CHECK(result.error().disposition == Disposition::kMisconfigured);
  if (!c.message.empty()) CHECK(result.error().message == c.message);
}

TEST_CASE_METHOD(Fixture, "a file with an unknown key, or none at all, is refused", "[options]") {
  const auto* const text = GENERATE("batch = 3\n", "share = \n", "[nested]\nx = 1\n");
  write(text);
  CHECK_FALSE(parse({"-c", path}));
}

TEST_CASE("a required option that nobody sets stops the start", "[options]") {
  std::string file;
  OptionSet options;
  options.text("file", file, "File.");
  options.required();
  const auto result = options.parse({}, [](const char*) { return nullptr; });
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "option_missing");
}

}  // namespace
}  // namespace rookery
