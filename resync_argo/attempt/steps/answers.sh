# Part of git.sh: the answers that people gave in conflict pull requests, applied again.
#
# In: the file `resolutions`. A line is about one unmerged path (`path`), or about another path that
# was changed in the same pull request (`change`); `read_resolutions` knows the fields.
# Out: the file `applied`, which names the pull requests whose changes are in already.

# Sets $answers and $changes to the lines of the resolutions file that are about this stop, and $order
# to the pull requests, oldest first.
read_resolutions() {
    answers= changes= order= settled= used=' ' applied=' ' before=
    [ ! -f "$control/applied" ] || IFS= read -r before <"$control/applied"
    [ -f "$control/resolutions" ] || return 0
    while IFS=$tab read -r kind conflict where file from to; do
        case $order in *" $conflict "*) ;; *) order="$order $conflict " ;; esac
        place=elsewhere
        [ "$to" != "${RESYNC_STEP:-}" ] || place=here
        case "$kind $where " in
        "path $operation $stop "*) answers=$answers$file$tab$where$tab$place$tab$conflict$tab$from$nl ;;
        "change $operation $stop "*) changes=$changes$conflict$tab$file$tab$from$tab$to$nl ;;
        esac
    done <"$control/resolutions"
}

# What was changed beside an answer may bring up a conflict that a later pull request answered.
apply_answers() {
    while :; do
        known=$used
        each_unmerged apply_answer_to_path
        carry_out
        [ "$used" != "$known" ] || return 0
        apply_changes
    done
}

apply_answer_to_path() {
    for answer in $answers; do
        case $answer in "$path$tab"*) ;; *) continue ;; esac
        conflict=${answer%"$tab"*}
        conflict=${conflict##*"$tab"}
        case $answer in
        "$path$tab$operation $stop $stage1 $stage2 $stage3$tab"*) use ;;
        *"${tab}here$tab"*)
            # The branch moved: the answer does not fit, but what was changed beside it may.
            case $before in *" $conflict "*) ;; *) use ;; esac
            continue
            ;;
        *) continue ;;
        esac
        # Merged unresolved: what else was changed there counts, and a later answer may follow.
        [ "${answer##*"$tab"}" != '?' ] || continue
        decided resolution "$conflict" "${answer##*"$tab"}"
        want "${answer##*"$tab"}"
        settled=$settled$conflict$tab$path$nl
        return
    done
}

use() {
    case $used in *" $conflict "*) ;; *) used="$used$conflict " ;; esac
}

# What else people changed in the pull requests whose answers were used, oldest first.
apply_changes() {
    group= lines=
    for change in $changes; do
        conflict=${change%%"$tab"*}
        case $used in *" $conflict "*) ;; *) continue ;; esac
        case $applied in *" $conflict "*) continue ;; esac
        if [ "$conflict" != "$group" ]; then
            apply_group
            group=$conflict lines=
        fi
        lines=$lines${change#*"$tab"}$nl
    done
    apply_group
    applied=$used
    printf '%s\n' "$before$applied" >"$control/applied"
}

# Only paths that are no longer as the person saw them need a look of their own: the difference
# between the index as it is and the index with these paths as they were.
apply_group() {
    [ -n "$group" ] || return 0
    scratch_from_index
    now=$(scratch write-tree --missing-ok)
    seen= gone=
    for change in $lines; do
        path=${change%%"$tab"*} from=${change#*"$tab"}
        from=${from%"$tab"*}
        if [ "$from" = - ]; then
            gone=$gone$path$nl
        else
            seen="$seen${from%%:*} ${from#*:} 0$tab$path$nl"
        fi
    done
    printf '%s' "$gone" | scratch update-index --force-remove --stdin
    printf '%s' "$seen" | scratch update-index --replace --index-info
    moved=$nl$(ours diff-tree -r --no-renames "$now" "$(scratch write-tree --missing-ok)")$nl
    left=
    for change in $lines; do
        apply_change
    done
    carry_out
    [ -z "$left" ] || printf '%s' "$left" | ours update-index --replace --index-info
}

# The person's version is downstream's side of a new conflict where the two do not fit together.
apply_change() {
    path=${change%%"$tab"*} to=${change##*"$tab"} from=${change#*"$tab"}
    from=${from%"$tab"*} present=$from
    if is_settled_later; then
        return
    fi
    case $nl$unmerged_paths in
    *"$nl$path$nl"*)
        change_unmerged
        return
        ;;
    esac
    case $moved in *"$tab$path$nl"*) find_present ;; esac
    if [ "$present" = "$from" ]; then
        want "$to"
    elif [ "$present" = "$to" ]; then
        return
    elif merge_entries --quiet "$present" "$from" "$to"; then
        to=$merged
        want "$to"
    else
        leave_unmerged
        return
    fi
    stage1=$from stage2=$present stage3=$to
    decided change "$group" "$to"
}

# The change did not fit before, and people were asked about the path itself.
is_settled_later() {
    case $settled in *"$tab$path$nl"*) ;; *) return 1 ;; esac
    for line in $settled; do
        [ "${line#*"$tab"}" = "$path" ] || continue
        case $order in *" $group "*" ${line%%"$tab"*} "*) return 0 ;; esac
    done
    return 1
}

find_present() {
    for line in $moved; do
        [ "${line#*"$tab"}" = "$path" ] || continue
        line=${line#:} rest=${line#* * }
        present=${line%% *}:${rest%% *}
        [ "${line%% *}" != 000000 ] || present=-
    done
}

# A path that is in conflict by itself keeps its sides; the change goes into downstream's, if it fits.
change_unmerged() {
    for line in $unmerged; do
        [ "${line#*"$tab"}" = "$path" ] || continue
        line=${line%%"$tab"*}
        stage1=${line%% *} stage3=${line##* } stage2=${line#* }
        stage2=${stage2% *}
    done
    find_sides
    if ! merge_entries --quiet "$own" "$from" "$to"; then
        say "$path: the person's change does not fit any more"
        return
    fi
    ancestor=$stage1
    stage1=$from stage2=$own stage3=$to
    decided change "$group" "$merged"
    leave "$ancestor" "$merged" "$theirs"
}

leave_unmerged() {
    say "$path: the person's change does not fit any more"
    leave "$from" "$to" "$present"
}

# Gathers that $path shall be in conflict: leave ANCESTOR DOWNSTREAM UPSTREAM.
leave() {
    removed=$removed$path$nl
    [ "$upstream" = 3 ] || set -- "$1" "$3" "$2"
    number=0
    for entry in "$@"; do
        number=$((number + 1))
        [ "$entry" = - ] || left="$left${entry%%:*} ${entry#*:} $number$tab$path$nl"
    done
}
