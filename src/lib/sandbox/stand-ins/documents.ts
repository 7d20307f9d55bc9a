import { createHash } from 'node:crypto'

/** What a document can have in a property. */
export type Value = null | boolean | number | string | readonly (boolean | number | string)[]

/** A document that a stand-in keeps. */
export interface KeptDocument {
  readonly id: string
  /** Or category, or object: whatever documents are in. */
  readonly folder: string
  readonly name: string
  /** Media type. */
  readonly type: string
  /** undefined for a document without a file. */
  readonly bytes: Uint8Array | undefined
  /** Without those that the system gives itself. */
  readonly fields: Readonly<Record<string, Value>>
  /** As text of ISO 8601. */
  readonly created: string
}

/** The documents of a stand-in, in memory, in the order in which they came. */
export class Documents {
  readonly #folders: ReadonlySet<string>
  readonly #fields: (document: MadeDocument) => KeptDocument['fields']
  readonly #now: () => Date
  readonly #kept = new Map<string, KeptDocument>()
  #last = 1000

  /** @param fields of a made-up document, by the names that this system has for them */
  constructor(
    folders: readonly string[],
    now: () => Date,
    fields: (document: MadeDocument) => KeptDocument['fields'],
  ) {
    this.#folders = new Set(folders)
    this.#now = now
    this.#fields = fields
  }

  hasFolder(folder: string): boolean {
    return this.#folders.has(folder)
  }

  in(folder: string): readonly KeptDocument[] {
    return [...this.#kept.values()].filter((document) => document.folder === folder)
  }

  get(id: string): KeptDocument | undefined {
    return this.#kept.get(id)
  }

  add(document: Omit<KeptDocument, 'id' | 'created'>, created = this.#now()): KeptDocument {
    const kept = { ...document, id: `doc-${++this.#last}`, created: created.toISOString() }
    this.#kept.set(kept.id, kept)
    return kept
  }

  /** @returns whether it was there */
  remove(id: string): boolean {
    return this.#kept.delete(id)
  }

  /** Keeps so many made-up documents in the first folder, and nothing else. */
  fill(count: number): void {
    this.#kept.clear()
    this.#last = 1000
    const [folder = ''] = this.#folders
    for (let number = 1; number <= count; number++) {
      const made = madeDocument(number)
      const { name, type, bytes } = made
      this.add({ folder, name, type, bytes, fields: this.#fields(made) }, new Date(Date.UTC(2026, 0, number)))
    }
  }
}

/** A document of a Bauamt that never was. */
export interface MadeDocument {
  /** File number, e.g. `63-2026-0007`. */
  readonly reference: string
  readonly name: string
  readonly type: string
  readonly subject: string
  readonly keywords: readonly string[]
  readonly bytes: Uint8Array
}

const SUBJECTS = ['Bauantrag', 'Baugenehmigung', 'Lageplan', 'Statik', 'Stellungnahme Brandschutz']
const PEOPLE = ['Müller', 'Groß & Söhne', 'Köster "Süd"', "O'Neill", 'Łukasz Żak']

/** The same document for the same number, from 1. The first of 25 is empty, the second the longest with 200 kB. */
export function madeDocument(number: number): MadeDocument {
  const subject = SUBJECTS[number % SUBJECTS.length] ?? ''
  const person = PEOPLE[(number * 7) % PEOPLE.length] ?? ''
  const reference = `63-2026-${String(number).padStart(4, '0')}`
  const length = number % 25 === 1 ? 0 : number % 25 === 2 ? 200_000 : 100 + ((number * 7919) % 9000)
  return {
    reference,
    name: `${reference} ${subject} ${person}.pdf`,
    type: 'application/pdf',
    subject: `${subject} ${person}`,
    keywords: number % 3 === 0 ? ['Bauen', 'Wohngebäude'] : ['Bauen'],
    bytes: createHash('shake256', { outputLength: Math.max(1, length) })
      .update(reference)
      .digest()
      .subarray(0, length),
  }
}

/** A form that was sent: its fields, and its files by their names. @throws TypeError when it is none */
export async function readForm(type: string | undefined, bytes: Uint8Array): Promise<FormData> {
  const headers = { 'content-type': type ?? '' }
  return new Response(new Uint8Array(bytes), { headers }).formData()
}

/** What a text holds as JSON; undefined for one that is none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** A field of an object; undefined for anything else. */
export const fieldIn = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined

/** The largest document that they take, in bytes, with the form around it. */
export const MAX_DOCUMENT = 64 << 20
