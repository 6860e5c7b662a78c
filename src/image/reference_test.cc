#include "image/source_fixture.h"

namespace fathom::image {
namespace {

class ReferenceTest : public SourceTest {
 protected:
  static Reference Parsed(const std::string& text) {
    const auto reference = ParseReference(text);
    EXPECT_TRUE(reference) << reference.error().message;
    return reference.value_or(Reference{});
  }
};

TEST_F(ReferenceTest, TakesAnExistingPathWhole) {
  const std::string path = Write("with:colon.tar", "");
  EXPECT_EQ(Parsed(path).path, path);
  EXPECT_EQ(Parsed(path).tag, "");
  EXPECT_EQ(Parsed("docker-archive:" + path).path, path);
}

TEST_F(ReferenceTest, KnowsEveryForm) {
  const std::string path = Write("i.tar", "");
  const std::pair<const char*, Form> forms[] = {{"docker-archive:", Form::kDockerArchive},
                                                {"docker-tar:", Form::kDockerArchive},
                                                {"oci:", Form::kOciLayout},
                                                {"oci-archive:", Form::kOciArchive}};
  for (const auto& [scheme, form] : forms) {
    for (const std::string slashes : {"", "//"}) {
      const Reference reference = Parsed(scheme + slashes + path);
      EXPECT_EQ(reference.form, form);
      EXPECT_EQ(reference.path, path);
      const Reference tagged = Parsed(scheme + slashes + path + ":host:5000/b:x");
      EXPECT_EQ(tagged.path, path);
      EXPECT_EQ(tagged.tag, "host:5000/b:x");
    }
  }
}

TEST_F(ReferenceTest, ATagMayFollowAPathWithoutAForm) {
  const std::string path = Write("i.tar", "");
  EXPECT_EQ(Parsed(path + ":app:1").form, Form::kAny);
  EXPECT_EQ(Parsed(path + ":app:1").path, path);
  EXPECT_EQ(Parsed(path + ":app:1").tag, "app:1");
  EXPECT_EQ(Parsed("-:app:1").form, Form::kStdin);
  EXPECT_EQ(Parsed("-:app:1").tag, "app:1");
}

TEST_F(ReferenceTest, ReadsStandardInput) {
  EXPECT_EQ(Parsed("-").form, Form::kStdin);
  EXPECT_EQ(Parsed("docker-archive:-").form, Form::kStdin);
  EXPECT_EQ(Parsed("docker-archive:-:app:1").tag, "app:1");
}

TEST_F(ReferenceTest, NamesThePathThatIsAbsent) {
  for (const std::string form : {"", "docker-archive:", "docker-archive://", "oci:"}) {
    ExpectError(form + Path("absent.tar"), Code::kNotFound, {Path("absent.tar")});
    ExpectError(form + Path("absent.tar") + ":app:1", Code::kNotFound, {Path("absent.tar")});
  }
}

TEST_F(ReferenceTest, KnowsThePlacesThatHoldImagesUnderNames) {
  const std::pair<const char*, Form> places[] = {{"docker://", Form::kDocker},
                                                 {"docker-daemon:", Form::kDocker},
                                                 {"docker-daemon://", Form::kDocker},
                                                 {"docker-container://", Form::kDockerContainer},
                                                 {"podman://", Form::kPodman},
                                                 {"containers-storage:", Form::kPodman},
                                                 {"podman-container://", Form::kPodmanContainer},
                                                 {"containerd://", Form::kContainerd},
                                                 {"registry://", Form::kRegistry}};
  for (const auto& [scheme, form] : places) {
    const Reference reference = Parsed(std::string(scheme) + "quay.io:443/some/where:1");
    EXPECT_EQ(reference.form, form) << scheme;
    EXPECT_EQ(reference.path, "quay.io:443/some/where:1");
    EXPECT_EQ(reference.tag, "");
    EXPECT_FALSE(IsFile(reference));
    EXPECT_EQ(ParseReference(scheme).error().code, Code::kInvalidArgument);
    EXPECT_EQ(ParseReference(std::string(scheme) + "-x").error().code, Code::kInvalidArgument);
  }
  ExpectError("docker://alpine:3", Code::kInvalidArgument, {"alpine:3"});
}

TEST_F(ReferenceTest, TakesNamesOfImagesForWhatTheyAre) {
  for (const char* name : {"no-such-image", "no-such-image:22.04", "registry:2", "docker:dind",
                           "quay.io:443/some/where:1"}) {
    EXPECT_EQ(Parsed(name).form, Form::kAny);
    EXPECT_EQ(Parsed(name).path, name);
    EXPECT_FALSE(IsFile(Parsed(name))) << name;
    ExpectError(name, Code::kNotFound, {name});
  }
  EXPECT_TRUE(IsFile(Parsed(Write("there", "x"))));
  EXPECT_TRUE(IsFile(Parsed("./no-such-image")));
  EXPECT_TRUE(IsFile(Parsed("-")));
  EXPECT_TRUE(IsFile(Parsed("oci:no-such-image")));
}

TEST_F(ReferenceTest, RefusesUnknownForms) {
  ExpectError("s3://bucket/x", Code::kInvalidArgument, {"s3://bucket/x", "docker-archive:"});
  ExpectError("", Code::kInvalidArgument, {"empty"});
  ExpectError("oci:", Code::kInvalidArgument, {"no path"});
}

}  // namespace
}  // namespace fathom::image
