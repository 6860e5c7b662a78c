// Messages about a command line that is wrong: what, what was meant, and where help is.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace fathom::cli {

// Whether the first argument is a command or a flag of the program itself. Everything else means
// `fathom IMAGE`.
bool IsCommand(const CLI::App& app, const std::string& word);

// For `fathom help WORD` where there is no such command.
Error NoSuchCommand(const CLI::App& app, const std::string& word);

// What CLI11 complained of, after it has parsed `given`.
Error UsageError(const CLI::App& app, const std::vector<std::string>& given,
                 const CLI::ParseError& error);

// Where `fathom WORD` found no image of that name: the command that it may be meant for.
Error WithCommandHint(const CLI::App& app, const std::vector<std::string>& given, Error error);

}  // namespace fathom::cli
