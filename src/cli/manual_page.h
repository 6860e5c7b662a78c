// A manual page of section 1 in roff, with the man(7) macros.
#pragma once

#include <string>
#include <vector>

#include "cli/description.h"

namespace fathom::cli {

// The program and every command that people may know of, those below commands included.
std::vector<const CommandInfo*> CommandsWithPages(const CommandInfo& program);

// "fathom-cache-prune"
std::string PageName(const CommandInfo& command);

std::string ManualPage(const CommandInfo& program, const CommandInfo& command,
                       const std::string& version);

}  // namespace fathom::cli
