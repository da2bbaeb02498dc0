#!/bin/sh
# Makes files of the branch again with the tools of the step's image:
# resync-regenerate KIND [--go-version-from PATH] [--prefix TEXT] [--subject TEXT]
#
# KIND is a word of docs/write-a-plan.md, "Files that are made again"; prefix and subject are of the commit.
# Runs in the top folder of the clone. Before it, trusted code has settled
# conflicts in these files; `git resync-tidied` asks it whether the tool chose versions that nobody did.
# Needs sh, git, sed, tail and the tool.
set -euf
IFS='
'

tab=$(printf '\t')
kind=$1 go_file='' prefix='' subject=''
shift
while [ $# -gt 0 ]; do
    case $1 in
    --go-version-from) go_file=$2 ;;
    --prefix) prefix=$2 ;;
    --subject) subject=$2 ;;
    *) exit 2 ;;
    esac
    shift 2
done
errors=${TMPDIR:-/tmp}/resync-regenerate.$$
trap 'rm -rf -- "$errors" "$errors.members" "$errors.modules"' EXIT

say() { printf 'resync: %s\n' "$1" >&2; }
fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

need() {
    command -v "$1" >/dev/null || fail "there is no $1 in this image: name one that has it in the \`image\` of this step"
}

# Prints the folders in which git has a file of a name, "." for the top; what is vendored does not count.
folders_with() {
    git -c core.quotePath=true ls-files -- ":(glob)**/$1" ':(exclude,glob)**/vendor/**' \
        ':(exclude,glob)**/testdata/**' ':(exclude,glob)**/node_modules/**' | while read -r path; do
        case $path in
        \"*) fail "the name of $path has characters that this step does not take" ;;
        */*) printf '%s\n' "${path%/*}" ;;
        *) echo . ;;
        esac
    done
}

# Tells whether a folder is within another one that has a file of a name (FOLDER, NAME).
is_nested() {
    above=$1
    while [ "$above" != . ]; do
        case $above in
        */*) above=${above%/*} ;;
        *) above=. ;;
        esac
        [ ! -f "$above/$2" ] || return 0
    done
    return 1
}

# Runs a tool in a folder (FOLDER, WORD...); its error output is shown and kept.
try() {
    folder=$1
    shift
    say "in $folder: $(printf '%s ' "$@")"
    code=0
    (cd -- "$folder" && "$@") 2>"$errors" || code=$?
    cat -- "$errors" >&2
    return "$code"
}

# Prints what a tool said last, on one line, without what is no news.
why() {
    said=
    while read -r line; do
        case $line in
        '' | 'go: downloading '* | 'go: finding '* | 'go: found '* | 'For more information'*) ;;
        *) said="$said${said:+
}$line" ;;
        esac
    done <"$errors"
    printf '%s\n' "$said" | tail -n 3 | sed -e ':join' -e '$!N' -e 's/\n/; /' -e 't join'
}

run() {
    try "$@" && return
    shift
    words=$(printf '%s ' "$@")
    fail "\`${words% }\` fails in the folder $folder: $(why)"
}

# Stages what is there, and what is not there any more (FOLDER, NAME...), also where .gitignore hides it.
stage() {
    folder=$1
    shift
    for name in "$@"; do
        path=$folder/$name
        [ -e "$path" ] || [ -n "$(git --literal-pathspecs ls-files -- "$path")" ] || continue
        git --literal-pathspecs add -f -A -- "$path"
    done
}

# Stages vendored files (FOLDER). Where .gitignore hides the list of them, which the branch has, it has all in spite of it.
# Else what is hidden by a pattern for vendored files stays out, and what only happens to match another one is added.
stage_vendored() {
    if git check-ignore -q --no-index -- "$1/vendor/modules.txt"; then
        stage "$1" vendor
        return
    fi
    git --literal-pathspecs add -A -- "$1/vendor"
    hidden=$(git --literal-pathspecs ls-files -o -i --exclude-standard -- "$1/vendor" |
        git check-ignore -v --stdin | sed -e "/^[^$tab]*:[0-9]*:[^$tab]*vendor/d" -e "s/^[^$tab]*$tab//")
    [ -z "$hidden" ] || printf '%s\n' "$hidden" | git --literal-pathspecs add -f --pathspec-from-file=-
}

commit() {
    if git diff --cached --quiet; then
        say "nothing has changed"
    else
        git commit -q -m "$prefix${subject:-$1}"
        say "committed: $(git show -s --format=%s), $(git diff --shortstat 'HEAD^' HEAD --)"
    fi
}

# Prints the versions of Go that a file names, each once (PATH).
go_versions() {
    number='1\.[0-9]\{1,\}\(\.[0-9]\{1,\}\)\{0,1\}'
    case ${1##*/} in
    go.mod | go.work)
        named=$(sed -n "s/^toolchain[[:space:]]*go\($number\).*/\1/p" "$1")
        [ -n "$named" ] || named=$(sed -n "s/^go[[:space:]]*\($number\).*/\1/p" "$1")
        ;;
    *)
        named=$(sed -n -e '/^[[:space:]]*#/d' \
            -e "s/^[[:space:]]*\(go\)\{0,1\}\($number\)[[:space:]]*\$/\2/p" \
            -e "s/.*golang[-:@= ]*v\{0,1\}\($number\).*/\1/p" \
            -e "s/.*\(GO_VERSION\|go-version\)[-:=?\"' ]*v\{0,1\}\($number\).*/\2/p" "$1")
        ;;
    esac
    known=
    for version in $named; do
        case "$IFS$known" in
        *"$IFS$version$IFS"*) ;;
        *) known="$known$version$IFS" ;;
        esac
    done
    printf '%s' "$known"
}

