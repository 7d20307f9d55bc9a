# What docs/migrations/documents.md shows, from start to rollback. Run it inside of "ozgctl sandbox exec".
cd .tmp/documents
cp ../../docs/migrations/documents.yaml dms-move.yaml
tidy() { sed '/^run-[0-9]*: /d;/@.*: ozgctl migration /d;s/ *$//'; }
run() { printf '\n> ozgctl %s\n' "$*"; ozgctl "$@" 2>&1 | tidy; }
ozgctl region import ../../fixtures/region/GV100AD_osnabrueck_301123.txt > import.txt
ozgctl tenant apply -f all.yaml > apply.txt
run sandbox set cmis healthy --documents 800
run migration run dms-move.yaml --dry-run --output csv
printf '\n> ozgctl migration run dms-move.yaml & # and kill -9 in the middle\n'
ozgctl migration run dms-move.yaml > run.txt 2>&1 &
until ozgctl migration status --json 2>/dev/null | grep -Eq '"pages": ([3-9]|[12][0-9]|3[0-5]),' || ! jobs %1 | grep -q Running; do sleep 0.05; done
kill -9 %1 && wait 2>/dev/null
ozgctl migration status --json | grep -Eq '"phase": "copy"' && echo 'killed while it copied'
run migration resume
run migration rollback run-2 --dry-run
run migration rollback run-2 --yes
