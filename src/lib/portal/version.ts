import { hash } from 'node:crypto'
import { canonicalJson } from '../text.ts'

/** The content is its own version: a change and a change back leave what somebody looked at. */
export const versionOf = (value: unknown): string => hash('sha256', canonicalJson(value), 'hex').slice(0, 32)
