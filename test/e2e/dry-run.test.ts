import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ozgctl, ozgctlJson, root } from '../support/cli.ts'
import { temporaryFolder } from '../support/folder.ts'

const REGISTER = `${root}/fixtures/region/GV100AD_osnabrueck_301123.txt`
const NEWER = `${root}/fixtures/region/regionalschluessel_2026.xml`

describe('import --dry-run', () => {
  it('says so in its first and last line and does not create the store', async () => {
    const store = join(temporaryFolder(), 'ozgctl.db')
    const run = await ozgctl(['region', 'import', REGISTER, '--dry-run', '--store', store])
    const lines = run.stdout.trimEnd().split('\n')
    expect(run.code).toBe(0)
    expect(lines.at(0)).toBe('Probelauf: es wird nichts geschrieben')
    expect(lines.at(-1)).toMatch(/^Probelauf, nichts geschrieben; region-1 wäre jetzt aktiv: 2 Länder, /)
    expect(existsSync(store)).toBe(false)
  })

  it('answers with the snapshot as it would be and leaves the former one active', async () => {
    const store = join(temporaryFolder(), 'ozgctl.db')
    await ozgctl(['region', 'import', REGISTER, '--store', store])
    const dry = await ozgctlJson(['region', 'import', NEWER, '--dry-run', '--store', store])
    expect(dry.json).toMatchObject({
      schemaVersion: 1,
      dryRun: true,
      snapshot: 'region-2',
      former: 'region-1',
    })
    const { json } = await ozgctlJson(['region', 'history', '--store', store])
    expect(json.snapshots).toMatchObject([{ snapshot: 'region-1', active: true }])
    const real = await ozgctlJson(['region', 'import', NEWER, '--store', store])
    const { dryRun, ...expected } = dry.json
    expect(dryRun).toBe(true)
    expect(real.json).toEqual(expected)
  })

  it('fails as the import would, and writes the rejects', async () => {
    const folder = temporaryFolder()
    const rejects = join(folder, 'rejects.csv')
    const wrong = await ozgctl(['region', 'import', `${root}/package.json`, '--dry-run'], { cwd: folder })
    expect(wrong.code).toBe(65)
    const leika = `${root}/fixtures/catalog/leika_leistungen.csv`
    const run = await ozgctl(['catalog', 'import', leika, '--dry-run', '--rejects', rejects], { cwd: folder })
    expect(run.code).toBe(0)
    expect(readFileSync(rejects, 'utf8')).toContain(
      'leika_leistungen.csv;411;1;rejected;leika-key-invalid;leika_key;25323525\n',
    )
  })
})
