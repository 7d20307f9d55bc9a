import { usageError } from '../../errors.ts'
import { closest } from '../../text.ts'
import { STAND_INS } from './index.ts'
import { MODES, MOST_DOCUMENTS, type Mode, type OpenStandIn, type StandInControl } from './stand-in.ts'

/** Later than a health check waits where nothing is said. */
const SLOW_MS = 15_000

/** A stand-in that listens, and how it behaves. */
export interface RunningStandIn extends OpenStandIn {
  readonly kind: string
  readonly mode: Mode
  /** What is wrong in the mode `wrong`. */
  readonly wrong: string
}

/** A stand-in of every kind of connector, each at a port of its own. */
export class StandIns {
  readonly #open: ReadonlyMap<string, Omit<RunningStandIn, 'mode'>>
  readonly #modes: Map<string, Mode>

  private constructor(open: ReadonlyMap<string, Omit<RunningStandIn, 'mode'>>, modes: Map<string, Mode>) {
    this.#open = open
    this.#modes = modes
  }

  static async start(control: Omit<StandInControl, 'mode' | 'slowMs'>): Promise<StandIns> {
    const modes = new Map<string, Mode>()
    const open = new Map<string, Omit<RunningStandIn, 'mode'>>()
    for (const [kind, load] of Object.entries(STAND_INS)) {
      const definition = await load()
      const mode = (): Mode => modes.get(kind) ?? 'healthy'
      const standIn = await definition.open({ ...control, slowMs: SLOW_MS, mode })
      open.set(kind, { ...standIn, kind, wrong: definition.wrong })
    }
    return new StandIns(open, modes)
  }

  get all(): readonly RunningStandIn[] {
    return [...this.#open].map(([kind, standIn]) => ({
      ...standIn,
      mode: this.#modes.get(kind) ?? 'healthy',
    }))
  }

  /** @throws OzgctlError 64 KIND_UNKNOWN, MODE_UNKNOWN */
  set(kind: string, mode: string): void {
    if (!this.#open.has(kind)) throw unknownKind(kind, [...this.#open.keys()])
    const known = MODES.find((one) => one === mode)
    if (known === undefined) throw usageError('MODE_UNKNOWN', `"${mode}" is not one of: ${MODES.join(', ')}`)
    this.#modes.set(kind, known)
  }

  /**
   * @param count as it was sent
   * @throws OzgctlError 64 KIND_UNKNOWN, also for a stand-in that keeps no documents, DOCUMENTS_INVALID
   */
  fill(kind: string, count: string): void {
    const fill = this.#open.get(kind)?.fill
    const keeping = [...this.#open].flatMap(([name, standIn]) => (standIn.fill === undefined ? [] : [name]))
    if (fill === undefined) throw unknownKind(kind, keeping)
    if (!/^\d{1,6}$/.test(count) || Number(count) > MOST_DOCUMENTS)
      throw usageError('DOCUMENTS_INVALID', `"${count}" is no number of documents to ${MOST_DOCUMENTS}`)
    fill(Number(count))
  }

  reset(): void {
    this.#modes.clear()
    for (const standIn of this.#open.values()) standIn.reset?.()
  }

  async close(): Promise<void> {
    for (const standIn of this.#open.values()) await standIn.close()
  }
}

function unknownKind(kind: string, kinds: readonly string[]) {
  return usageError('KIND_UNKNOWN', `there is no stand-in of the kind "${kind}"`, [
    ...closest(kind, kinds).map((one) => `Did you mean ${one}?`),
    `There are: ${kinds.join(', ')}.`,
  ])
}

/** Files that make stand-ins usable: a manifest of two tenants with all of them, and authorities to trust. */
export interface StandInFiles {
  readonly manifest: string
  /** Contents by the name of the file, in the folder of the manifest. */
  readonly authorities: ReadonlyMap<string, string>
}

/** @param prefix of the names of the other files */
export async function standInFiles(standIns: StandIns, prefix: string): Promise<StandInFiles> {
  const { stringify } = await import('yaml')
  const names = standIns.all.map(({ kind }) => kind)
  const authorities = new Map(
    standIns.all.flatMap(({ kind, ca }) => (ca === undefined ? [] : [[fileOf(prefix, kind), ca] as const])),
  )
  const manifest = stringify({
    network: { account: 'sandbox', name: 'Sandbox', anchor: '03459' },
    connectors: standIns.all.map(({ kind, url, settings, wantsCredentials, ca }) => ({
      name: kind,
      kind,
      url,
      ...(wantsCredentials ? { credentials: 'sandbox' } : {}),
      ...(ca === undefined ? {} : { tls: { ca: fileOf(prefix, kind) } }),
      ...settings,
    })),
    defaults: { connectors: names },
    tenants: [
      { ars: '034590014014', slug: 'bramsche', name: 'Stadt Bramsche' },
      { ars: '034590024024', slug: 'melle', name: 'Stadt Melle' },
    ],
  })
  return { manifest, authorities }
}

const fileOf = (prefix: string, kind: string): string => `${prefix}.${kind}.pem`
