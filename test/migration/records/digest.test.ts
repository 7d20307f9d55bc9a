import { expect, test } from 'vitest'
import { SetDigest } from '../../../src/lib/migration/records/digest.ts'

const digestOf = (...members: readonly string[]): string => {
  const digest = new SetDigest()
  for (const member of members) digest.add(Buffer.from(member, 'hex'))
  expect(digest.count).toBe(members.length)
  return digest.toString()
}
const HIGH = '8899aabbccddeefff0e0d0c0b0a09080'
const LOW = '00112233445566770102030405060708'

test('the digest of one is the one, bit by bit', () => {
  expect(digestOf()).toBe('0'.repeat(32))
  for (const member of [HIGH, LOW]) expect(digestOf(member)).toBe(member)
})

test('the digest of several is their sum, in whatever order', () => {
  expect(digestOf(LOW, HIGH)).toBe('88aaccee11335576f1e2d3c4b5a69788')
  expect(digestOf(HIGH, LOW)).toBe(digestOf(LOW, HIGH))
  expect(digestOf(LOW, LOW)).not.toBe(digestOf(LOW))
  // Without a carry from one lane into the next.
  expect(digestOf('f'.repeat(32), 'f'.repeat(32))).toBe('fffffffe'.repeat(4))
})
