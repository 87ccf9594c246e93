# shellcheck shell=bash disable=SC2154  # Read by deploy/demo --check, whose functions and settings it uses.
#
# One fortnight of a MARAC through the real programs over TLS. The first step that does not hold ends the run, and is
# named. The clock begins on Monday 6 January 2025, so that the calendar is the same whenever this runs: meetings on
# Wednesday 22 January and 5 February, with cut-offs at noon on the 10th and on the 24th.

readonly check_steps=(sign_in assessment referral triage agenda meeting actions reports repeat canaries audit)

# --- Expecting -----------------------------------------------------------------------------------------------

answer= # What marac printed last, as JSON.

wrong() {
  printf 'check:   %s\n' "$*" >&2
  exit 1
}

# ask WHO COMMAND...: marac as that person; the answer is kept.
ask() {
  local who=$1
  shift
  answer=$("$marac" --config "$directory/people/$who.textproto" --quiet --json "$@") ||
    wrong "marac $* (as $who) ended with exit code $?"
}

# ask_with FILE WHO COMMAND...: the same with JSON from a file.
ask_with() {
  local file=$1 who=$2
  shift 2
  answer=$("$marac" --config "$directory/people/$who.textproto" --quiet "$@" --json "$file") ||
    wrong "marac $* (as $who) ended with exit code $?"
}

# refuses CODE WORD WHO COMMAND...: it must end with this exit code, and say this word.
refuses() {
  local code=$1 word=$2 who=$3 status=0 said
  shift 3
  said=$("$marac" --config "$directory/people/$who.textproto" --quiet "$@" 2>&1 </dev/null) || status=$?
  ((status == code)) || wrong "marac $* (as $who) ended with exit code $status and not $code: $said"
  [[ $said == *"$word"* ]] || wrong "marac $* (as $who) did not say '$word': $said"
}

value() { "$demo" pick "$1" <<<"$answer"; }

# expect PATH VALUE: in the answer.
expect() {
  local got
  got=$(value "$1") || wrong "the answer has no $1"
  [[ $got == "$2" ]] || wrong "$1 is '$got' and not '$2'"
}

sign_in_as() {
  "$marac" --config "$directory/people/$1.textproto" --quiet sign-in "$1" --password-stdin <<<"$password" >/dev/null ||
    wrong "$1 could not sign in"
}

advance() { ask admin clock advance --to "$1"; }

# --- The steps -----------------------------------------------------------------------------------------------

step_sign_in() {
  local who status=0
  "$marac" --config "$directory/people/idva.textproto" --quiet sign-in idva --password-stdin \
    <<<'not the password' >/dev/null 2>&1 || status=$?
  ((status == 3)) || wrong "a wrong password ended with exit code $status and not 3"
  refuses 3 'sign in' idva whoami
  for who in idva idva2 coordinator chair housing police police-sergeant auditor admin; do sign_in_as "$who"; done
  ask idva whoami
  expect account.login idva
  expect account.roles[0].role ROLE_IDVA
  expect demonstration true
}

readonly yes_items='INJ_NOW FEAR FEAR_OF ISOLATED SEPARATED STALK FREQ_UP SEV_UP CONTROL KILL_THREAT STRANGLE MONEY
  SUBST_MH BREACH RECORD'
readonly no_items='MOOD_SI CONTACT PREG WEAPON SEXUAL OTHERS HURT_ELSE ANIMAL ABUSER_SI'

step_assessment() {
  local item answers=()
  advance 2025-01-06T09:30
  ask idva assessment start --victim 'Mirela Oakbarrow' --perpetrator 'Garth Oakbarrow'
  assessment=$(value name)
  expect state ASSESSMENT_STATE_DRAFT
  for item in $yes_items; do answers+=("$item=yes"); done
  ask idva assessment answer "$assessment" "${answers[@]}"
  expect result.score 15
  expect result.complete false
  # Nothing is left out in silence.
  refuses 5 'questions were not asked' idva assessment complete "$assessment" --text 'Separated last week.'
  answers=()
  for item in $no_items; do answers+=("$item=no"); done
  ask idva assessment answer "$assessment" "${answers[@]}"
  expect last_seq 24
  ask idva assessment complete "$assessment" --text 'Separated last week; threats since.'
  expect state ASSESSMENT_STATE_COMPLETED
  expect result.score 15
  expect result.score_max 15
  expect result.final_grade GRADE_HIGH
  expect result.criteria[0] VISIBLE_HIGH
  expect 'result.clusters[id=STRANGULATION].action' CLUSTER_ACTION_REQUIRE_REASON
  # A high grade waits for its referral.
  refuses 5 'submit a referral' idva assessment sign "$assessment"
}

