// fathom history: every history entry with its layer and bytes.
#include "cli/command.h"
#include "report/history_report.h"

namespace fathom::cli {

void AddHistory(Commands& commands) {
  struct Settings {
    ImageOptions image;
    OutputOptions output;
    bool dockerfile = false;
  };
  auto settings = std::make_shared<Settings>();
  CLI::App* command =
      commands.app.add_subcommand("history", "every history entry with its layer and bytes");
  AddImageOptions(*command, settings->image);
  AddOutputOptions(*command, settings->output, {"table", "json"});
  command->add_flag("--dockerfile", settings->dockerfile, "reconstruct a Dockerfile");
  command->footer("Example: fathom history image.tar --dockerfile");
  command->callback([&commands, settings] {
    commands.run = [settings]() -> Outcome {
      TRY_ASSIGN(const analyze::Analysis analysis, AnalyzeImage(settings->image));
      const std::string text = settings->dockerfile ? report::HistoryDockerfile(analysis)
                               : settings->output.format == "json" ? report::HistoryJson(analysis)
                                                                   : report::HistoryTable(analysis);
      TRY(WriteOutput(settings->output.path, text));
      return 0;
    };
  });
}

}  // namespace fathom::cli
