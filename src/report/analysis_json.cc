#include "base/text.h"
#include "report/analysis_report.h"
#include "report/history_report.h"
#include "report/json_writer.h"
#include "report/wasted_paths.h"

namespace fathom::report {
namespace {

using analyze::Analysis;

void WriteBase(JsonWriter& json, const analyze::BaseImage& base) {
  json.Key("base");
  json.BeginObject();
  json.Member("layers", base.layers);
  json.Member("origin", analyze::BaseOriginName(base.origin));
  json.Key("name");
  json.TextOrNull(base.name);
  json.Key("digest");
  json.TextOrNull(base.digest.ToString());
  json.EndObject();
}

void WriteImage(JsonWriter& json, const Analysis& analysis) {
  const tree::Summary& summary = analysis.summary;
  json.Key("image");
  json.BeginObject();
  json.Key("reference");
  json.TextOrNull(analysis.image.reference);
  json.Key("platform");
  json.TextOrNull(analysis.image.config.platform.ToString());
  json.Key("digest");
  json.TextOrNull(analysis.image.digest.ToString());
  json.Key("configDigest");
  json.TextOrNull(analysis.image.config_digest.ToString());
  json.Key("created");
  json.TextOrNull(analysis.image.config.created);
  json.Member("storedBytes", summary.stored_bytes);
  json.Member("visibleBytes", summary.visible_bytes);
  json.Member("wastedBytes", summary.wasted_bytes());
  json.Member("efficiency", summary.efficiency());
  json.Member("compressedBytes", analyze::CompressedBytes(analysis.image));
  json.Member("duplicateBytes", summary.duplicate_bytes);
  json.Member("unverifiedLayers", analysis.layers_listed);
  json.Member("entries", summary.entries);
  json.Member("baseLayers", analysis.base_layers);
  json.Member("baseKnown", analysis.base.origin != analyze::BaseOrigin::kAssumed);
  WriteBase(json, analysis.base);
  json.Member("userStoredBytes", summary.user_stored_bytes);
  json.Member("userWastedBytes", summary.user_wasted_bytes);
  json.Key("waste");
  json.BeginObject();
  for (const tree::Cause cause : tree::kCauses) {
    json.Member(tree::CauseName(cause), summary.wasted_by_cause[static_cast<size_t>(cause)]);
  }
  json.EndObject();
  json.Key("kinds");
  json.BeginObject();
  for (const analyze::KindBytes& kind : analysis.kinds) {
    json.Key(layer::FileKindName(kind.kind));
    json.BeginObject();
    json.Member("files", kind.files);
    json.Member("bytes", kind.bytes);
    json.EndObject();
  }
  json.EndObject();
  json.EndObject();
}

void WriteClassic(JsonWriter& json, const tree::ClassicNumbers& classic) {
  json.Key("classic");
  json.BeginObject();
  json.Member("sizeBytes", classic.size_bytes);
  json.Member("userSizeBytes", classic.user_size_bytes);
  json.Member("wastedBytes", classic.wasted_bytes);
  json.Member("wastedUserPercent", classic.wasted_user_percent());
  json.Member("efficiency", classic.efficiency);
  json.EndObject();
}

void WriteLayers(JsonWriter& json, const Analysis& analysis) {
  json.Key("layers");
  json.BeginArray();
  for (size_t i = 0; i < analysis.image.layers.size(); ++i) {
    const image::Layer& layer = analysis.image.layers[i];
    const tree::LayerNumbers& numbers = analysis.tree.numbers(i);
    json.BeginObject();
    json.Member("index", i);
    json.Key("diffId");
    json.TextOrNull(layer.diff_id.ToString());
    json.Key("digest");
    json.TextOrNull(layer.digest.ToString());
    json.Key("mediaType");
    json.TextOrNull(layer.media_type);
    json.Member("compressedBytes", layer.size);
    json.Member("storedBytes", numbers.stored_bytes);
    json.Member("entries", numbers.entries);
    json.Key("instruction");
    json.TextOrNull(Instruction(analysis, i));
    json.Member("wastedHereBytes", numbers.wasted_here_bytes);
    json.Member("hiddenByBytes", numbers.hidden_bytes);
    json.Member("added", numbers.added);
    json.Member("modified", numbers.modified);
    json.Member("removed", numbers.removed);
    json.Member("linkedParent", numbers.linked_parents);
    json.Member("danglingLinks", numbers.dangling_links);
    json.EndObject();
  }
  json.EndArray();
}

void WriteHistory(JsonWriter& json, const Analysis& analysis) {
  json.Key("history");
  json.BeginArray();
  size_t index = 0;
  for (const image::HistoryEntry& entry : analysis.image.config.history) {
    json.BeginObject();
    WriteHistoryMembers(json, index++, entry);
    json.EndObject();
  }
  json.EndArray();
}

void WriteWastedPaths(JsonWriter& json, const Analysis& analysis) {
  json.Key("wastedPaths");
  json.BeginArray();
  for (const WastedPath& wasted : WastedPaths(analysis)) {
    json.BeginObject();
    json.Member("path", wasted.path);
    if (!IsUtf8(wasted.path)) {
      json.Member("pathBytes", Base64(AsBytes(wasted.path)));
    }
    json.Member("bytes", wasted.bytes);
    json.Member("cause", tree::CauseName(wasted.cause));
    json.Member("storedIn", wasted.stored_in);
    json.Member("hiddenBy", wasted.hidden_by);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

std::string Instruction(const Analysis& analysis, size_t layer) {
  const auto& history = analysis.image.layers[layer].history;
  return history ? analysis.image.config.history[*history].created_by : "";
}

std::string AnalysisJson(const Analysis& analysis) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("schema", "fathom/analysis/v1");
  WriteImage(json, analysis);
  WriteClassic(json, analysis.classic);
  WriteLayers(json, analysis);
  WriteHistory(json, analysis);
  WriteWastedPaths(json, analysis);
  json.EndObject();
  out += '\n';
  return out;
}

}  // namespace fathom::report
