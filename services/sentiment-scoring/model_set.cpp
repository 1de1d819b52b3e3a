#include "services/sentiment-scoring/model_set.hpp"

#include <algorithm>
#include <filesystem>

#include "common/s3/settings.hpp"

namespace rookery::sentiment_scoring {
namespace {

char lower_ascii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same_language(std::string_view code, std::string_view language) {
  const std::string_view primary = code.substr(0, code.find_first_of("-_"));
  return std::equal(primary.begin(), primary.end(), language.begin(), language.end(),
                    [](char a, char b) { return lower_ascii(a) == lower_ascii(b); });
}

/// A primary language of BCP 47: two or three letters.
bool is_language(std::string_view name) {
  return (name.size() == 2 || name.size() == 3) &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

Result<std::vector<ModelSet::File>> ModelSet::files(const std::vector<std::string>& sources) {
  std::vector<File> files;
  for (const std::string& source : sources) {
    if (const std::size_t equals = source.find('='); equals != std::string::npos) {
      files.push_back({source.substr(equals + 1), source.substr(0, equals)});
      continue;
    }
    std::error_code error;
    std::vector<File> found;
    for (const auto& entry : std::filesystem::directory_iterator(source, error)) {
      const std::string language = entry.path().stem().string();
      if (entry.path().extension() != ".model" || !is_language(language)) continue;
      found.push_back({entry.path().string(), language});
    }
    if (error || found.empty()) {
      return misconfigured("models_missing",
                           "models \"" + source +
                               "\": expected a folder with LANGUAGE.model files" +
                               (error ? ", got: " + error.message() : std::string()));
    }
    std::sort(found.begin(), found.end(),
              [](const File& a, const File& b) { return a.path < b.path; });
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

Result<Model> ModelSet::load_file(const File& file) {
  auto model = Model::load(file.path);
  if (model && !same_language(file.language, model->language())) {
    return misconfigured("models_conflict", "model \"" + file.path + "\": expected one for \"" +
                                                file.language + "\", got one for \"" +
                                                model->language() + "\"");
  }
  return model;
}

Result<ModelSet> ModelSet::load(const std::vector<std::string>& sources) {
  const auto files = ModelSet::files(sources);
  ROOKERY_RETURN_IF_ERROR(files);
  ModelSet set;
  for (const File& file : *files) {
    if (s3::is_location(file.path)) continue;
    auto model = load_file(file);
    ROOKERY_RETURN_IF_ERROR(model);
    ROOKERY_RETURN_IF_ERROR(set.add(std::move(*model)));
  }
  return set;
}

Result<void> ModelSet::add(Model model) {
  if (const Model* other = find(model.language()); other != nullptr) {
    return misconfigured("models_conflict", "both " + other->id() + " and " + model.id() +
                                                " are for \"" + model.language() + "\"");
  }
  models_.push_back(std::move(model));
  return {};
}

void ModelSet::replace(Model model) {
  for (Model& old : models_) {
    if (old.language() != model.language()) continue;
    old = std::move(model);
    return;
  }
  models_.push_back(std::move(model));
}

void ModelSet::remove(std::string_view language) {
  std::erase_if(models_, [&](const Model& model) { return model.language() == language; });
}

const Model* ModelSet::find(std::string_view language) const {
  const auto found = std::find_if(models_.begin(), models_.end(), [&](const Model& model) {
    return same_language(language, model.language());
  });
  return found == models_.end() ? nullptr : &*found;
}

}  // namespace rookery::sentiment_scoring
