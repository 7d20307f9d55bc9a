import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { withConfigLock } from '../../src/lib/config/lock.ts'
import { failure } from '../support/failure.ts'
import { temporaryFolder } from '../support/folder.ts'

test('while one process holds it, another waits and is told who; with its end it is free, however it ends', async () => {
  const file = join(temporaryFolder(), 'config.yaml')
  const module = new URL('../../src/lib/config/lock.ts', import.meta.url)
  const script = `import { withConfigLock } from ${JSON.stringify(module)}
    await withConfigLock(${JSON.stringify(file)}, () => { process.stdout.write('held'); for (;;); })`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void holder.kill('SIGKILL'))
  await once(holder.stdout, 'data')
  expect(await failure(() => withConfigLock(file, () => 'mine', 200))).toMatchObject({
    code: 'CONFIG_LOCKED',
    exit: 5,
    message: `another ozgctl has held ${join(file, '..', '.lock')} for 0.2 s`,
  })
  holder.kill('SIGKILL')
  await once(holder, 'close')
  expect(await withConfigLock(file, () => 'mine')).toBe('mine')
})
