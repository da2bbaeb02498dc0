# Part of git.sh: the answers that people gave in conflict pull requests, applied again.
#
# In: the file `resolutions`. A line is about one unmerged path (`path`), or about another path that
# was changed in the same pull request (`change`); `read_resolutions` knows the fields.

# Sets $answers and $changes to the lines of the resolutions file that are about this stop.
read_resolutions() {
    answers= changes= used=' ' applied=' '
    [ -f "$control/resolutions" ] || return 0
    while IFS=$tab read -r kind conflict where file from to; do
        case "$kind $where " in
        "path $operation $stop "*) answers=$answers$where$tab$file$tab$conflict$tab$from$nl ;;
        "change $operation $stop "*) changes=$changes$conflict$tab$file$tab$from$tab$to$nl ;;
        esac
    done <"$control/resolutions"
}

apply_answer_to_path() {
    for answer in $answers; do
        case $answer in
        "$operation $stop $stage1 $stage2 $stage3$tab$path$tab"*) ;;
        *) continue ;;
        esac
        conflict=${answer%"$tab"*}
        conflict=${conflict##*"$tab"}
        used="$used$conflict "
        # Merged unresolved: what else was changed there counts, and a later answer may follow.
        [ "${answer##*"$tab"}" != '?' ] || continue
        decided resolution "$conflict" "${answer##*"$tab"}"
        want "${answer##*"$tab"}"
        return
    done
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
    applied=$applied$used
}

# Only paths that are no longer as the person saw them need a look of their own: the difference
# between the index as it is and the index with these paths as they were.
apply_group() {
    [ -n "$group" ] || return 0
    scratch_from_index
    now=$(scratch write-tree --missing-ok)
    before= gone=
    for change in $lines; do
        path=${change%%"$tab"*} from=${change#*"$tab"}
        from=${from%"$tab"*}
        if [ "$from" = - ]; then
            gone=$gone$path$nl
        else
            before="$before${from%%:*} ${from#*:} 0$tab$path$nl"
        fi
    done
    printf '%s' "$gone" | scratch update-index --force-remove --stdin
    printf '%s' "$before" | scratch update-index --replace --index-info
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

find_present() {
    for line in $moved; do
        [ "${line#*"$tab"}" = "$path" ] || continue
        line=${line#:} rest=${line#* * }
        present=${line%% *}:${rest%% *}
        [ "${line%% *}" != 000000 ] || present=-
    done
}

leave_unmerged() {
    say "$path: the person's change does not fit any more"
    if [ "$upstream" = 3 ]; then
        stage2=$to stage3=$present
    else
        stage2=$present stage3=$to
    fi
    removed=$removed$path$nl
    number=0
    for entry in "$from" "$stage2" "$stage3"; do
        number=$((number + 1))
        [ "$entry" = - ] || left="$left${entry%%:*} ${entry#*:} $number$tab$path$nl"
    done
}
