#include "services/sentiment-scoring/model_set.hpp"

#include <algorithm>
#include <filesystem>

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

}  // namespace

Result<ModelSet> ModelSet::load(const std::vector<std::string>& sources) {
  ModelSet set;
  for (const std::string& source : sources) {
    const std::size_t equals = source.find('=');
    if (equals == std::string::npos) {
      ROOKERY_RETURN_IF_ERROR(set.add_folder(source));
      continue;
    }
    auto model = Model::load(source.substr(equals + 1));
    ROOKERY_RETURN_IF_ERROR(model);
    if (!same_language(source.substr(0, equals), model->language())) {
      return misconfigured("models_conflict", "models \"" + source + "\": the file is for \"" +
                                                  model->language() + "\"");
    }
    ROOKERY_RETURN_IF_ERROR(set.add(std::move(*model)));
  }
  return set;
}

Result<void> ModelSet::add_folder(const std::string& path) {
  std::error_code error;
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    if (entry.path().extension() == ".model") files.push_back(entry.path().string());
  }
  if (error || files.empty()) {
    return misconfigured("models_missing",
                         "models \"" + path + "\": expected a folder with *.model files" +
                             (error ? ", got: " + error.message() : std::string()));
  }
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    auto model = Model::load(file);
    ROOKERY_RETURN_IF_ERROR(model);
    ROOKERY_RETURN_IF_ERROR(add(std::move(*model)));
  }
  return {};
}

Result<void> ModelSet::add(Model model) {
  if (const Model* other = find(model.language()); other != nullptr) {
    return misconfigured("models_conflict", "both " + other->id() + " and " + model.id() +
                                                " are for \"" + model.language() + "\"");
  }
  models_.push_back(std::move(model));
  return {};
}

const Model* ModelSet::find(std::string_view language) const {
  const auto found = std::find_if(models_.begin(), models_.end(), [&](const Model& model) {
    return same_language(language, model.language());
  });
  return found == models_.end() ? nullptr : &*found;
}

}  // namespace rookery::sentiment_scoring