# write_referral FILE DAY ASSESSMENT [CONSENT]: the request as an agency's own system would send it.
write_referral() {
  local consent=${4-'"consent": "YES_NO_YES",'}
  cat >"$1" <<EOF
{"referral": {
  "referrer": {"person": "Amara Thistlewood", "job_title": "IDVA", "contact": "01632 960123",
    "route": "REFERRAL_ROUTE_OWN_SYSTEM", "source_category": "IDVA"},
  "victim": {"name": {"value": "Mirela Oakbarrow"}, "has_aliases": "YES_NO_NO",
    "birth_date": {"day": {"year": 1991, "month": 5, "day": 17}},
    "address": {"lines": {"value": "12 Gossamer Lane"}, "postcode": {"value": "MK99 4QX"}},
    "usual_home_differs": "YES_NO_NO", "gender": {"value": "female"}, "ethnicity": {"value": "White British"},
    "disability": "YES_NO_NO", "lgbt": "YES_NO_NOT_ASKED"},
  "perpetrators": [{"name": {"value": "Garth Oakbarrow"}, "aliases": ["Gaz Oakbarrow"],
    "birth_date": {"day": {"year": 1988, "month": 11, "day": 2}},
    "address": {"lines": {"unknown": "UNKNOWN_NOT_KNOWN"}, "postcode": {"unknown": "UNKNOWN_NOT_KNOWN"}},
    "relationship_to_victim": {"value": "separated husband or wife"}}],
  "children": [{"name": {"value": "Tilda Oakbarrow"}, "birth_date": {"day": {"year": 2017, "month": 2, "day": 3}},
    "address": {"lines": {"value": "12 Gossamer Lane"}, "postcode": {"value": "MK99 4QX"}},
    "relationship_to_victim": {"value": "child"}, "relationship_to_perpetrator": {"value": "child"},
    "school": {"value": "Larkfold Primary School"}, "lives_with": {"value": "the victim"}}],
  "has_children": "YES_NO_YES",
  "criteria": {"professional_judgement": "YES_NO_NO", "escalation": "YES_NO_NO", "repeat": "YES_NO_NOT_KNOWN",
    "referred_elsewhere": "YES_NO_NO"},
  "reason": {"narrative": "Garth came to the house at night and would not leave.",
    "latest_incident": {"day": $2}},
  "victim_voice": {"aware": "YES_NO_YES", $consent "fears": {"value": "Garth, and his brother"},
    "safe_to_talk_to": {"value": "The IDVA"}, "wants": {"value": "To stay in the house"}},
  "has_excluded_people": "YES_NO_NO",
  "assessments": [$3]},
 "safe_contact": {"phone": {"value": "07700 900456"}, "safe_to_call": "YES_NO_YES",
  "safe_times": {"value": "Weekdays 9:30 to 14:30"}, "safe_to_leave_message": "YES_NO_NO",
  "safe_to_text": "YES_NO_NO", "withhold_number": "YES_NO_YES", "safe_third_party": {"unknown": "UNKNOWN_NOT_KNOWN"},
  "perpetrator_away": {"unknown": "UNKNOWN_NOT_KNOWN"}}}
EOF
}

step_referral() {
  local file=$directory/referral.json
  # With one question untouched it is kept, and not sent; the question is named.
  write_referral "$file" '{"year": 2025, "month": 1, "day": 5}' "\"$assessment\"" ''
  ask_with "$file" idva referral save
  referral=$(value name)
  expect missing_fields.# 1
  expect missing_fields[0] referral.victim_voice.consent
  refuses 5 'agrees to this referral' idva referral submit "$referral"
  refuses 4 '' coordinator referral show "$referral"
  write_referral "$file" '{"year": 2025, "month": 1, "day": 5}' "\"$assessment\""
  sed -i "s|{\"referral\": {|{\"referral\": {\"name\": \"$referral\", \"etag\": \"$(value etag)\",|" "$file"
  ask_with "$file" idva referral save
  expect missing_fields.# 0
  expect criteria.score 15
  ask idva referral submit "$referral"
  expect state REFERRAL_STATE_SUBMITTED
  expect criteria.eligible true
  # With the coordinator and the whole IDVA service at once, and with nobody else.
  ask idva2 referral list
  expect referrals[0].name "$referral"
  ask coordinator triage queue
  expect referrals[0].name "$referral"
  refuses 4 '' housing referral show "$referral"
  # The safe contact is not in it for anybody; who needs it asks, and leaves a trace.
  ask coordinator triage show "$referral"
  [[ $answer != *'07700 900456'* ]] || wrong 'the safe contact stands in the referral'
  detail=$(value protected_details[0].detail)
  ask idva case reveal "$detail"
  expect safe_contact.phone.value '07700 900456'
  ask idva assessment sign "$assessment"
  expect state ASSESSMENT_STATE_SIGNED
}

