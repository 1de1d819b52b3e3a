#include <chrono>
#include <exception>
#include <iostream>
#include <stop_token>
#include <thread>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "common/core/clock.hpp"
#include "common/kafka/client.hpp"
#include "common/observe/health.hpp"
#include "common/observe/log.hpp"
#include "services/rookery-train/commands.hpp"
#include "services/rookery-train/topic_watch.hpp"
#include "services/rookery-train/topics_command.hpp"
#include "services/sentiment-scoring/model_place_store.hpp"

namespace {

namespace kafka = rookery::kafka;
using rookery::Clock;
using rookery::Result;
using namespace rookery::train;  // NOLINT(google-build-using-namespace): this file is its shell

constexpr int kExitUsage = 64;     // EX_USAGE of sysexits.h
constexpr int kExitSoftware = 70;  // EX_SOFTWARE
constexpr int kExitOutput = 74;    // EX_IOERR
constexpr int kExitConfig = 78;    // EX_CONFIG

void describe_sentiment(CLI::App& app, SentimentCommand& command) {
  auto* texts = app.add_option("--texts", command.texts, "Labelled texts, one a line");
  auto* labels = app.add_option("--labels", command.labels,
                                "Their labels: negative, neutral, positive, or 0, 1, 2");
  texts->needs(labels);
  labels->needs(texts);
  app.add_option("--posts", command.posts, "Labelled posts: .csv, .tsv or .jsonl, plain or .gz");
  app.add_option("--text-column", command.columns.text, "Column or field of the text")
      ->capture_default_str();
  app.add_option("--label-column", command.columns.label, "Column or field of the label")
      ->capture_default_str();
  app.add_option("--soft", command.soft,
                 "A teacher's probabilities: tab-separated neg, neu, pos, text (and source)");
  app.add_option("--soft-weight", command.soft_weights,
                 "How much the soft rows of a source count, as fragment=0.5; others count 1");
  app.add_option("--label-share", command.label_share,
                 "How much a text's own label counts beside a teacher's probabilities")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--emoji-texts", command.emoji_texts,
                 "So many texts are learnt from again with a rated emoji")
      ->check(CLI::Range(0, 10'000'000))
      ->capture_default_str();
  auto* held_out = app.add_option("--held-out-texts", command.held_out_texts,
                                  "Texts to calibrate and evaluate on");
  auto* held_out_labels =
      app.add_option("--held-out-labels", command.held_out_labels, "Their labels");
  held_out->needs(held_out_labels);
  held_out_labels->needs(held_out);
  app.add_option("--folds", command.folds,
                 "In place of held-out texts: calibrate and evaluate by cross-validation with so "
                 "many parts of the labelled posts; the model learns from all")
      ->check(CLI::Range(2, 100));
  app.add_option_function<std::string>(
         "--calibration",
         [&command](const std::string& what) {
           command.fitted =
               what == "temperature" ? Fitted::kTemperature : Fitted::kTemperatureAndBias;
         },
         "What is fitted to the held-out texts' labels")
      ->check(CLI::IsMember({"temperature", "temperature-and-bias"}))
      ->default_str("temperature-and-bias");
  app.add_option("--model", command.model, "The model file to write")->required();
  app.add_option("--card", command.card, "The model card (Markdown) to write");
  app.add_option("--date", command.date, "The date that the card shall name");
  app.add_option("--about", command.about, "A paragraph about the data for the card");
  TrainerSettings& settings = command.settings;
  app.add_option("--language", settings.language, "BCP 47 primary language")
      ->check(CLI::Validator(
          [](const std::string& value) {
            return value.empty() || value.size() > 15 ? "expected 1 to 15 bytes" : "";
          },
          "TEXT", "language"))
      ->capture_default_str();
  app.add_option("--name", settings.name, "The model's name, part of its id")
      ->check(CLI::Validator(
          [](const std::string& value) {
            return value.empty() || value.size() > 31 ? "expected 1 to 31 bytes" : "";
          },
          "TEXT", "name"))
      ->capture_default_str();
  app.add_option("--classes", settings.classes, "3, or 2: negative and positive alone")
      ->check(CLI::Range(2, 3))
      ->capture_default_str();
  app.add_flag("--by-ratio", settings.by_ratio,
               "Learn n-grams the more readily the more unevenly good and bad texts have them");
  app.add_option("--scale", settings.scale, "Each of n n-grams of a kind counts scale / sqrt(n)")
      ->check(CLI::Range(0.01, 100.0))
      ->capture_default_str();
  app.add_option("--seed", settings.seed, "Order of the texts")->capture_default_str();
  app.add_option("--runs", settings.runs, "Orders of the texts; the mean of their weights is kept")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--epochs", settings.epochs, "Passes over the texts")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--rate", settings.rate, "Learning rate at the start")
      ->check(CLI::Range(0.0001, 10.0))
      ->capture_default_str();
  app.add_option("--caution", settings.caution,
                 "The larger, the smaller the first steps, and the less rare n-grams weigh")
      ->check(CLI::Range(1e-12, 1e6))
      ->capture_default_str();
  app.add_flag("!--no-relearn", settings.relearn,
               "Keep the weights that the kept n-grams had among all, not learnt anew");
  app.add_option("--grams-max", settings.grams_max, "N-grams kept; each costs four bytes")
      ->check(CLI::Range(100, 10'000'000))
      ->capture_default_str();
  app.add_option("--word-texts-min", settings.word_texts_min, "Texts that a word n-gram needs")
      ->check(CLI::Range(1, 255))
      ->capture_default_str();
  app.add_option("--character-texts-min", settings.character_texts_min,
                 "Texts that a character n-gram needs")
      ->check(CLI::Range(1, 255))
      ->capture_default_str();
  app.add_option("--wide-texts-min", settings.wide_texts_min,
                 "Texts that a wide n-gram needs: two words with 1 to 8 others between them, the "
                 "first or last words, or those before a face; 0: learn none, as they cost time in "
                 "scoring")
      ->check(CLI::Range(0, 255))
      ->capture_default_str();
}

