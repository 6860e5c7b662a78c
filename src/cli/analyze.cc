// fathom analyze: numbers, layers and waste of one image.
#include "cli/command.h"
#include "report/analysis_report.h"

namespace fathom::cli {
namespace {

std::string Render(const analyze::Analysis& analysis, const std::string& format) {
  if (format == "json") {
    return report::AnalysisJson(analysis);
  }
  if (format == "dive-json") {
    return report::DiveJson(analysis);
  }
  if (format == "csv") {
    return report::AnalysisCsv(analysis);
  }
  return format == "markdown" ? report::AnalysisMarkdown(analysis)
                              : report::AnalysisTable(analysis);
}

}  // namespace

void AddAnalyze(Commands& commands) {
  struct Settings {
    ImageOptions image;
    OutputOptions output;
  };
  auto settings = std::make_shared<Settings>();
  CLI::App* command = commands.app.add_subcommand("analyze", "numbers, layers and waste");
  AddImageOptions(*command, settings->image);
  AddLazyOption(*command, settings->image);
  AddOutputOptions(*command, settings->output, {"table", "json", "dive-json", "csv", "markdown"});
  command->footer("Example: fathom analyze image.tar -o json");
  command->callback([&commands, settings] {
    commands.run = [settings]() -> Outcome {
      TRY_ASSIGN(const analyze::Analysis analysis, AnalyzeImage(settings->image));
      TRY(WriteOutput(settings->output.path, Render(analysis, settings->output.format)));
      return 0;
    };
  });
}

}  // namespace fathom::cli
