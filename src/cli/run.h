// The program: arguments to an exit code.
#pragma once

namespace fathom::cli {

int Run(int argc, char** argv);

}  // namespace fathom::cli
