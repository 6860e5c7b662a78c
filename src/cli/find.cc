// fathom find: search across layers. Exit code 1 when nothing matches.
#include <algorithm>
#include <charconv>

#include "cli/command.h"
#include "report/find_report.h"

namespace fathom::cli {
namespace {

struct Settings {
  ImageOptions image;
  OutputOptions output;
  std::string pattern;
  tree::PathPattern::Options how;
  std::vector<std::string> sizes;
  std::string types;
  std::string mode;
  std::optional<size_t> layer;
  bool setuid = false;
  bool all = false;
  bool nul = false;
};

Result<tree::Query> MakeQuery(const Settings& settings) {
  tree::Query query;
  if (!settings.pattern.empty()) {
    TRY_ASSIGN(query.pattern, tree::PathPattern::Compile(settings.pattern, settings.how));
  }
  for (const std::string& size : settings.sizes) {
    auto test = tree::ParseSizeTest(size);
    if (!test) {
      return Wrap(test.error(), "--size");
    }
    query.sizes.push_back(*test);
  }
  query.types = settings.types;
  std::erase(query.types, ',');
  if (query.types.find_first_not_of("fdlcbpo") != std::string::npos) {
    return Fail(Code::kInvalidArgument,
                "--type '{}': the types are f (file), d (directory), l (symbolic link), c and b "
                "(devices), p (FIFO), o (other); several may be given, as in --type fl",
                settings.types);
  }
  const char* const end = settings.mode.data() + settings.mode.size();
  const auto read = std::from_chars(settings.mode.data(), end, query.mode, 8);
  if (!settings.mode.empty() && (read.ec != std::errc() || read.ptr != end || query.mode > 07777)) {
    return Fail(Code::kInvalidArgument, "--mode '{}' is no mode; write octal digits, as in 4000",
                settings.mode);
  }
  query.setuid = settings.setuid;
  query.layer = settings.layer;
  query.all = settings.all;
  return query;
}

std::string Render(const Settings& settings, const tree::FileTree& tree,
                   const std::vector<tree::Match>& matches) {
  const std::string& format = settings.output.format;
  return settings.nul       ? report::FindNul(tree, matches)
         : format == "json" ? report::FindJson(tree, matches)
         : format == "csv"  ? report::FindCsv(tree, matches)
                            : report::FindTable(tree, matches, InColor(settings.output));
}

Outcome Run(const Settings& settings) {
  TRY_ASSIGN(const tree::Query query, MakeQuery(settings));
  TRY_ASSIGN(const analyze::Analysis analysis, AnalyzeImage(settings.image));
  TRY(ChooseLayer(analysis.tree, query.layer));
  const std::vector<tree::Match> matches = tree::Find(analysis.tree, query);
  TRY(WriteOutput(settings.output.path, Render(settings, analysis.tree, matches)));
  return matches.empty() ? 1 : 0;
}

}  // namespace

void AddFind(Commands& commands) {
  auto settings = std::make_shared<Settings>();
  CLI::App* command =
      commands.app.add_subcommand("find", "search across layers; exit 1 when nothing matches");
  AddImageOptions(*command, settings->image);
  AddLazyOption(*command, settings->image);
  command->add_option("PATTERN", settings->pattern,
                      "shell pattern: * ? [a-z], ** for any number of directories; of the whole "
                      "path where it holds a slash, else of the last name");
  AddOutputOptions(*command, settings->output, {"table", "json", "csv"});
  command->add_flag("--regex", settings->how.regex,
                    "PATTERN is a regular expression (RE2) found anywhere in the path");
  command->add_flag("-i,--ignore-case", settings->how.ignore_case, "letters match either case");
  command
      ->add_option("--size", settings->sizes,
                   "files of more (+10MB), less (-1k) or exactly so many bytes; repeatable")
      ->expected(1)
      ->take_all();
  command->add_option("--type", settings->types, "f, d, l, c, b, p or o; several: fl");
  command->add_option("--mode", settings->mode, "octal; all of these bits are set");
  command->add_flag("--setuid", settings->setuid, "files with the setuid or setgid bit");
  command->add_option("--layer", settings->layer,
                      "only what this layer touched, also what it removed");
  command->add_flag("--all", settings->all, "also what is gone in the end");
  command->add_flag("-0,--null", settings->nul, "only paths, each followed by a NUL byte");
  command->footer(
      "Examples: fathom find image.tar '*.so' --size +10MB\n"
      "          fathom find image.tar '/var/cache/**' --all -o json\n"
      "Exit code: 0 when something matches, 1 when nothing does.");
  command->callback(
      [&commands, settings] { commands.run = [settings] { return Run(*settings); }; });
}

}  // namespace fathom::cli
