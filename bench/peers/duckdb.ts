import { DuckDBInstance } from '@duckdb/node-api'

/**
 * The peer of the coverage report: the same question put to DuckDB's own file. It is given every advantage that a
 * database may have: integer keys, one row an offer, and who inherits from whom worked out beforehand.
 */
export async function loadDuckdb(
  file: string,
  csv: string,
  candidates: readonly (readonly [gemeinde: string, key: string, rank: number])[],
  bundles: readonly (readonly [ozg: string, key: string])[],
): Promise<void> {
  const instance = await DuckDBInstance.create(file)
  const db = await instance.connect()
  await db.run('CREATE TABLE candidate (gemeinde VARCHAR, key VARCHAR, rank UTINYINT)')
  const appender = await db.createAppender('candidate')
  for (const [gemeinde, key, rank] of candidates) {
    appender.appendVarchar(gemeinde)
    appender.appendVarchar(key)
    appender.appendUTinyInt(rank)
    appender.endRow()
  }
  appender.closeSync()
  await db.run('CREATE TABLE bundle (ozg VARCHAR, leika VARCHAR)')
  const bundle = await db.createAppender('bundle')
  for (const [ozg, key] of bundles) {
    bundle.appendVarchar(ozg)
    bundle.appendVarchar(key)
    bundle.endRow()
  }
  bundle.closeSync()
  // Keys as the register has them: trailing zeros stand for the level above.
  await db.run(`
    CREATE TABLE region AS SELECT key, row_number() OVER (ORDER BY key)::INTEGER AS id FROM (SELECT DISTINCT key FROM candidate);
    CREATE TABLE ozg AS SELECT ozg, row_number() OVER (ORDER BY ozg)::INTEGER AS id FROM (SELECT DISTINCT ozg FROM bundle);
    CREATE TABLE leika AS SELECT leika, row_number() OVER (ORDER BY leika)::INTEGER AS id FROM (SELECT DISTINCT leika FROM bundle);
    CREATE TABLE inherits AS SELECT gemeinde, region.id AS region, rank FROM candidate JOIN region USING (key);
    CREATE TABLE belongs AS SELECT leika.id AS leika, ozg.id AS ozg FROM bundle JOIN leika USING (leika) JOIN ozg USING (ozg);
    CREATE TABLE offer AS
      SELECT region.id AS region, leika.id AS leika, reifegrad::UTINYINT AS reifegrad
      FROM read_csv('${csv}', delim = ';', header = true, all_varchar = true) AS row
      JOIN region ON region.key = CASE
        WHEN row.region = '000000000000' THEN ''
        WHEN row.region LIKE '%0000000' AND length(row.region) = 12 THEN row.region[1:5]
        ELSE row.region END
      JOIN leika ON leika.leika = row.leika_key;
    DROP TABLE candidate;
    DROP TABLE bundle;
    CHECKPOINT;
  `)
  db.closeSync()
  instance.closeSync()
}

/** Online, konform and sources of every Gemeinde. Ranks: 0 own, 1 Verband, 2 Kreis, 4 Land, 5 Bund. */
const QUERY = `
  WITH own AS (
    SELECT region, ozg, max(reifegrad) AS best FROM offer JOIN belongs USING (leika)
    WHERE reifegrad >= 2 GROUP BY region, ozg
  ), reached AS (
    SELECT gemeinde, ozg, max(best) AS best, min(rank) AS rank FROM inherits JOIN own USING (region)
    GROUP BY gemeinde, ozg
  )
  SELECT gemeinde AS ars, count(*) AS online, count(*) FILTER (best >= 3) AS konform,
    count(*) FILTER (rank = 0) AS own, count(*) FILTER (rank = 1) AS verband, count(*) FILTER (rank = 2) AS kreis,
    count(*) FILTER (rank = 4) AS land, count(*) FILTER (rank = 5) AS bund
  FROM reached GROUP BY gemeinde ORDER BY gemeinde`

/** Opens the file, asks, and writes the answer as CSV. */
async function reportDuckdb(file: string, out: string): Promise<void> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' })
  const db = await instance.connect()
  await db.run(`COPY (${QUERY}) TO '${out}' (HEADER, DELIMITER ';')`)
  db.closeSync()
  instance.closeSync()
}

/** Seconds of the query alone, the answer fetched, without start-up. */
export async function timeQuery(file: string, turns: number): Promise<readonly number[]> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' })
  const db = await instance.connect()
  const seconds: number[] = []
  for (let turn = 0; turn <= turns; turn++) {
    const started = process.hrtime.bigint()
    await (await db.run(QUERY)).getRows()
    if (turn > 0) seconds.push(Number(process.hrtime.bigint() - started) / 1e9)
  }
  db.closeSync()
  instance.closeSync()
  return seconds
}

if (process.argv[1] === import.meta.filename) {
  const [, , file = '', out = ''] = process.argv
  await reportDuckdb(file, out)
}
