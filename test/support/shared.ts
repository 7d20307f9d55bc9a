import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './cli.ts'

const folder = join(root, '..', 'shared', 'data')

/** Whether the real register and catalogue lie beside the checkout; tests on them say so when they are skipped. */
export const hasRealData = existsSync(folder)

export const REAL = {
  gv100ad: join(folder, 'region', 'GV100AD_301123.txt'),
  regionalschluessel: join(folder, 'region', 'Regionalschluessel_2026-04-30.xml'),
  ozg: join(folder, 'ozg', 'ozg_leistungen.csv'),
  leika: join(folder, 'ozg', 'leika_leistungen.csv'),
} as const
