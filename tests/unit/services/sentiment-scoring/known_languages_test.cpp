#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/unit/services/sentiment-scoring/support.hpp"

namespace rookery::sentiment_scoring {
namespace {

/// Plain sentences of which a person has no doubt.
struct Known {
  const char* model;
  std::vector<const char*> positive, negative;
};

const std::vector<Known>& known() {
  static const std::vector<Known> all{
      {"ar",
       {"جميل جدا، أحسنت", "يوم رائع مع أصدقائي", "الحمد لله نجحت في الامتحان، أنا سعيد جدا",
        "مبروك الفوز يا أبطال", "صباح الخير والسعادة على الجميع"},
       {"لعنة الله على الظالمين القتلة", "مات الكثير من الأطفال في القصف", "كذب ونفاق وظلم",
        "هذا سيء جدا", "حزين جدا على ما حدث", "اليوم أسوأ يوم في حياتي"}},
      {"de",
       {"Ich liebe diesen Film, einfach wunderbar",
        "Vielen Dank für den tollen Abend, es war super",
        "Das Essen war lecker und die Bedienung sehr freundlich",
        "Alles Gute zum Geburtstag, mein Schatz", "Endlich Wochenende, ich freue mich so!"},
       {"Ich hasse diesen Regen, alles ist scheiße", "Ich bin so müde und mir ist schlecht",
        "Der Zug hat schon wieder Verspätung, es nervt", "So traurig, mein Hund ist gestorben",
        "Das war der schlechteste Service, den ich je erlebt habe"}},
      {"en-polarity",
       {"Can't wait to see you all tomorrow, it will be amazing",
        "Happy birthday to the best brother in the world", "I'm so grateful for my friends",
        "Congratulations on the new job, you deserve it",
        "No problems at all with the delivery, arrived a day early",
        "It's not bad at all, I really enjoyed it"},
       {"I lost my wallet and missed the last train home", "the food was cold and tasted awful",
        "My dog died this morning, I am heartbroken", "The film was boring and far too long",
        "Never buying from this shop again", "I don't like where this country is going"}},
      {"es",
       {"Muchas gracias por todo, fue una noche genial", "Me encanta esta película, es maravillosa",
        "Feliz cumpleaños a la mejor amiga del mundo", "Qué feliz estoy, aprobé el examen"},
       {"Qué triste, se murió mi perro", "El peor servicio que he visto en mi vida",
        "Odio los lunes, estoy harta de todo"}},
      {"fr",
       {"Merci beaucoup pour cette belle soirée, c'était génial", "Super journée avec mes amis",
        "J'adore ce film, c'est magnifique", "Merci pour tout, vous êtes formidables",
        "Trop contente, j'ai réussi mon examen !"},
       {"Quelle tristesse, encore des morts", "J'ai mal à la tête, quelle horreur",
        "C'est une honte, ce gouvernement est nul", "Encore un train en retard, j'en ai marre"}},
      {"hi",
       {"bahut badhiya kaam kiya sir, congratulations", "mubarak ho sir",
        "mujhe yeh film bahut pasand aayi, bahut achhi hai", "bahut sundar, dil jeet liya",
        "happy birthday bhai, god bless you"},
       {"yeh neta chor hai, sharm karo", "yeh sabse kharab service hai, bakwas",
        "kitna ghatiya insaan hai", "mujhe bahut dukh hua, bahut bura laga",
        "sharm aani chahiye tumko"}},
      {"it",
       {"Adoro questo film, è meraviglioso", "Buongiorno, oggi è una bellissima giornata",
        "Grazie mille per la bellissima serata", "Che felicità, ho passato l'esame!"},
       {"Sono stanca e triste oggi", "Il peggior servizio che abbia mai visto",
        "Che tristezza, è morto il mio cane", "Odio il lunedì, che schifo",
        "Il governo ci prende in giro, è una vergogna"}},
      {"pt",
       {"Adorei o show, muito bom", "Bom dia, hoje é um dia lindo",
        "Feliz aniversário para o melhor amigo do mundo",
        "Muito obrigada pela noite linda, foi demais"},
       {"Estou tão triste, meu cachorro morreu", "Que merda, perdi o ônibus",
        "O pior serviço que já vi na vida", "O trem atrasou de novo, que raiva",
        "Não gosto disso, muito ruim", "Que dia horrível, tudo deu errado"}},
  };
  return all;
}

std::string path_of(const std::string& model) {
  return std::string(kModels) + "/" + model + ".model";
}

}  // namespace

TEST_CASE("every shipped model gives plain sentences the class that a person would give",
          "[sentiment][model]") {
  const auto& c = GENERATE(from_range(known()));
  const auto model = Model::load(path_of(c.model));
  REQUIRE(model);
  Scorer scorer(10'000);
  const auto label_of = [&](const std::string& text) {
    REQUIRE(scorer.read(text));
    return name_of(scorer.score(*model).label);
  };
  for (const std::string text : c.positive) {
    INFO(c.model << ": " << text);
    CHECK(label_of(text) == "positive");
  }
  for (const std::string text : c.negative) {
    INFO(c.model << ": " << text);
    CHECK(label_of(text) == "negative");
  }
}

TEST_CASE("no shipped model is larger than a mebibyte", "[sentiment][model]") {
  std::size_t models = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kModels)) {
    if (entry.path().extension() != ".model") continue;
    INFO(entry.path());
    CHECK(entry.file_size() <= std::size_t{1} << 20U);
    CHECK(std::filesystem::exists(std::filesystem::path(entry.path()).replace_extension(".md")));
    ++models;
  }
  CHECK(models == known().size() + 1);  // and the English one
}

}  // namespace rookery::sentiment_scoring
