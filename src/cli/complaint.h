// What is wrong with a value of an option, in words for people.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace fathom::cli {

// What CLI11 says of the option's value, without the option's name: "'jsn' is none of table, json
// and csv (did you mean 'json'?)".
std::string Complaint(const CLI::Option& option, const CLI::Error& error);

// The values that an option takes where there are only some.
std::vector<std::string> ChoicesOf(const CLI::Option& option);

}  // namespace fathom::cli
