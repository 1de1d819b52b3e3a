#pragma once

#include <CLI/CLI.hpp>

#include "services/rookeryctl/context.hpp"

namespace rookery::rookeryctl {

// Each adds one group of subcommands to `app`; when one of them is given, its
// Command is put into `chosen`. Both must outlive the parsing.
void add_topics(CLI::App& app, Command& chosen);
void add_lag(CLI::App& app, Command& chosen);
void add_tail(CLI::App& app, Command& chosen);
void add_count(CLI::App& app, Command& chosen);
void add_dead_letters(CLI::App& app, Command& chosen);
void add_compliance(CLI::App& app, Command& chosen);
void add_windows(CLI::App& app, Command& chosen);
void add_locate(CLI::App& app, Command& chosen);
void add_models(CLI::App& app, Command& chosen);
void add_doctor(CLI::App& app, Command& chosen);

}  // namespace rookery::rookeryctl
