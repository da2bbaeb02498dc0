#!/bin/sh
# Runs one step in the user's image: sh step CONTAINER TOKEN SCRIPT
#
# TOKEN stands in SCRIPT for two opening braces, which Argo would take for its own. The script runs
# with `sh -e` in the clone, our `git` first in its PATH. Needs a POSIX sh with mkfifo, sed, tee, head, tail.
# A step may stop at a conflict: our `git` then ends everything in this process group but
# the wrapper, which therefore must lead the group (Argo's emissary starts it so).
# Exit codes: the script's own; 10 at a conflict, in a pod 0, for Argo would show a failure where people are
# asked. 64, 143 (Argo's) and 10 of a script's own become 1.
set -u

container=$1 token=$2 script=$3
control=$(CDPATH='' cd -- "${0%/*}" && pwd) || exit 1
output=$control/output.$container
termination=${RESYNC_TERMINATION_LOG:-/dev/termination-log}
# Whoever runs steps without a pod says by himself what began, how long it took and how it ended.
quiet=${RESYNC_QUIET:-}
in_pod=${RESYNC_IN_POD:-}
unset RESYNC_QUIET RESYNC_IN_POD

. "$control/env"
PATH=$control/bin:$PATH
RESYNC_STEP=$container
RESYNC_SUMMARY=$control/summary.$container
export PATH RESYNC_STEP RESYNC_SUMMARY

say() { printf '%s\n' "$1"; }
report() { say "$1" >&2; { say "$1" >"$termination"; } 2>/dev/null || :; }
put() { cat >"$control/$1.new" && mv -f -- "$control/$1.new" "$control/$1"; }

if [ -e "$control/skip" ]; then
    say "skipped: $(cat -- "$control/skip")"
    exit 0
fi
if [ -e "$control/conflict" ]; then
    say 'skipped: an earlier step stopped at a conflict'
    exit 0
fi
if [ "$(command -v git)" != "$control/bin/git" ]; then
    report "our git in $control/bin cannot be run: is the workspace mounted noexec, or has its path a colon?"
    exit 1
fi
cd -- "$control/../repository" || exit 1

# A pipe that closes with this process, however it ends: so others notice a killed container, which
# leaves no exit code (memory, most often). Only this process may hold it.
rm -f -- "$control/alive.$container"
mkfifo -- "$control/alive.$container" || exit 1
exec 9<>"$control/alive.$container"

# The full stop keeps line ends that the shell would take away.
script=$(printf '%s\n' "$script" | sed "s/$token/{{/g"; echo .)
script=${script%.}

# All output goes to the log as it comes, and its end is kept for the message: some programs, git among
# them, say on standard output why they fail. The two helpers outlive the end of the group at a conflict,
# so that the log is complete. What the shell itself says of a signal is left out there.
run_script() {
    rm -f -- "$output" "$output.pipe" "$output.copy" "$output.signal" "$control/missing-object" "$RESYNC_SUMMARY"
    mkfifo -- "$output.pipe" "$output.copy" || exit 1
    (trap '' TERM; exec tee -- "$output.copy" <"$output.pipe") 9>&- &
    log=$!
    (trap '' TERM; exec tail -c 4000 <"$output.copy" >"$output") 9>&- &
    end=$!
    {
        # Some shells write what they say of a signal to where the command's own errors go.
        sh -c 'exec "$@" >&8 2>&8 8>&- 9>&-' sh sh -e -c "$script" sh
        code=$?
    } 8>"$output.pipe" 2>"$output.signal"
    [ -e "$control/conflict" ] || cat -- "$output.signal" >&2
    # A process that the script left behind would keep the first pipe open for ever, and who waits at
    # the second one waits for ever where the script moved it away before its other end was opened.
    (sleep 3; kill -KILL "$log"; sleep 1; kill -KILL "$end") >/dev/null 2>&1 9>&- &
    patience=$!
    wait "$log"
    wait "$end"
    kill "$patience" 2>/dev/null
    rm -f -- "$output.pipe" "$output.copy" "$output.signal"
}

trap 'terminated=1' TERM
terminated=0
started=$(date +%s)
[ -n "$quiet" ] || say "step started: $container"
for again in yes yes yes no; do
    run_script
    # Another git than ours may have left unmerged paths, whatever the script made of that.
    git resync-unmerged "$code"
    case $? in
    0) ;;
    10) code=10 ;;
    *)
        # Settled, but a script that failed at it has not done what comes after.
        if [ "$code" != 0 ] && [ "$terminated" = 0 ] && [ "$again" = yes ]; then
            say 'what the script left unmerged is settled now; running it again'
            continue
        fi
        ;;
    esac
    break
done
[ -n "$quiet" ] || say "step took $(($(date +%s) - started)) s: $container"

if ! git rev-parse --verify --quiet 'HEAD^{commit}' 2>/dev/null | put head; then
    report 'the workspace cannot be written: is the disk full?'
    exit 1
fi
git status --porcelain -z 2>/dev/null | head -c 100000 | put uncommitted

[ -z "$quiet" ] || exec 2>/dev/null
if [ -e "$control/conflict" ]; then
    report 'stopped at a conflict that needs a person'
    : >"$control/stopped.$container"
    [ -z "$in_pod" ] || exit 0
    exit 10
fi
[ "$code" != 0 ] || exit 0
if [ "$terminated" = 1 ]; then
    report 'stopped from outside'
    exit 143
fi
last=$(LC_ALL=C sed -n -e 's/[^ -~]//g' -e '/[^ ]/h' -e '${' -e g -e p -e '}' "$output" | LC_ALL=C sed 's/^\(.\{300\}\).*/\1 .../')
if [ -e "$control/missing-object" ]; then
    last="${last:+$last; }the partial clone lacks an object: write \`clone: Full\` in the config of the Plan"
fi
report "exit code $code: ${last:-it printed nothing}"
case $code in 10 | 64 | 143) exit 1 ;; esac
exit "$code"
