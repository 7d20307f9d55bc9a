import type { WriteStream } from 'node:tty'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { coloursFor } from '../src/colour.ts'
import { renderTable } from '../src/lib/view/table.ts'

const terminal = { isTTY: true } as WriteStream
const pipe = { isTTY: false } as WriteStream

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('colours', () => {
  it('are for terminals that take them', async () => {
    vi.stubEnv('NO_COLOR', undefined)
    vi.stubEnv('TERM', 'xterm')
    expect((await coloursFor(terminal))?.bold('Name')).toBe('\x1b[1mName\x1b[22m')
    expect(await coloursFor(pipe)).toBeUndefined()
    vi.stubEnv('TERM', 'dumb')
    expect(await coloursFor(terminal)).toBeUndefined()
  })

  it('are off with NO_COLOR, but not when it is empty (no-color.org)', async () => {
    vi.stubEnv('TERM', 'xterm')
    vi.stubEnv('NO_COLOR', '1')
    expect(await coloursFor(terminal)).toBeUndefined()
    vi.stubEnv('NO_COLOR', '')
    expect(await coloursFor(terminal)).toBeDefined()
  })

  it('mark the titles of a table and nothing else', () => {
    const columns = [{ key: 'name', title: { de: 'Name', en: 'name' }, value: (row: string) => row }]
    const plain = renderTable(columns, ['Bramsche'], 'de', 80)
    const marked = renderTable(columns, ['Bramsche'], 'de', 80, (text) => `<${text}>`)
    expect(plain).toBe('Name\n────────\nBramsche\n')
    expect(marked).toBe('<Name>\n────────\nBramsche\n')
  })
})
