// Scripts that let a shell complete command lines of fathom, made of the commands' definitions.
#pragma once

#include <string>

#include "cli/description.h"

namespace fathom::cli {

std::string BashCompletion(const CommandInfo& program);
std::string ZshCompletion(const CommandInfo& program);
std::string FishCompletion(const CommandInfo& program);

// What a value may be, for a shell.
enum class ValueKind { kNone, kChoice, kFile, kFolder, kOther };
ValueKind KindOf(const OptionInfo& option);

// The commands that can be asked for, the program itself first. The hidden one behind
// `fathom IMAGE` is left out: its options count for the program (OptionsOf).
std::vector<const CommandInfo*> CompletedCommands(const CommandInfo& program);

// Last word of the command's name.
std::string LastWord(const CommandInfo& command);

}  // namespace fathom::cli
