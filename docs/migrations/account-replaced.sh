# What docs/migrations/account-replaced.md shows, from start to rollback. Run it inside of "ozgctl sandbox exec".
cd .tmp/account-replaced
cp ../../docs/migrations/account-replaced.yaml bundid.yaml
sed '/^    - oidc$/d' all.yaml > network.yaml
run() { printf '\n> ozgctl %s\n' "$*"; ozgctl "$@" 2>&1 | sed '/^run-[0-9]*: /d;/@.*: ozgctl migration /d;s/ *$//'; }
ozgctl region import ../../fixtures/region/GV100AD_osnabrueck_301123.txt > import.txt
ozgctl tenant apply -f network.yaml > apply.txt
run migration plan bundid.yaml --in 034590014 --output csv
run migration run bundid.yaml
run migration resume --approve tested
run migration rollback run-2 --tenant 034590024024 --yes
run migration status run-2
run migration rollback run-2 --yes
