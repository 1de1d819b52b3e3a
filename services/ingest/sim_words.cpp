#include "services/ingest/sim_words.hpp"

#include <array>

namespace rookery::ingest {
namespace {

using namespace std::string_view_literals;

constexpr std::array kCities = {
    SimCity{"London", "United Kingdom", "GB", 51.5074, -0.1278},
    SimCity{"New York", "United States", "US", 40.7128, -74.0060},
    SimCity{"Los Angeles", "United States", "US", 34.0522, -118.2437},
    SimCity{"Chicago", "United States", "US", 41.8781, -87.6298},
    SimCity{"Toronto", "Canada", "CA", 43.6532, -79.3832},
    SimCity{"Dublin", "Ireland", "IE", 53.3498, -6.2603},
    SimCity{"Lagos", "Nigeria", "NG", 6.5244, 3.3792},
    SimCity{"Nairobi", "Kenya", "KE", -1.2921, 36.8219},
    SimCity{"Mumbai", "India", "IN", 19.0760, 72.8777},
    SimCity{"Manila", "Philippines", "PH", 14.5995, 120.9842},
    SimCity{"Sydney", "Australia", "AU", -33.8688, 151.2093},
    SimCity{"Auckland", "New Zealand", "NZ", -36.8485, 174.7633},
    SimCity{"Madrid", "Spain", "ES", 40.4168, -3.7038},
    SimCity{"Mexico City", "Mexico", "MX", 19.4326, -99.1332},
    SimCity{"Buenos Aires", "Argentina", "AR", -34.6037, -58.3816},
    SimCity{"Vienna", "Austria", "AT", 48.2082, 16.3738},
    SimCity{"Berlin", "Germany", "DE", 52.5200, 13.4050},
    SimCity{"Paris", "France", "FR", 48.8566, 2.3522},
    SimCity{"São Paulo", "Brazil", "BR", -23.5505, -46.6333},
    SimCity{"Lisbon", "Portugal", "PT", 38.7223, -9.1393},
    SimCity{"Tokyo", "Japan", "JP", 35.6762, 139.6503},
    SimCity{"Jakarta", "Indonesia", "ID", -6.2088, 106.8456},
    SimCity{"Istanbul", "Türkiye", "TR", 41.0082, 28.9784},
    SimCity{"Suva", "Fiji", "FJ", -18.1248, 178.4501},
};

constexpr std::array kEnglish = {
    "I absolutely love % today, what a wonderful surprise"sv,
    "so happy about %, this made my whole week"sv,
    "% is brilliant, thank you to everyone who made it happen"sv,
    "best news in a long time: %. Well done all"sv,
    "could not be prouder of %, amazing work"sv,
    "honestly % was even better than I had hoped"sv,
    "what a terrible day for %, I am so angry"sv,
    "% has been awful since this morning, really disappointed"sv,
    "I hate how % keeps failing us, this is a disgrace"sv,
    "heartbroken by the news about %"sv,
    "worst experience ever with %, never again"sv,
    "so tired of %, nobody seems to care any more"sv,
    "reading about % on the train this morning"sv,
    "% starts at nine, doors open at half past eight"sv,
    "does anyone know what time % ends tonight?"sv,
    "here is a short thread about %"sv,
    "the council will talk about % on Thursday"sv,
    "% & the weather: a few notes from the road"sv,
    "just saw % from the window. no idea what to think"sv,
    "not bad at all, %, though the queue was <long>"sv,
};
constexpr std::array kEnglishSubjects = {
    "the new tram line"sv, "our local library"sv,   "the home team"sv,
    "this coffee"sv,       "the street festival"sv, "the harbour bridge"sv,
    "the night market"sv,  "my phone battery"sv,    "the power cut"sv,
    "the new album"sv,     "the marathon"sv,        "the bakery on the corner"sv,
    "the train service"sv, "the science museum"sv,  "the exam results"sv,
    "the summer storm"sv};
constexpr std::array kSpanish = {"qué alegría ver % hoy"sv, "% es un desastre, estoy harto"sv,
                                 "mañana hablamos de % en la plaza"sv, "me encanta %"sv};
constexpr std::array kSpanishSubjects = {"el nuevo tranvía"sv, "la biblioteca"sv, "el mercado"sv,
                                         "la fiesta del barrio"sv};
constexpr std::array kGerman = {"so ein schöner Tag für %"sv, "% ist leider wieder ausgefallen"sv,
                                "heute Abend: % im Rathaus"sv, "ich freue mich auf %"sv};
constexpr std::array kGermanSubjects = {"die neue Straßenbahn"sv, "das Stadtfest"sv,
                                        "die Bücherei"sv, "den Flohmarkt"sv};
constexpr std::array kFrench = {"quelle belle journée pour %"sv,
                                "% encore en panne, quelle honte"sv, "on parle de % ce soir"sv};
constexpr std::array kFrenchSubjects = {"le tramway"sv, "la bibliothèque"sv, "le marché de nuit"sv};
constexpr std::array kPortuguese = {"que alegria ver % de novo"sv, "% não funciona outra vez"sv,
                                    "amanhã tem % na praça"sv};
constexpr std::array kPortugueseSubjects = {"o mercado"sv, "a feira do livro"sv, "o bonde"sv};
constexpr std::array kJapanese = {"今日は%が楽しかった"sv, "%が遅れていて残念です"sv,
                                  "明日は%に行きます"sv};
constexpr std::array kJapaneseSubjects = {"図書館"sv, "お祭り"sv, "新しい電車"sv};

const std::array kLanguages = {
    SimLanguage{"en", 70, kEnglish, kEnglishSubjects},
    SimLanguage{"es", 9, kSpanish, kSpanishSubjects},
    SimLanguage{"ja", 6, kJapanese, kJapaneseSubjects},
    SimLanguage{"de", 5, kGerman, kGermanSubjects},
    SimLanguage{"pt", 5, kPortuguese, kPortugueseSubjects},
    SimLanguage{"fr", 5, kFrench, kFrenchSubjects},
};

constexpr std::array kTagHeads = {
    "coffee"sv,  "music"sv,    "news"sv,    "football"sv, "photo"sv,   "travel"sv, "food"sv,
    "books"sv,   "film"sv,     "garden"sv,  "science"sv,  "health"sv,  "tech"sv,   "art"sv,
    "history"sv, "nature"sv,   "running"sv, "cycling"sv,  "chess"sv,   "jazz"sv,   "poetry"sv,
    "weather"sv, "startup"sv,  "climate"sv, "space"sv,    "dogs"sv,    "cats"sv,   "birds"sv,
    "ocean"sv,   "mountain"sv, "train"sv,   "city"sv,     "fashion"sv, "design"sv, "games"sv,
    "theatre"sv, "radio"sv,    "tea"sv,     "bread"sv,    "yoga"sv};
constexpr std::array kTagTails = {""sv,       "daily"sv, "lovers"sv, "life"sv,   "time"sv,
                                  "club"sv,   "world"sv, "talk"sv,   "week"sv,   "today"sv,
                                  "fans"sv,   "tips"sv,  "now"sv,    "night"sv,  "live"sv,
                                  "friday"sv, "blog"sv,  "2026"sv,   "people"sv, "notes"sv,
                                  "corner"sv, "hour"sv,  "wave"sv,   "lab"sv,    "walk"sv};
constexpr std::array kBurstHeads = {"rescue"sv,  "harbour"sv, "meteor"sv, "silver"sv,
                                    "lantern"sv, "comet"sv,   "bridge"sv, "thunder"sv,
                                    "golden"sv,  "signal"sv,  "copper"sv, "glacier"sv};
constexpr std::array kBurstTails = {"parade"sv, "final"sv, "outage"sv, "summit"sv, "launch"sv,
                                    "march"sv,  "goal"sv,  "storm"sv,  "vote"sv,   "derby"sv};
constexpr std::array kFirstNames = {
    "Ada"sv,   "Bela"sv,  "Chidi"sv, "Dora"sv,   "Emre"sv,  "Fatima"sv, "Goran"sv, "Hana"sv,
    "Ines"sv,  "Jonas"sv, "Kofi"sv,  "Lena"sv,   "Mateo"sv, "Nia"sv,    "Omar"sv,  "Priya"sv,
    "Quinn"sv, "Rosa"sv,  "Sven"sv,  "Tomoko"sv, "Uma"sv,   "Viktor"sv, "Wanda"sv, "Yusuf"sv};
constexpr std::array kEmoji = {"😀"sv,      "🎉"sv, "😡"sv,       "👍🏽"sv,
                               "❤️"sv, "☕"sv, "🌧️"sv, "👩‍🚀"sv};

}  // namespace

std::span<const SimCity> sim_cities() {
  return kCities;
}
std::span<const SimLanguage> sim_languages() {
  return kLanguages;
}
std::span<const std::string_view> sim_tag_heads() {
  return kTagHeads;
}
std::span<const std::string_view> sim_tag_tails() {
  return kTagTails;
}
std::span<const std::string_view> sim_burst_heads() {
  return kBurstHeads;
}
std::span<const std::string_view> sim_burst_tails() {
  return kBurstTails;
}
std::span<const std::string_view> sim_first_names() {
  return kFirstNames;
}
std::span<const std::string_view> sim_emoji() {
  return kEmoji;
}

}  // namespace rookery::ingest
