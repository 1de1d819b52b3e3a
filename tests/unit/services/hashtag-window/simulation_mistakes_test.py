#!/usr/bin/env python3
"""Shows that the simulation notices mistakes in the windows' protocol: with each planted one it
must fail, and without it must pass.

  simulation_mistakes_test.py SIMULATION_TEST
"""
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

# Each with how many seeds it takes; the rare ones need a silence, a kill and a deletion to meet.
# The rarest show in one of hundreds or thousands, so it is begun there: (first, how many).
MISTAKES = {
    "idle_mark_without_offset": 200,
    "idle_marks_not_in_metadata": 1500,
    "deletion_index_not_restored": 200,
    "watermark_lost_with_owner": 200,
    "deletion_in_whatever_is_open": 200,
    "watermark_to_touched_partitions": 200,
    "watermark_before_its_data": 400,
    "watermark_by_instance": 200,
    "close_at_max": 200,
    "restore_offset_too_late": 200,
    "closed_not_restored": 200,
    "frontiers_not_restored": 400,
    "trend_history_not_restored": 400,
    "rank_at_one_report_less": 200,
    "previous_ranks_not_restored": 200,
    "ties_by_arrival": 200,
    "upstream_not_asked": 200,
    "read_uncommitted": 200,
    "emit_outside_transaction": 200,
    "offsets_outside_transaction": 200,
    "no_rewind": 200,
    "silent_rejoin_not_noticed": 400,
    "group_metadata_at_commit": 200,
    "offsets_fetched_while_unstable": 400,
    "late_by_batch": 200,
    "late_decided_at_merge": 200,
    "merge_closes_by_own_clock": 200,
    "idle_excluded_from_min": 200,
    "restore_from_beginning": 200,
    "sums_in_floating_point": 200,
    "early_taken_for_final": 200,
    "snapshot_before_close": 200,
    "snapshot_before_deletions": 200,
    "snapshot_counted_twice": 200,
    "snapshot_resume_too_late": 200,
    "snapshot_damage_not_noticed": 200,
    "snapshot_of_another_life": 200,
    "snapshot_torn": 200,
    "rescale_copies_a_tail": 200,
    "rescale_source_from_nowhere": 200,
    "admission_not_restored": 200,
    "admission_without_deleted": 200,
    "restore_from_what_is_left": 400,
    "deletion_frees_a_place": 200,
    "refused_keys_deleted": 200,
    "refusal_to_one_partition": 400,
    "snapshot_without_refusals": 400,
    "rescale_forgets_refusals": 400,
    "span_not_restored": 200,
    "unplaced_spelling_not_deleted": 200,
    "snapshot_without_charges": 200,
    "snapshot_charged_as_folded": 400,
    "snapshot_of_part_of_a_span": 400,
    "snapshot_resume_too_early": 200,
    "snapshot_place_taken_too_early": 200,
    "snapshot_of_a_first_part": (24, 4),
    "idle_by_stale_end": (4508, 4),
    "jump_over_folded": (684, 4),
    "rescale_not_drained": (652, 4),
}


# The test case that finds a mistake, by its tag; all others are found by "faults".
CASES = {"upstream_not_asked": "upstream", "jump_over_folded": "rescale",
         **{m: m[:7] for m in MISTAKES if m.startswith("rescale_")},
         **{m: "snapshots" for m in MISTAKES if m.startswith("snapshot_")}}


def passes(command, mistake, seeds, case):
    """Whether the simulation finds nothing. A process that ends by a check of its own has."""
    first, count = seeds if isinstance(seeds, tuple) else (0, seeds)
    environment = dict(os.environ, ROOKERY_TEST_MISTAKE=mistake,
                       ROOKERY_TEST_SIMULATION_FIRST_SEED=str(first),
                       ROOKERY_TEST_SIMULATION_SEEDS=str(count))
    return subprocess.run([command, "--abort", f"[{case}]"], env=environment, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, timeout=500, check=False).returncode == 0


def main():
    command = sys.argv[1]
    flawless = [(50, case) for case in ("faults", "upstream", "snapshots", "rescale")]
    flawless.append((MISTAKES["idle_by_stale_end"], "faults"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        passed = list(pool.map(lambda run: passes(command, "none", *run), flawless))
        if not all(passed):
            sys.exit("the simulation fails without any mistake")
        missed = pool.map(lambda m: passes(command, m, MISTAKES[m], CASES.get(m, "faults")), MISTAKES)
        unnoticed = [m for m, found_nothing in zip(MISTAKES, missed) if found_nothing]
    print(f"{len(MISTAKES) - len(unnoticed)} of {len(MISTAKES)} mistakes are noticed")
    sys.exit(f"not noticed: {', '.join(unnoticed)}" if unnoticed else 0)


if __name__ == "__main__":
    main()