# Tells whether a Go (go1.24.6) is a version as a file names it (GO, VERSION): 1.24 is any of its releases.
is_go() {
    case $1 in
    "go$2" | "go$2 "* | "go$2-"* | "go$2."*) return 0 ;;
    *) return 1 ;;
    esac
}

# Sets GOTOOLCHAIN so that the Go is the one that a file of the branch names (PATH).
choose_go() {
    [ -f "$1" ] || fail "the branch has no file $1, which \`goVersionFrom\` names: correct the Plan"
    named=$(go_versions "$1")
    case $named in
    '') fail "$1 names no version of Go in a form that \`goVersionFrom\` reads: name another file" ;;
    *"$IFS"*) fail "$1 names several versions of Go, so name a file with one: $(printf '%s ' $named)" ;;
    esac
    export GOTOOLCHAIN=local
    own=$(go env GOVERSION)
    ! is_go "$own" "$named" || return 0
    release=$named
    case $named in
    *.*.*) ;;
    *) release=$(cd -- "${TMPDIR:-/tmp}" && GOFLAGS='' GOWORK=off go list -m -f '{{.Version}}' "go@$named" 2>"$errors") ||
        fail "Go $named, which $1 names, cannot be had from the module proxy, and this image has $own: $(why)" ;;
    esac
    export GOTOOLCHAIN="go$release"
    taken=$(cd -- "${TMPDIR:-/tmp}" && go env GOVERSION 2>"$errors") ||
        fail "Go $release, which $1 names, cannot be had from the module proxy, and this image has $own: $(why)"
    is_go "$taken" "$release" ||
        fail "$1 names Go $release, and this image's $own takes no other: name an image that has it, or Go 1.21 or newer"
}

# Tells whether a module says no version of Go, and this Go can leave it so (FOLDER).
has_no_go_line() {
    [ -z "$(sed -n '/^go[[:space:]]/p' "$1/go.mod")" ] && (cd -- "$1" && go mod edit -go=none) 2>/dev/null
}

tidy() {
    if has_no_go_line "$1"; then
        # Such a module is one of Go 1.16 (go.dev/ref/mod, "go directive"); tidying would write down this Go's version.
        run "$1" go mod tidy -go=1.16
        run "$1" go mod edit -go=none
        return
    fi
    try "$1" go mod tidy && return
    # A module of Go 1.16 has two lists of versions; what its own Go would have chosen is nobody's concern here.
    compat=$(sed -n 's/.*go mod tidy \(-compat=[0-9.]*\).*/\1/p' "$errors")
    [ -z "$compat" ] || {
        run "$1" go mod tidy "$compat"
        return
    }
    last=$(why)
    case $last in
    *GOTOOLCHAIN=*) [ -z "$go_file" ] || fail "the release needs another Go than $go_file names; change that file, in a step before this one or in the branch: $last" ;;
    esac
    case $last in
    *GOTOOLCHAIN=local*) fail "the image of this step has another Go than the branch needs; name an image that has it: $last" ;;
    *) fail "\`go mod tidy\` fails in the folder $1: $last" ;;
    esac
}

# Tidies until nobody has anything against the versions. An answer may need a second round.
tidy_all() {
    for round in 1 2 3; do
        for module in $modules; do
            tidy "$module"
            stage "$module" go.mod go.sum
        done
        for workspace in $workspaces; do
            sync_workspace "$workspace"
        done
        before=$(git write-tree)
        git resync-tidied
        [ "$(git write-tree)" != "$before" ] || return 0
        say "people decided about versions; running it again"
    done
    fail "\`go mod tidy\` does not keep the go.mod that people decided on: require there what the code imports"
}

# Tells whether a module is vendored in the branch, before the release or now; upstream may have stopped (FOLDER).
is_vendored() {
    listing=$1/vendor/modules.txt
    [ -z "$(git --literal-pathspecs ls-files -- "$listing")" ] || return 0
    git cat-file -e "refs/remotes/origin/$DOWNSTREAM_BRANCH:${listing#./}" 2>/dev/null || return
    say "upstream no longer vendors in $1, but the branch does, so this step vendors again"
}

