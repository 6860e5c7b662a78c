// fathom version: the program's version.
#include "cli/command.h"
#include "report/json_writer.h"

namespace fathom::cli {

void AddVersion(Commands& commands) {
  auto format = std::make_shared<std::string>("table");
  CLI::App* command = commands.app.add_subcommand("version", "the program's version");
  command->add_option("-o,--format", *format, "form of the result")
      ->check(CLI::IsMember({"table", "text", "json"}))  // dive calls the first text
      ->capture_default_str();
  command->footer("Example: fathom version");
  command->callback([&commands, format] {
    commands.run = [format]() -> Outcome {
      std::string text = "fathom " FATHOM_VERSION "\n";
      if (*format == "json") {
        text.clear();
        report::JsonWriter json(text);
        json.BeginObject();
        json.Member("schema", std::string_view("fathom/version/v1"));
        json.Member("version", std::string_view(FATHOM_VERSION));
        json.EndObject();
        text += '\n';
      }
      TRY(WriteOutput("-", text));
      return 0;
    };
  });
}

}  // namespace fathom::cli
