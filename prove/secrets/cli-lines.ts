import { MARKS, markedEmail } from './marks.ts';

const ADA = markedEmail('operator');

/** Valid and invalid arguments of `relay`. `%` is the folder of the operator's files. */
export const LINES: readonly string[] = `
${ADA}
help ${ADA}
why ${ADA}
why --json ${ADA}
why ${markedEmail('stranger')}
why ${MARKS.address}
why ${ADA} ${ADA}
status
status --json
status ${ADA}
status --${ADA}
status --json=${ADA}
held
held --json
held --source ${ADA}
held ${ADA}
redrive --dry-run
redrive ${ADA}
redrive --json
export
export --output %/ledger.jsonl
export --output %/ledger.csv --format csv
export --format ${ADA}
export --hubspot-opt-out-list
export --hubspot-opt-out-list --output %/list.csv %/valid.csv
export --hubspot-opt-out-list --brand ${ADA}
export --hubspot-opt-out-list %/broken.csv
verify %/ledger.jsonl
verify --address --json %/ledger.jsonl
verify %/broken.jsonl
verify --key %/broken.jsonl %/ledger.jsonl
verify --${ADA} -
verify -
keys
keys --output %/keys.json
keys ${ADA}
link
link ${ADA}
link --json ${ADA}
link ${MARKS.address}
link --lang ${ADA} ${ADA}
link --brand ${ADA} ${ADA}
link --expires-in-days ${ADA} ${ADA}
link --csv %/valid.csv
link --csv %/valid.csv --output %/links.csv
link --csv %/valid.csv --delimiter ${ADA}
link --csv %/broken.csv
backfill %/valid.csv --as-of 2026-01-02
backfill %/valid.csv --as-of 2026-01-02 --json
backfill %/valid.csv --as-of 2026-01-02 --brand ${ADA}
backfill %/valid.csv --as-of ${ADA}
backfill %/valid.csv --per-second ${ADA}
backfill %/broken.csv --time-column at
backfill %/status.csv --as-of 2026-01-02 --json
backfill %/status.csv --as-of 2026-01-02 --kind-column type
backfill %/broken.jsonl --as-of 2026-01-02
backfill %/valid.csv --as-of 2026-01-02 --column ${ADA}
backfill %/valid.csv --as-of 2026-01-02 --only ${ADA}=${ADA}
backfill %/valid.csv --as-of 2026-01-02 --only ${ADA}
backfill %/valid.csv --as-of 2026-01-02 --kind ${ADA}
backfill %/valid.csv --as-of 2026-01-02 --time-zone ${ADA}
backfill %/valid.csv --as-of 2026-01-02 --already-imported --per-second 100 --missing %/missing.csv
backfill %/valid.csv --as-of 2026-01-02 --already-imported --send
backfill %/broken.csv --time-column at --already-imported
discard ${ADA}
discard --source form --after ${ADA}
discard --source generic --json
release ${ADA}
release --source form
release --source form --after ${ADA}
release --json --source form --yes
doctor
doctor --json
doctor ${ADA}
erase ${ADA}
erase --json ${ADA}
erase ${MARKS.address}
why ${ADA}
proof ${ADA}
proof ${MARKS.address}
proof --output %/proof.json ${ADA}
verify %/proof.json
resolve ${ADA} --note done
resolve --note ${ADA} abcdef
`
  .trim()
  .split('\n');
