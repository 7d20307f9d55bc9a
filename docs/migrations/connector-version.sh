# What docs/migrations/connector-version.md shows, from start to rollback. Run it inside of "ozgctl sandbox exec".
cd .tmp/connector-version
cp ../../docs/migrations/connector-version.yaml forms-11.yaml
run() { printf '\n> ozgctl %s\n' "$*"; ozgctl "$@" 2>&1 | sed '/^run-[0-9]*: /d;/@.*: ozgctl migration /d;s/127.0.0.1:[0-9]*/SERVER/g;s/healthy: http: .*/healthy: http: …/;s/ *$//'; }
ozgctl region import ../../fixtures/region/GV100AD_osnabrueck_301123.txt > import.txt
ozgctl tenant apply -f all.yaml > apply.txt
run migration lint forms-11.yaml
run migration plan forms-11.yaml --output csv
ozgctl sandbox set health-json down > set.txt
run migration run forms-11.yaml
ozgctl sandbox set health-json healthy > set.txt
run migration resume
run migration rollback run-2 --yes
run migration plan forms-11.yaml --output csv
