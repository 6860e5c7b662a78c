"""Where an image's layers lie, as arguments of fathom-limit: FILE, or FILE@OFFSET+SIZE in a tar."""
import json
import os
import tarfile


def layers_of(image):
    """The layers of an OCI directory or a docker-archive, in order."""
    if os.path.isdir(image):
        return _of_directory(image)
    with tarfile.open(image, "r:") as archive:
        members = {member.name: member for member in archive}
        manifest = json.load(archive.extractfile(members["manifest.json"]))
    return ["%s@%d+%d" % (image, members[name].offset_data, members[name].size)
            for name in manifest[0]["Layers"]]


def _of_directory(image):
    def blob(digest):
        return os.path.join(image, "blobs", *digest.split(":"))

    with open(os.path.join(image, "index.json"), "rb") as stream:
        manifest = json.load(stream)["manifests"][0]["digest"]
    with open(blob(manifest), "rb") as stream:
        return [blob(layer["digest"]) for layer in json.load(stream)["layers"]]
