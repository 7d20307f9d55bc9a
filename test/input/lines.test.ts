import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linesOf } from '../../src/lib/input/lines.ts'
import { failure } from '../support/failure.ts'
import { inPieces } from '../support/source.ts'

async function lines(text: AsyncIterable<string>): Promise<{ line: string; number: number }[]> {
  const found: { line: string; number: number }[] = []
  for await (const line of linesOf(text, 'a.txt')) found.push(line)
  return found
}

test('lines come without their ends and count from 1, with LF, CRLF and no end of the last', async () => {
  expect(await lines(inPieces('last\r'))).toEqual([{ line: 'last', number: 1 }])
  expect(await lines(inPieces('a\r\n\nb\nc'))).toEqual([
    { line: 'a', number: 1 },
    { line: '', number: 2 },
    { line: 'b', number: 3 },
    { line: 'c', number: 4 },
  ])
})

test('any lines come out as they were, however the text arrives', async () => {
  const line = fc.string().map((text) => text.replace(/[\r\n]/g, ''))
  await fc.assert(
    fc.asyncProperty(
      fc.array(line),
      fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 1, max: 20 }),
      async (written, end, size) => {
        const text = written.map((one) => one + end).join('')
        expect((await lines(inPieces(text, size))).map((found) => found.line)).toEqual(written)
      },
    ),
  )
})

test('a line without end is stopped before it fills the memory', async () => {
  let parts = 0
  async function* endless() {
    yield 'short\n'
    for (; ; parts++) yield 'x'.repeat(1 << 16)
  }
  expect(await failure(() => lines(endless()))).toMatchObject({
    code: 'LINE_TOO_LONG',
    exit: 65,
    message: 'a.txt:2: the line is longer than 1048576 characters',
  })
  expect(parts).toBe(16)
})
