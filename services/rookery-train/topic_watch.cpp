#include "services/rookery-train/topic_watch.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>

#include <nlohmann/json.hpp>

#include "services/rookery-train/lines.hpp"

namespace rookery::train {

Result<Growth> Growth::open(std::string path) {
  Growth growth;
  growth.path_ = std::move(path);
  std::error_code error;
  if (!std::filesystem::exists(growth.path_, error)) return growth;
  std::ifstream file(growth.path_);
  const auto json = nlohmann::json::parse(file, nullptr, false);
  const auto files = json.is_object() ? json.find("learnt") : json.end();
  if (!json.is_object() || files == json.end() || !files->is_object()) {
    return misconfigured("file_malformed",
                         "file \"" + growth.path_ +
                             "\": expected what --watch wrote; without it all texts count as new");
  }
  for (const auto& [name, texts] : files->items()) {
    if (texts.is_number_unsigned()) growth.files_[name].learnt = texts.get<std::uint64_t>();
  }
  return growth;
}

Result<std::uint64_t> Growth::count(InputFiles& input) {
  const auto found = input.find();
  ROOKERY_RETURN_IF_ERROR(found);
  std::map<std::string, File> files;
  std::uint64_t fresh = 0;
  for (const InputFile& file : *found) {
    File known;
    if (const auto old = files_.find(file.name); old != files_.end()) known = old->second;
    if (known.stamp.empty() || known.stamp != file.stamp) {
      const auto texts = input.count(file);
      ROOKERY_RETURN_IF_ERROR(texts);
      known.texts = *texts;
      known.stamp = file.stamp;
    }
    fresh += known.texts - std::min(known.texts, known.learnt);
    files.emplace(file.name, std::move(known));
  }
  files_ = std::move(files);
  return fresh;
}

void Growth::learnt() {
  for (auto& [name, file] : files_) file.learnt = file.texts;
}

Result<void> Growth::save() const {
  nlohmann::json files = nlohmann::json::object();
  for (const auto& [name, file] : files_) files[name] = file.learnt;
  return write_file(path_, nlohmann::json{{"learnt", std::move(files)}}.dump() + "\n");
}

Result<void> watch_topics(const TopicsCommand& command, const Watch& watch, Clock& clock,
                          std::ostream& out, std::ostream& log) {
  auto input = InputFiles::open(command.corpus.input, clock);
  ROOKERY_RETURN_IF_ERROR(input);
  auto growth = Growth::open(command.model + ".learnt");
  ROOKERY_RETURN_IF_ERROR(growth);
  bool unfinished = false;  // trained, but not published and remembered
  const auto look = [&]() -> Result<void> {
    const auto fresh = growth->count(*input);
    ROOKERY_RETURN_IF_ERROR(fresh);
    if (*fresh < watch.texts) return {};
    log << *fresh << " new texts" << std::endl;
    ROOKERY_RETURN_IF_ERROR(run_topics(command, clock, out, log));
    out.flush();
    growth->learnt();
    unfinished = true;
    return {};
  };
  const auto finish = [&]() -> Result<void> {
    if (watch.publish) ROOKERY_RETURN_IF_ERROR(watch.publish(command.model));
    ROOKERY_RETURN_IF_ERROR(growth->save());
    unfinished = false;
    return {};
  };
  const auto tell = [&log](const char* what, const Result<void>& done) {
    if (done) return;
    log << what << ": " << done.error().code << ": " << done.error().message << std::endl;
  };
  while (watch.wait()) {
    tell("not trained", look());
    if (unfinished) tell("not published", finish());
  }
  return {};
}

}  // namespace rookery::train
