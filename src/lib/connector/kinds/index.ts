import type { Kind } from '../kind.ts'

/** Every kind by its id. One line each; the file is loaded when a connector needs it. */
const KINDS = {
  http: async () => (await import('./http.ts')).http,
} as const satisfies Readonly<Record<string, () => Promise<Kind>>>

export type KindId = keyof typeof KINDS
export const KIND_IDS = Object.keys(KINDS) as readonly KindId[]

export const isKindId = (text: string): text is KindId => Object.hasOwn(KINDS, text)

/** What a kind is and does. */
export async function loadKind(id: KindId): Promise<Kind> {
  return KINDS[id]()
}
