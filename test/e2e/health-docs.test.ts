import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { root } from '../support/cli.ts'
import { temporaryFile } from '../support/folder.ts'
import { program } from '../support/programs.ts'

const promtool = program('promtool')

test.skipIf(promtool.missing)(
  `the alerts of the documentation are taken by Prometheus${promtool.note}`,
  () => {
    const page = readFileSync(`${root}/docs/health.md`, 'utf8')
    const rules = /```yaml\n(groups:\n[\s\S]*?)```/.exec(page)?.[1] ?? ''
    const file = temporaryFile('rules.yml', rules)
    expect(execFileSync(promtool.path, ['check', 'rules', file], { encoding: 'utf8' })).toContain(
      'SUCCESS: 3 rules found',
    )
  },
)