/// When `rookery-train topics` trains again.
struct WatchOptions {
  std::uint64_t texts = 0;
  std::size_t interval_s = 60;
};

void describe_watch(CLI::App& app, WatchOptions& watch) {
  app.add_option("--watch", watch.texts,
                 "Stay, and train anew whenever the input has so many new texts; 0: train once")
      ->check(CLI::Range(0, 1'000'000'000))
      ->capture_default_str();
  app.add_option("--watch-interval-s", watch.interval_s, "Seconds between two looks at the input")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
}

/// Where a trained model is published; nowhere where `where` is empty.
struct Publishing {
  std::string where;
  kafka::Connection connection{.brokers = "127.0.0.1:9092", .properties = {}};
  std::vector<std::string> properties;
};

void describe_publishing(CLI::App& app, Publishing& publishing) {
  app.add_option("--publish", publishing.where,
                 "Publish the model in the topic models. " +
                     std::string(rookery::sentiment_scoring::kWhereHelp));
  app.add_option("--brokers", publishing.connection.brokers,
                 "Kafka brokers, host:port, separated by commas")
      ->envname("ROOKERY_BROKERS")
      ->capture_default_str();
  app.add_option("-X", publishing.properties, "Setting for librdkafka as key=value, repeatable")
      ->allow_extra_args(false);
}

void describe_input(CLI::App& app, InputSettings& input) {
  app.add_option("--input", input.inputs,
                 "Files of texts, folders of them, or s3://BUCKET/PREFIX; plain, gzip or zstd")
      ->required();
  app.add_option("--format", input.format,
                 "posts: an object a line, or Parquet where a file's name ends so; jsonl; parquet; "
                 "text: a text a line")
      ->check(CLI::IsMember({"posts", "jsonl", "parquet", "text"}))
      ->capture_default_str();
  app.add_option("--text-field", input.text_field, "Field or column of the text")
      ->capture_default_str();
  app.add_option("--s3-endpoint", input.s3.endpoint, std::string(rookery::s3::kEndpointHelp));
  app.add_option("--s3-region", input.s3.region, std::string(rookery::s3::kRegionHelp));
  app.add_option("--s3-credentials-file", input.s3.credentials_file,
                 std::string(rookery::s3::kCredentialsHelp));
}

void describe_topics(CLI::App& app, TopicsCommand& command) {
  CorpusSettings& corpus = command.corpus;
  describe_input(app, corpus.input);
  app.add_option("--stop-words", corpus.stop_words,
                 "Languages whose stop words are left out, as en de; all; none; or auto: the "
                 "languages of the texts, unless they were cleaned before")
      ->capture_default_str();
  app.add_option("--stop-words-file", corpus.stop_words_file, "More of them, one a line");
  app.add_option("--documents-min", corpus.documents_min, "Texts that a word needs")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--documents-share-max", corpus.documents_share_max,
                 "Words in a larger share of the texts are left out")
      ->check(CLI::Range(0.0001, 1.0))
      ->capture_default_str();
  app.add_option("--words-max", corpus.words_max, "Most frequent words that are kept")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  app.add_option("--phrases-max", corpus.phrases_max, "Pairs of neighbours that become one word")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  SamplerSettings& sampler = command.sampler;
  app.add_option("--k", sampler.topics, "Number of topics")
      ->check(CLI::Range(std::size_t{1}, rookery::sentiment_scoring::kTopicsMax))
      ->capture_default_str();
  app.add_option("--seed", sampler.seed, "The same seed gives the same model")
      ->capture_default_str();
  app.add_option("--priors", command.priors,
                 "fitted to the texts, fixed, or auto: fixed for short texts")
      ->check(CLI::IsMember({"auto", "fitted", "fixed"}))
      ->capture_default_str();
  app.add_option("--prior-sum", command.prior_sum,
                 "Topics' Dirichlet parameters, together; 0: 5, or 0.05 a topic for short texts")
      ->check(CLI::Range(0.0, 10'000.0))
      ->capture_default_str();
  app.add_option("--word-prior", command.word_prior,
                 "Dirichlet parameter of a word in a topic; 0: 0.01, or 0.05 for short texts")
      ->check(CLI::Range(0.0, 10.0))
      ->capture_default_str();
  app.add_option("--sweeps", command.sweeps, "Passes over the texts")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--starts", command.starts,
                 "Starts that are tried, of which the likeliest is gone on with; 0: 1, or 8 for "
                 "short texts")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  app.add_option("--held-out", command.held_out, "Texts to measure the perplexity on");
  app.add_option("--held-out-share", command.held_out_share,
                 "Share of the texts for it where there is no such file; learnt from afterwards")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str();
  app.add_option("--model,--output", command.model, "The model file to write")->required();
  app.add_option("--name", command.name, "The model's name, part of its id")
      ->check(CLI::Validator(
          [](const std::string& value) {
            return value.empty() || value.size() > 31 ? "expected 1 to 31 bytes" : "";
          },
          "TEXT", "name"))
      ->capture_default_str();
  app.add_option("--names", command.names, "Topics' names: lines of a number, a tab, a name");
  app.add_option("--plot", command.plot, "Write the convergence as an SVG picture");
}

void describe_assign(CLI::App& app, AssignCommand& command) {
  app.add_option("--model", command.model, "The model file")->required();
  app.add_option("--least", command.least, "Smallest share that is written, in thousandths")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--most", command.most, "Topics a text")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  app.add_option("--text-bytes-max", command.text_bytes_max, "Bytes of a text that are looked at")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
}

/// A bar where a person sees it.
ProgressShape shape_of_log() {
  return ::isatty(STDERR_FILENO) != 0 ? ProgressShape::kBar : ProgressShape::kLines;
}

int finish(const Result<void>& result) {
  if (result) {
    if (std::cout.flush()) return 0;
    std::cerr << "rookery-train: standard output: cannot be written to its end\n";
    return kExitOutput;
  }
  std::cerr << "rookery-train: " << result.error().code << ": " << result.error().message << '\n';
  return kExitConfig;
}

Result<void> check(Publishing& publishing) {
  for (const std::string& pair : publishing.properties) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return rookery::misconfigured("option_invalid",
                                    "-X: expected key=value, got \"" + pair + "\"");
    }
    publishing.connection.properties[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  if (publishing.where.empty()) return {};
  ROOKERY_RETURN_IF_ERROR(rookery::sentiment_scoring::check_place(publishing.where));
  return kafka::check_properties(publishing.connection.properties);
}

/// A broker that is away for long ends the try: a watch has other things to do.
Result<void> publish(const Publishing& publishing, const TopicsCommand& topics, Clock& clock) {
  static constexpr std::chrono::seconds kPatience{60};
  rookery::Log log("rookery-train", clock);
  rookery::StageStatus status("publishing", clock);
  std::stop_source stop;
  const std::jthread patience([&clock, &stop](const std::stop_token& done) {
    if (clock.sleep_for(kPatience, done)) stop.request_stop();
  });
  const auto entry = rookery::sentiment_scoring::publish(
      {topics.model, publishing.where, topics.corpus.input.s3}, publishing.connection,
      {log, clock, status, stop.get_token()});
  ROOKERY_RETURN_IF_ERROR(entry);
  log.info("model published", {{"use", entry->use}, {"model", entry->id}});
  return {};
}

Result<void> run_topics_command(const TopicsCommand& topics, const WatchOptions& options,
                                Publishing& publishing) {
  ROOKERY_RETURN_IF_ERROR(check(publishing));
  rookery::SystemClock clock;
  if (options.texts == 0) {
    ROOKERY_RETURN_IF_ERROR(run_topics(topics, clock, std::cout, std::cerr));
    return publishing.where.empty() ? Result<void>{} : publish(publishing, topics, clock);
  }
  Watch watch;
  watch.texts = options.texts;
  bool first = true;
  watch.wait = [&] {
    if (!first) clock.sleep_for(std::chrono::seconds(options.interval_s), {});
    first = false;
    return true;  // until a signal ends the process; model files are replaced whole
  };
  if (!publishing.where.empty()) {
    watch.publish = [&](const std::string& /*path*/) { return publish(publishing, topics, clock); };
  }
  return watch_topics(topics, watch, clock, std::cout, std::cerr);
}

/// Help, or what is wrong with the command line. A misspelt word is named: that another one is
/// missing is its consequence.
int refuse(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);
  if (const auto extra = app.remaining(true); !extra.empty()) {
    std::cerr << "rookery-train: \"" << extra.front() << "\" is not known here\n"
              << "Run with --help for more information.\n";
  } else {
    app.exit(error);
  }
  return kExitUsage;
}

int run(int argc, char** argv) {
  CLI::App app("Trains and checks the suite's models.", "rookery-train");
  app.require_subcommand(1);

  SentimentCommand sentiment;
  auto* train = app.add_subcommand("sentiment", "Train a sentiment model");
  describe_sentiment(*train, sentiment);

  std::string model;
  std::string texts;
  std::string labels;
  std::size_t text_bytes_max = 10'000;
  auto* predict = app.add_subcommand("predict", "Score the texts on standard input, one a line");
  auto* evaluate = app.add_subcommand("evaluate", "Compare a model with labelled texts");
  for (auto* command : {predict, evaluate}) {
    command->add_option("--model", model, "The model file")->required();
    command->add_option("--text-bytes-max", text_bytes_max, "Bytes of a text that are looked at")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
  }
  evaluate->add_option("--texts", texts, "Texts, one a line")->required();
  evaluate->add_option("--labels", labels, "Their labels")->required();

  TopicsCommand topics;
  auto* find = app.add_subcommand("topics", "Find the topics of texts");
  describe_topics(*find, topics);
  WatchOptions watch;
  describe_watch(*find, watch);
  Publishing publishing;
  describe_publishing(*find, publishing);
  AssignCommand assign;
  auto* give = app.add_subcommand("assign", "Topics of the texts on standard input, one a line");
  describe_assign(*give, assign);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return refuse(app, error);
  }
  sentiment.progress = topics.progress = shape_of_log();
  if (train->parsed()) return finish(run_sentiment(sentiment, std::cout, std::cerr));
  if (find->parsed()) return finish(run_topics_command(topics, watch, publishing));
  if (give->parsed()) return finish(run_assign(assign, std::cin, std::cout));
  if (predict->parsed()) return finish(run_predict(model, text_bytes_max, std::cin, std::cout));
  return finish(run_evaluate(model, texts, labels, text_bytes_max, std::cout));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::ios::sync_with_stdio(false);
    return run(argc, argv);
  } catch (const std::exception& error) {  // out of memory, or a library's own
    std::cerr << "rookery-train: " << error.what() << '\n';
    return kExitSoftware;
  }
}
