#!/usr/bin/env bash
# A real Slurm runs the script that `robust evaluate --plan slurm` prints, as it is: an array of 8, one task of which is killed and requeued in its
# midst. The merge must have the bytes of a run in one piece.
#   tests/slurm/requeue.sh PROGRAM FOLDER      where sbatch, squeue and scontrol reach a Slurm; FOLDER is made and must not be there
set -euo pipefail
robust=$(readlink -f "$1")
mkdir "$2" && cd "$2"
# Long enough to be met at work, on two cores: some seconds for each task.
evaluation=(evaluate --method noise,pgd,selective-pgd,apgd --steps 40 --epsilon 0.1,0.2 --limit 96 --detectors msp,combined --threads 1 --quiet)

"$robust" "${evaluation[@]}" --plan slurm --shards 8 --out parts >job.sh
cat job.sh
job=$(sbatch --parsable job.sh)
victim=
for _ in $(seq 600); do
    # A task with a finished set, that has not finished all.
    for task in $(seq 8); do
        if [ -z "$victim" ] && compgen -G "parts/shard-$task/*/attack.json" >/dev/null && [ ! -e "parts/shard-$task/shard.json" ]; then
            victim=$task
            made=$(ls parts/shard-"$task"/*/attack.json | wc -l)
            scontrol requeue "${job}_$task"
            echo "task $task is requeued with $made of 8 sets made"
        fi
    done
    [ -n "$(squeue --noheader --jobs="$job" 2>/dev/null)" ] || break
    # A requeued task waits before it may begin again.
    [ -z "$victim" ] || scontrol update JobId="${job}_$victim" StartTime=now 2>/dev/null || true
    sleep 0.5
done
[ -n "$victim" ] || { echo "no task was met in its midst" >&2; exit 1; }
cat slurm-"${job}"_"$victim".out

merge=$(sed -n 's/^# When all are done: //p' job.sh)
echo "$merge"
eval "$merge" >/dev/null
"$robust" "${evaluation[@]}" --out whole >/dev/null
# The parts lie in the same folder as their merge.
diff --recursive --brief --exclude='shard-*' --exclude=attack.json whole parts
for set in whole/*/attack.json; do
    diff <(grep -v '"seconds"\|"images_per_second"' "$set") <(grep -v '"seconds"\|"images_per_second"' "parts/${set#whole/}")
done
echo "the same bytes"