step_triage() {
  ask coordinator triage matches "$referral"
  expect candidates.# 0
  ask coordinator triage accept "$referral"
  expect state REFERRAL_STATE_ACCEPTED
  first_case=$(value case_name)
  ask coordinator case show "$first_case"
  expect kind CASE_KIND_NEW
  expect stage CASE_STAGE_ACCEPTED
  case_number=$(value case_number)
  [[ $case_number =~ ^MK-25-[0-9A-Z]{4}-[0-9A-Z]$ ]] || wrong "the case number is '$case_number'"
  ask idva case contact "$case_number" engaging --note 'Reached at the safe time.'
  expect victim_contact.state VICTIM_CONTACT_STATE_ENGAGING
  # Triage decides once.
  refuses 6 'does not wait for triage' coordinator triage return "$referral" --reasons 'Too late'
}

step_agenda() {
  ask coordinator meeting schedule 2025-01-22 --count 3 --venue 'Lantern room'
  expect meetings.# 3
  expect meetings[1].day.month 2
  expect meetings[1].day.day 5
  # Eight working days before at noon, and five at the end of the day.
  expect meetings[0].deadlines.cut_off_time 2025-01-10T12:00:00Z
  expect meetings[0].deadlines.circulation_time 2025-01-15T17:00:00Z
  meeting=$(value meetings[0].name)
  second_meeting=$(value meetings[1].name)
  advance 2025-01-15T16:00
  ask coordinator agenda propose "$meeting"
  expect items.# 1
  expect items[0].case_number "$case_number"
  expect items[0].state AGENDA_ITEM_STATE_PROPOSED
  expect items[0].victim.name.value 'Mirela Oakbarrow'
  expect items[0].children[0].school.value 'Larkfold Primary School'
  refuses 4 '' housing case show "$first_case"
  ask coordinator agenda circulate "$meeting"
  expect meeting.state MEETING_STATE_CIRCULATED
  expect meeting.agenda_edition 1
  expect items[0].state AGENDA_ITEM_STATE_LISTED
  ask housing agenda show "$meeting"
  expect items[0].case_number "$case_number"
  ask housing case show "$case_number"
  expect stage CASE_STAGE_LISTED
}

