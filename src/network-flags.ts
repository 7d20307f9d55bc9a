import { Args } from '@oclif/core'
import { dayOf, questionFlags } from './coverage-flags.ts'
import { regionFlag } from './flags.ts'
import type { NetworkChoice } from './lib/network/load.ts'
import type { RegionKey } from './lib/region/key.ts'

/** What questions about networks take. */
export const networkArgs = {
  account: Args.string({ description: 'account of one network [default: all]' }),
}

export const networkFlags = {
  in: regionFlag({ description: 'only networks with a tenant in this region' }),
  'as-of': questionFlags['as-of'],
}

interface ParsedChoice {
  readonly in?: RegionKey | undefined
  readonly 'as-of'?: string | undefined
}

/** @throws OzgctlError 64 for a day that does not exist */
export const networkChoice = (
  account: string | undefined,
  flags: ParsedChoice,
  now: Date,
): NetworkChoice => ({
  account,
  prefix: flags.in ?? '',
  asOf: dayOf(flags['as-of'], now),
})
