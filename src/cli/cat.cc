// fathom cat: the content of files, as raw bytes.
#include "cli/command.h"
#include "extract/extract.h"
#include "extract/stream_target.h"
#include "tree/lookup.h"

namespace fathom::cli {
namespace {

struct Settings {
  ImageOptions image;
  std::vector<std::string> paths;
  std::optional<size_t> layer;
};

// The file behind a path; an error for anything without content.
Result<tree::NodeId> FindFile(const tree::FileTree& tree, const std::string& path, size_t layer) {
  TRY_ASSIGN(const tree::NodeId node, tree::LookUp(tree, path, layer, tree::LastLink::kFollow));
  const tree::Version& version = *tree.VersionAt(node, layer);
  switch (version.state) {
    case tree::State::kFile:
      break;
    case tree::State::kDirectory:
      return Fail(Code::kInvalidArgument,
                  "'{}' is a directory; fathom extract takes it out, fathom find lists it", path);
    default:
      return Fail(Code::kInvalidArgument, "'{}' is a device, FIFO or the like and has no content",
                  path);
  }
  if (version.inode == tree::kNone) {
    return Fail(Code::kNotFound, "'{}' is a hard link to '{}', which is not there", path,
                tree.LinkTarget(version));
  }
  return node;
}

// Whether `b` can follow `a` in one pass over a layer.
bool Follows(const extract::Plan& a, const extract::Plan& b) {
  const auto& [layer, wants] = *a.wants.begin();
  const auto& [next_layer, next_wants] = *b.wants.begin();
  return layer == next_layer && wants.back().entry < next_wants.front().entry;
}

// Contents come in the order in which they are asked for; files that follow each other in one layer
// are read in one pass.
Outcome Run(const Settings& settings) {
  TRY_ASSIGN(OpenedImage opened, OpenImage(settings.image));
  const tree::FileTree& tree = opened.analysis.tree;
  TRY_ASSIGN(const size_t layer, ChooseLayer(tree, settings.layer));
  std::vector<extract::Plan> plans;
  for (const std::string& path : settings.paths) {
    TRY_ASSIGN(const tree::NodeId node, FindFile(tree, path, layer));
    TRY_ASSIGN(extract::Plan plan,
               extract::MakePlan(tree, {&node, 1}, layer, true, opened.limits()));
    if (plans.empty() || !Follows(plans.back(), plan)) {
      plans.push_back(std::move(plan));
      continue;
    }
    auto& [number, wants] = *plans.back().wants.begin();
    wants.push_back({plan.wants.begin()->second.front().entry, plans.back().items.size()});
    plans.back().items.push_back(plan.items.front());
  }
  TRY_ASSIGN(const auto out, extract::OutputFile::Open("-", false));
  extract::ContentTarget target(*out);
  for (const extract::Plan& plan : plans) {
    Status read = extract::ReadContents(plan, tree, *opened.source, opened.analysis.image,
                                        opened.limits(), target);
    if (!read) {
      TRY(out->Commit());
      return Wrap(std::move(read).error(), "{}", opened.source->name());
    }
  }
  TRY(out->Commit());
  TellLayersRead(opened.analysis);
  return 0;
}

}  // namespace

void AddCat(Commands& commands) {
  auto settings = std::make_shared<Settings>();
  CLI::App* command = commands.app.add_subcommand("cat", "the content of files, as raw bytes");
  AddImageOptions(*command, settings->image);
  command->add_option("PATH", settings->paths, "file in the image; links are followed inside it")
      ->required();
  command->add_option("--layer", settings->layer, "as it was after this layer; default the last");
  command->footer(
      "Examples: fathom cat image.tar /etc/os-release\n"
      "          fathom cat image.tar /etc/passwd --layer 0 | diff - passwd");
  command->callback(
      [&commands, settings] { commands.run = [settings] { return Run(*settings); }; });
}

}  // namespace fathom::cli