# Gives all modules of a workspace the same versions, as one build has them (FOLDER).
sync_workspace() {
    run "$1" go work sync
    stage "$1" go.work go.work.sum
    (cd -- "$1" && go work edit -json) | sed -n 's/^.*"DiskPath": "\(.*\)".*/\1/p' >"$errors.members"
    while read -r member; do
        stage "$1/$member" go.mod go.sum
    done <"$errors.members"
}

# Tells whether a vendor folder is a whole workspace's; a branch may vendor a module of one alone (FOLDER).
is_of_workspace() {
    [ -f "$1/go.work" ] || return 1
    listing=$1/vendor/modules.txt
    listing=${listing#./}
    [ -n "$({ git show ":$listing" || git show "refs/remotes/origin/$DOWNSTREAM_BRANCH:$listing"; } 2>/dev/null |
        sed -n '/^## workspace/p')" ]
}

vendor() {
    if is_of_workspace "$1"; then
        run "$1" go work vendor
    elif has_no_go_line "$1"; then
        run "$1" env GOWORK=off go mod vendor
        run "$1" go mod edit -go=none
    else
        run "$1" env GOWORK=off go mod vendor
    fi
}

go_modules() {
    need go
    if [ -n "$go_file" ]; then
        choose_go "$go_file"
    else
        # Another Go than the image's would come from the network, and write what the branch's own does not.
        export GOTOOLCHAIN="${GOTOOLCHAIN:-local}"
    fi
    # Outside of the branch, whose go.mod may ask for another one.
    say "$(cd -- "${TMPDIR:-/tmp}" && go version)"
    modules=
    folders=$(folders_with go.mod)
    for module in $folders; do
        is_nested "$module" go.mod || modules="$modules$module$IFS"
    done
    [ -n "$modules" ] || fail "the branch has no go.mod: this step is for Go modules, so take it out of the Plan"
    workspaces=$(folders_with go.work)
    tidy_all
    what=Tidy
    vendored=$modules
    for workspace in $workspaces; do
        # It may have no module at its top.
        [ -f "$workspace/go.mod" ] || vendored="$vendored$workspace$IFS"
    done
    for folder in $vendored; do
        is_vendored "$folder" || continue
        vendor "$folder"
        stage_vendored "$folder"
        what="Tidy and vendor"
    done
    commit "$what Go modules"
}

# Prints what says the format of a lock (PATH).
format_of() {
    case ${1##*/} in
    yarn.lock) sed -n -e 's/^# yarn lockfile //p' -e '/^__metadata:/,/^$/s/^  version: *//p' "$1" ;;
    pnpm-lock.yaml) sed -n "s/^lockfileVersion: *//p" "$1" ;;
    package-lock.json) sed -n 's/^ *"lockfileVersion": *\([0-9]*\).*/\1/p' "$1" ;;
    *) sed -n '1,/^$/s/^version = \([0-9]*\)$/\1/p' "$1" ;;
    esac
}

yarn_lock() {
    case $(yarn --version) in
    1.*)
        # It has no way to make just the lock.
        yarn install --ignore-scripts --non-interactive --no-progress --modules-folder "$errors.modules"
        ;;
    *)
        YARN_INSTALL_STATE_PATH=$errors.modules/state.gz YARN_ENABLE_TELEMETRY=0 \
            YARN_ENABLE_SCRIPTS=false YARN_ENABLE_IMMUTABLE_INSTALLS=false yarn install --mode=update-lockfile
        ;;
    esac
}

# Makes locks again (LOCK, MANIFEST, TOOL, WORD...).
lock() {
    lock=$1 manifest=$2 tool=$3
    shift 3
    need "$tool"
    found=
    folders=$(folders_with "$lock")
    for folder in $folders; do
        [ -f "$folder/$manifest" ] || continue
        found=yes
        format=$(format_of "$folder/$lock")
        run "$folder" "$@"
        written=$(format_of "$folder/$lock")
        [ "$written" = "$format" ] ||
            fail "$tool writes $lock in format $written, and the branch has it in format $format: name an image with the $tool of the branch"
        stage "$folder" "$lock"
    done
    [ -n "$found" ] || fail "the branch has no $lock with a $manifest beside it, so take this step out of the Plan"
    commit "Update $lock"
}

git diff --cached --quiet || fail "a step before this one staged changes and did not commit them: let it commit them"
case $kind in
GoModules) go_modules ;;
Cargo) lock Cargo.lock Cargo.toml cargo cargo update --workspace ;;
Npm) lock package-lock.json package.json npm npm install --package-lock-only --ignore-scripts --no-audit --no-fund ;;
Yarn) lock yarn.lock package.json yarn yarn_lock ;;
Pnpm) lock pnpm-lock.yaml package.json pnpm pnpm install --lockfile-only --ignore-scripts --no-frozen-lockfile ;;
Uv) lock uv.lock pyproject.toml uv uv lock ;;
*) fail "this version of resync-argo cannot regenerate $kind" ;;
esac