step_meeting() {
  refuses 6 '22 January 2025' chair meeting start "$meeting"
  advance 2025-01-22T09:30
  ask chair meeting start "$meeting"
  expect state MEETING_STATE_IN_PROGRESS
  ask chair meeting attendance "$meeting" idva:idva=present housing:housing=present \
    police:police-sergeant=present hospital=apologies
  expect 'attendance[agency=agencies/housing].state' ATTENDANCE_STATE_PRESENT
  expect 'attendance[agency=agencies/hospital].state' ATTENDANCE_STATE_APOLOGIES
  item=$meeting/$case_number
  item=${item##*/meetings/}
  ask chair meeting open "$item"
  expect state AGENDA_ITEM_STATE_OPEN
  # A case is not closed before the record of it is whole.
  refuses 5 'victim_views' chair meeting close-item "$item"
  ask chair meeting discuss "$item" --presenter 'Lantern, Amara Thistlewood' \
    --latest-incident 'Last Friday at the house, with a threat to come back' \
    --victim-views 'To stay in the house, with it made safe' --victim-views-source 'IDVA' \
    --information 'police:fact:Two calls to the address since October' \
    --risk-summary 'Serious harm at the house, soon; the separation points to it' \
    --children-considered yes --victim-update-by 'Amara Thistlewood' --victim-update-method 'Telephone, safe times'
  expect discussion.victim_views 'To stay in the house, with it made safe'
  expect discussion.information[0].basis INFORMATION_BASIS_FACT
}

step_actions() {
  ask chair action add "$item" --text 'Fit new locks and a door chain' --kind SANCTUARY --agency housing \
    --accepted-by housing --due 2025-01-29
  expect state ACTION_STATE_OPEN
  locks=$(value name)
  ask housing whoami
  local account
  account=$(value account.name)
  ask housing action show "$locks"
  expect accepted_by "$account"
  ask chair action add "$item" --text 'Serve a protection notice' --kind DAPN --agency police \
    --accepted-by police-sergeant --due 2025-02-03
  expect state ACTION_STATE_OPEN
  notice=$(value name)
  # Nobody accepts for another agency.
  refuses 5 'accepted_by' chair action add "$item" --text 'Flag the files' --kind FLAG --agency hospital \
    --accepted-by housing --due 2025-02-03
  ask chair meeting close-item "$item"
  expect state AGENDA_ITEM_STATE_HEARD
  ask chair meeting close "$meeting"
  expect state MEETING_STATE_CLOSED
  ask coordinator case show "$case_number"
  expect stage CASE_STAGE_HEARD
  expect last_heard_day.day 22
  expect flag_last_day.year 2026
}

step_reports() {
  ask idva case update "$case_number" --told --text 'By telephone, at the safe time'
  expect victim_update.told true
  ask housing action report "$locks" complete --text 'Fitted and shown to the tenant' --outcome FITTED
  expect state ACTION_STATE_COMPLETE
  expect report.outcome FITTED
  refuses 6 '' housing action report "$locks" not-done --text 'Changed my mind'
  advance 2025-02-03T18:00
  ask police-sergeant action list --mine --overdue
  expect actions.# 1
  expect actions[0].name "$notice"
  ask police-sergeant action report "$notice" not-possible --text 'He was remanded in custody'
  expect state ACTION_STATE_NOT_POSSIBLE
  ask coordinator action list --all --case "$case_number"
  expect actions.# 2
  expect "actions[name=$locks].state" ACTION_STATE_COMPLETE
  expect "actions[name=$notice].state" ACTION_STATE_NOT_POSSIBLE
}

step_repeat() {
  local file=$directory/referral.json
  write_referral "$file" '{"year": 2025, "month": 2, "day": 2}' ''
  # The police write the names their way, and know nothing of a repeat.
  sed -i -e 's/Mirela Oakbarrow/OAKBARROW, Mirela/' -e 's/"Garth Oakbarrow"/"Gaz OAKBARROW"/' \
    -e 's/"aliases": \["Gaz Oakbarrow"\]/"has_aliases": "YES_NO_NOT_KNOWN"/' \
    -e 's/"IDVA", "contact"/"Police constable", "contact"/' -e 's/"source_category": "IDVA"/"source_category": "POLICE"/' \
    -e 's/"professional_judgement": "YES_NO_NO"/"professional_judgement": "YES_NO_YES", "judgement_text": "Breach of bail"/' \
    "$file"
  ask_with "$file" police referral save
  expect missing_fields.# 0
  ask police referral submit "$(value name)"
  second_referral=$(value name)
  ask coordinator triage matches "$second_referral"
  expect candidates.# 1
  expect candidates[0].candidate.name "$first_case"
  expect candidates[0].same_pair true
  expect candidates[0].repeat true
  expect candidates[0].repeat_by_referral true
  expect candidates[0].repeat_by_heard true
  expect candidates[0].roles_reversed false
  ask coordinator triage accept "$second_referral" --repeat-of "$case_number"
  ask coordinator case show "$(value case_name)"
  expect kind CASE_KIND_REPEAT
  expect repeat_of "$first_case"
  # Received after the cut-off for 5 February: it comes onto the agenda after, flagged.
  ask coordinator agenda propose "$second_meeting"
  expect items.# 0
  ask coordinator meeting list
  ask coordinator agenda propose "$(value meetings[2].name)"
  expect items.# 1
  expect items[0].kind CASE_KIND_REPEAT
}

# find_canaries PATH...: how many of them are there.
find_canaries() { "$demo" find --list "$canaries/list" "$@"; }

# What people write goes into one encrypted file and nowhere else: not when the server stops in the middle either.
step_canaries() {
  local planted in_copy found pid
  canaries=$directory/canaries
  mkdir "$canaries"
  "$maracd" issue-program --directory "$directory/area" --origin "marac.$area" --agency aviary --program canary-cli \
    >/dev/null
  planted=$(printf '%s\n%s\n' "$password" "$password" |
    "$demo" plant --directory "$directory/area" --server "127.0.0.1:$port" --area "areas/$area" \
      --list "$canaries/list" --copy "$canaries/copy") || wrong 'the canaries could not be planted'
  in_copy=$(find_canaries "$canaries/copy" 2>/dev/null)
  ((planted > 500 && in_copy == planted)) || wrong "of $planted canaries $in_copy were found in a plain copy"
  pid=$(server_pid)
  cp "/proc/$pid/environ" "$canaries/environ"
  tr '\0' '\n' <"/proc/$pid/cmdline" >"$canaries/cmdline"
  # No last words: the write-ahead log stays as it is, and a core file would lie in the folder it runs in.
  kill -ABRT "$pid"
  wait "$pid" 2>/dev/null || true
  [[ -s $directory/area/data/marac.db-wal ]] || wrong 'there is no write-ahead log to look in'
  found=$(find_canaries "$canaries/environ" "$canaries/cmdline" "$directory/area" "$directory/maracd.log" \
    "$directory/tmp") || wrong 'the search for canaries failed'
  printf 'figure: canaries_planted=%s words\nfigure: canaries_found=%s words\n' "$planted" "$found"
  ((found == 0)) || wrong "$found of $planted canaries were found where no clear text may be"
  start_server
  # On another port, where nobody is signed in yet.
  write_people
  sign_in_as idva
  sign_in_as auditor
}

step_audit() {
  # Somebody who is no auditor does not read the log; the attempt is in it.
  refuses 4 'role' idva audit list
  ask auditor audit list --account idva --limit 1
  expect events[0].method marac.v1.AuditService/ListEvents
  expect events[0].allowed false
  # Who saw the safe contact.
  ask auditor audit list --subject "$detail"
  expect events[0].method marac.v1.CaseService/RevealDetail
  expect events[0].allowed true
  expect events[0].agency agencies/idva
  ask auditor audit readers "$first_case"
  [[ $answer == *"$detail"* ]] || wrong 'who had the safe contact shown is not told'
  ask auditor audit verify
  expect intact true
  local checked head
  checked=$(value checked)
  head=$(value head_sequence)
  ((checked == head && checked > 80)) || wrong "$checked entries were checked of $head"
  # The first check keeps a checkpoint, the second compares with it.
  ask auditor audit check "$directory/kept-checkpoint"
  ask auditor audit check "$directory/kept-checkpoint"
  # And by a program that shares nothing with the server.
  ask auditor audit export "$directory/log"
  local key node
  key=$("$maracd" audit-key --config "$directory/area/maracd.textproto")
  node=$("$repo/deploy/setup" --print-node)/node
  if [[ -x $node ]]; then
    "$node" "$repo/clients/verify/marac-verify.mjs" --key "$key" --checkpoint "$directory/kept-checkpoint" \
      "$directory/log" >"$directory/verify.log" 2>&1 || wrong "marac-verify: $(cat "$directory/verify.log")"
  else
    say 'there is no Node here, which clients/verify needs, so only maracd checks the log'
  fi
  stop_server || wrong 'maracd was not running any more'
  "$maracd" verify --config "$directory/area/maracd.textproto" >"$directory/verify.log" 2>&1 ||
    wrong "maracd verify: $(cat "$directory/verify.log")"
  grep -q 'every one follows from the one before' "$directory/verify.log" || wrong 'maracd verify did not say so'
}

# --- The run -------------------------------------------------------------------------------------------------

end_check() {
  local status=$?
  trap - EXIT
  if ((status != 0)) && [[ $current_step ]]; then
    printf 'check: FAILED: %s\n' "$current_step" >&2
    tail -n 5 "$directory/maracd.log" 2>/dev/null | sed 's/^/  maracd | /' >&2
  fi
  stop_server || true
  rm -rf "$directory"
  exit "$status"
}

check() {
  local start=$SECONDS step
  directory=$(mktemp -d)
  current_step=set_up
  trap end_check EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  say 'making an area of its own'
  make_installation 127.0.0.1:0 --demonstration-start 2025-01-06 >/dev/null
  start_server
  fill --people-only
  write_people
  for step in "${check_steps[@]}"; do
    current_step=$step
    "step_$step"
    printf 'check: %s holds\n' "$step"
  done
  current_step=
  printf 'check: all %d steps hold, in %d s\n' "${#check_steps[@]}" "$((SECONDS - start))"
}
