"""A Docker Engine of the benchmark's own, with one image loaded."""
import contextlib
import os
import shutil
import subprocess
import tempfile
import time

PROGRAMS = ("dockerd", "docker")
START_SECONDS = 30


@contextlib.contextmanager
def engine_with(archive):
    """Starts dockerd, loads the archive; yields (DOCKER_HOST, the image's ID). RuntimeError says why not."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise RuntimeError("not installed: " + ", ".join(missing))
    with tempfile.TemporaryDirectory(prefix="fathom-bench-engine-") as folder:
        host = "unix://" + os.path.join(folder, "engine.sock")
        with open(os.path.join(folder, "log"), "wb") as log, subprocess.Popen(
                ["dockerd", "--storage-driver=vfs", "--iptables=false", "--bridge=none", "-H", host,
                 "--data-root", os.path.join(folder, "data"), "--exec-root",
                 os.path.join(folder, "exec"), "--pidfile", os.path.join(folder, "pid")],
                stdout=log, stderr=log) as daemon:
            try:
                _wait(host, daemon)
                _docker(host, "load", "-q", "-i", archive)
                yield host, _docker(host, "images", "-q", "--no-trunc").split()[0]
            finally:
                daemon.terminate()


def _wait(host, daemon):
    for _ in range(START_SECONDS * 10):
        if daemon.poll() is not None:
            raise RuntimeError("dockerd ended with code %d" % daemon.returncode)
        with contextlib.suppress(RuntimeError):
            _docker(host, "version")
            return
        time.sleep(0.1)
    raise RuntimeError("dockerd did not answer within %d s" % START_SECONDS)


def _docker(host, *arguments):
    run = subprocess.run(["docker", "--host", host, *arguments], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError("docker %s: %s" % (arguments[0], run.stderr.strip()[-300:]))
    return run.stdout
