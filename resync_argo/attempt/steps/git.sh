#!/bin/sh
# The `git` that steps meet first in their PATH: the user's own git, which settles conflicts.
#
# Every command goes to the next `git` in PATH. When one that may leave unmerged paths in the clone
# does so, the Plan's rules and the resolutions that people gave before are applied, and the operation
# is continued, so that the script goes on as if nothing had happened. What nobody decided is recorded
# under `refs/resync-argo/conflict` and in the file `conflict`, and the whole script is stopped.
#
# In:  $control/rules, $control/resolutions (rules.py and resolution.py say how they are written).
# Out: $control/decisions (what was decided, and by whom), $control/conflict (the conflict's record).
# It is $control/bin/git beside the clone `repository`; its parts rules.sh, answers.sh and record.sh
# are in $control/lib. All of them need nothing but sh and git (>= 2.30).
# Paths are lines here, quoted by git (core.quotePath): one line each, whatever bytes they hold.
# An entry is `mode:id`, or `-` where a side has none.

set -f
tab='	'
nl='
'
IFS=$nl

bin=${0%/*}
control=${bin%/*}
clone=${control%/*}/repository
conflict_code=10

real_git() {
    rest=$PATH:
    while [ -n "$rest" ]; do
        candidate=${rest%%:*}
        rest=${rest#*:}
        candidate=${candidate:-.}
        [ "${candidate%/}" != "$bin" ] && [ -f "$candidate/git" ] && [ -x "$candidate/git" ] || continue
        real=$candidate/git
        return
    done
    say "there is no git in this image; add it, or use another image"
    exit 127
}

say() {
    printf 'resync: %s\n' "$1" >&2
}

# Calls that merge: what a person's or an image's settings could change from one replay to the next
# is fixed. Options of the command itself come later and win.
merging() {
    "$real" -c rerere.enabled=false -c rerere.autoUpdate=false -c merge.conflictStyle=merge \
        -c merge.renameLimit=32767 "$@"
}

# Sets $command to the git command behind the global options (git, "OPTIONS").
find_command() {
    command=
    while [ $# -gt 0 ]; do
        case $1 in
        -C | -c | --git-dir | --work-tree | --namespace | --config-env | --attr-source | --super-prefix)
            [ $# -gt 1 ] && shift
            ;;
        -*) ;;
        *)
            command=$1
            return
            ;;
        esac
        shift
    done
}

# Our own calls: paths quoted the same way everywhere.
ours() {
    "$real" -c core.quotePath=true "$@"
}

has_unmerged() {
    [ -n "$(ours ls-files -u)" ]
}

# `sh -e` alone would not do: a script may go on after a failing command, and then commit markers.
stop_script() {
    trap '' TERM
    kill -TERM 0
    exit "$conflict_code"
}

# Our own calls are about the clone, whatever the command before was told.
enter_clone() {
    unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX GIT_OBJECT_DIRECTORY CDPATH
    unset GIT_LITERAL_PATHSPECS GIT_GLOB_PATHSPECS GIT_NOGLOB_PATHSPECS GIT_ICASE_PATHSPECS
    GIT_EDITOR=:
    export GIT_EDITOR
    cd "$clone"
}

# An empty pick is skipped, as git's rebase does by itself where it does not work with patches. Hooks that
# the script set up run, as they would for a person.
continue_operation() {
    resume=--continue
    case $operation in
    index)
        pick_rest
        return
        ;;
    merge) [ "$commits" = yes ] || return 0 ;;
    *) [ -d .git/rebase-merge ] || ! ours diff-index --cached --quiet HEAD || resume=--skip ;;
    esac
    merging "$operation" "$resume"
}

# Git itself cannot go on with several picks (or reverts) that it is not to commit, and would leave out
# the rest of them without a word; the first of its list is the one that stopped.
pick_rest() {
    [ -f .git/sequencer/todo ] || return 0
    set -- --no-commit
    for option in mainline strategy strategy-option; do
        for value in $(ours config --file .git/sequencer/opts --get-all "options.$option"); do
            set -- "$@" "--$option=$value"
        done
    done
    stopped=yes rest= picks=cherry-pick
    while IFS=' ' read -r verb commit subject; do
        case $verb in r | revert) picks=revert ;; esac
        [ "$stopped" = yes ] || { set -- "$@" "$commit" && rest=yes; }
        stopped=no
    done <.git/sequencer/todo
    ours "$picks" --quit
    [ -z "$rest" ] || merging "$picks" "$@"
}

# Settles conflict after conflict until the operation is complete: sets $code to git's exit code, or
# fails where a person is needed.
settle() {
    while has_unmerged; do
        find_operation
        put_aside
        removed= taken= written=
        apply_rules
        read_resolutions
        apply_answers
        if has_unmerged; then
            record_conflict
            return 1
        fi
        continue_operation
        code=$?
    done
}

load_parts() {
    . "$control/lib/rules.sh"
    . "$control/lib/answers.sh"
    . "$control/lib/record.sh"
}

real_git
find_command "$@"
case $command in
rev-parse | status) ;;
*)
    # A script that goes on all the same must not commit what it left.
    if [ -f "$control/conflict" ]; then
        say "the step has stopped at a conflict"
        exit "$conflict_code"
    fi
    ;;
esac
code=0 commits=yes
case $command in
merge | pull | rebase | cherry-pick | revert | am | apply | stash | checkout | switch | subtree)
    for word in "$@"; do
        case $command:$word in
        *:--no-commit | cherry-pick:-n* | cherry-pick:-[ersx]*n* | revert:-n* | revert:-[es]*n*) commits=no ;;
        esac
    done
    merging "$@"
    code=$?
    enter_clone || exit "$code"
    has_unmerged || exit "$code"
    load_parts
    settle || stop_script
    ;;
resync-unmerged)
    # The wrapper asks after each script: another command may have left unmerged paths.
    enter_clone || exit 1
    load_parts
    settle || exit "$conflict_code"
    ;;
*)
    exec "$real" "$@"
    ;;
esac
exit "$code"
