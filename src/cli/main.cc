#include "cli/run.h"

int main(int argc, char** argv) { return fathom::cli::Run(argc, argv); }
