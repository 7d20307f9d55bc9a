# What docs/migrations/keys.md shows, from start to rollback. Run it inside of "ozgctl sandbox exec".
mkdir -p .tmp/keys && cd .tmp/keys
rm -f hanau.yaml
tidy() { sed '/^run-[0-9]*: /d;/@.*: ozgctl migration /d;s/ *$//'; }
run() { printf '\n> ozgctl %s\n' "$*"; ozgctl "$@" 2>&1 | tidy; }
fixtures=../../fixtures
ozgctl region import $fixtures/region/GV100AD_osnabrueck_301123.txt > import.txt
ozgctl catalog import $fixtures/catalog/leika_leistungen.csv $fixtures/catalog/ozg_leistungen.csv >> import.txt
cat > offers.csv <<'OFFERS'
region;leika_key;reifegrad;url;authority;valid_from;valid_to
064350014014;99003009012001;3;https://hanau.example.de/gesundheitszeugnis;Stadt Hanau;;
OFFERS
ozgctl offer import offers.csv >> import.txt
cat > network.yaml <<'NETWORK'
network: { account: main-kinzig, name: Main-Kinzig-Kreis, anchor: "06435" }
sharing:
  - { name: town-to-county, from: ["064350014014"], to: anchor, services: { leistungen: ["99003009012001"] } }
tenants:
  - { ars: "06435", slug: main-kinzig-kreis, name: Main-Kinzig-Kreis, modules: [OR-Connect] }
  - { ars: "064350014014", slug: hanau, name: "Hanau, Brüder-Grimm-Stadt", modules: [OR-Connect] }
NETWORK
ozgctl tenant apply -f network.yaml > apply.txt
# The next register, and a catalogue in which one key has got another Verrichtungsdetail.
sed s/99003009012001/99003009012002/ $fixtures/catalog/leika_leistungen.csv > leika.csv
ozgctl region import $fixtures/region/regionalschluessel_2026.xml >> import.txt
ozgctl catalog import leika.csv $fixtures/catalog/ozg_leistungen.csv >> import.txt
run migration new --from-region-diff --from-catalog-diff --out hanau.yaml
grep -v '^[a#]' hanau.yaml
run migration plan hanau.yaml
run migration run hanau.yaml
run migration resume
printf '\n> ozgctl tenant list\n' && ozgctl tenant list --output csv | cut -d';' -f1-4
run migration rollback run-2 --yes
printf '\n> ozgctl tenant list\n' && ozgctl tenant list --output csv | cut -d';' -f1-4
