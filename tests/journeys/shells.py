"""What a shell offers to complete, asked of the real shell with a script of `fathom completion`."""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

BASH = r"""
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_fathom
printf '%s\n' "${COMPREPLY[@]}"
"""

# compadd is what every zsh completion ends in; the copy says what it was given that fits.
ZSH = r"""
autoload -Uz compinit
compinit -u -d $ZDOTDIR/dump
source $FATHOM_SCRIPT
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  typeset -ga offered
  builtin compadd -A offered "$@"
  print -rl -- $offered >> $FATHOM_OFFERED
  builtin compadd "$@"
}
complete-and-leave() {
  zle complete-word
  print >> $FATHOM_OFFERED.end
  exit
}
zle -N complete-and-leave
bindkey '^I' complete-and-leave
PS1=READY
"""


def bash(script, words, folder, env):
    """words: the words of the line, the last being completed; readline would cut them at `=`."""
    run = subprocess.run(["bash", "--norc", "--noprofile", "-c", BASH, "bash", script, *words], cwd=folder, env=env,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    assert not run.stderr, run.stderr
    return set(run.stdout.decode().split())


def fish(script, line, folder, env):
    run = subprocess.run(["fish", "--no-config", "-c", "source $argv[1]; complete -C$argv[2]", script, line], cwd=folder, env=env,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    assert not run.stderr, run.stderr
    return {row.split("\t")[0] for row in run.stdout.decode().splitlines()}


def zsh(script, line, folder, env):
    """Types the line and a tab into an interactive zsh."""
    setup = os.path.join(env["HOME"], "zsh")
    os.makedirs(setup, exist_ok=True)
    with open(os.path.join(setup, ".zshrc"), "w") as f:
        f.write(ZSH)
    offered = os.path.join(setup, "offered")
    for old in (offered, offered + ".end"):
        if os.path.exists(old):
            os.remove(old)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe("zsh", ["zsh", "-i"], {**env, "ZDOTDIR": setup, "FATHOM_SCRIPT": script, "FATHOM_OFFERED": offered})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 100, 200, 0, 0))
    said, typed, end = b"", False, time.monotonic() + 60
    try:
        while time.monotonic() < end and not os.path.exists(offered + ".end"):
            if select.select([terminal], [], [], 0.05)[0]:
                said += os.read(terminal, 65536)
            if not typed and b"READY" in said:
                os.write(terminal, line.encode() + b"\t")
                typed = True
    except OSError:
        pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)
    assert os.path.exists(offered + ".end"), said
    if not os.path.exists(offered):
        return set()
    with open(offered) as f:
        return set(f.read().split())
