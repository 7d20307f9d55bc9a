import type { StepKind } from './step.ts'

/** Every kind of step by its id. One line each; the file is loaded when a migration has such a step. */
const KINDS = {
  health: async () => (await import('./health.ts')).health,
  'connector.set': async () => (await import('./connector-set.ts')).connectorSet,
  'connector.replace': async () => (await import('./connector-replace.ts')).connectorReplace,
  'tenant.set': async () => (await import('./tenant-set.ts')).tenantSet,
  'tenant.rekey': async () => (await import('./tenant-rekey.ts')).tenantRekey,
  'leistung.remap': async () => (await import('./leistung-remap.ts')).leistungRemap,
  'network.share': async () => (await import('./network-share.ts')).networkShare,
  'records.transfer': async () => (await import('./records-transfer.ts')).recordsTransfer,
  http: async () => (await import('./http.ts')).http,
  approve: async () => (await import('./approve.ts')).approve,
  wait: async () => (await import('./wait.ts')).wait,
} as const satisfies Readonly<Record<string, () => Promise<StepKind>>>

export type StepKindId = keyof typeof KINDS
export const STEP_KIND_IDS = Object.keys(KINDS) as readonly StepKindId[]

export const isStepKindId = (text: string): text is StepKindId => Object.hasOwn(KINDS, text)

export const loadStepKind = (id: StepKindId): Promise<StepKind> => KINDS[id]()
