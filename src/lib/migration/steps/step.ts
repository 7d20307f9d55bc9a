import type { Definition as Connector } from '../../connector/definition.ts'
import type { SettingsShape, SettingsValues } from '../../connector/settings.ts'
import type { Attempt, Desk } from '../../journal/executor.ts'
import type { Kept, PortalDriver } from '../../portal/driver.ts'
import type { Tenant } from '../../portal/model.ts'
import type { Json, JsonObject } from '../records/model.ts'
import type { Lookup } from '../template.ts'
import type { Work } from '../work.ts'

/** What a step finds before it does anything. */
export type Check =
  /** It is as wanted already. */
  | { readonly kind: 'so' }
  /** @property what it would do, for people, a line each @property memo what an undo needs */
  | { readonly kind: 'todo'; readonly what: readonly string[]; readonly memo: Json }
  /** It will never work like this. */
  | { readonly kind: 'never'; readonly reason: string }
  /** It cannot be found out now. */
  | { readonly kind: 'unclear'; readonly reason: string }

/** One step for one tenant, ready to be done. */
export interface BoundStep {
  /** Reads, and changes nothing. Rejects only when no other tenant will fare better. */
  check(signal: AbortSignal): Promise<Check>
  /**
   * Does it. Done twice it leaves what it leaves when it is done once.
   * @param memo of the first check of this step in its run, which is on disk
   */
  perform(memo: Json, signal: AbortSignal, desk: StepDesk): Promise<Attempt>
  /**
   * Whether `check` would say the same before and after: then only the answer of `perform` counts, and one that did
   * not come makes a person decide.
   */
  readonly isBlind?: boolean
  /** Whether `perform` may come twice all the same. */
  readonly isRepeatable?: boolean
  /** Waits or looks, and changes nothing: there is nothing to verify and nothing to find out after a crash. */
  readonly isGate?: boolean
}

/** What a step that takes long has besides. */
export interface StepDesk extends Pick<Desk, 'stop'> {
  readonly run: number
  readonly ordinal: number
  /** Tells the operator how far it is. */
  readonly progress: (done: number) => void
}

/** How a step is taken back. */
export type Undo =
  /** There is nothing to take back. @property why a sentence */
  | { readonly kind: 'nothing'; readonly why: string }
  /** It cannot be taken back. @property why a sentence */
  | { readonly kind: 'never'; readonly why: string }
  /** @property step does the reverse; where it finds the former state its check says `so` */
  | { readonly kind: 'step'; readonly step: BoundStep; readonly but?: string | undefined }

/** Where a step is done: one tenant, with everything around it. */
export interface StepPlace {
  /** As the portal has it now. */
  readonly kept: Kept<Tenant>
  readonly portal: PortalDriver
  readonly stepId: string
  /** Run and item; undefined for a plan. */
  readonly run: number | undefined
  readonly ordinal: number | undefined
  /** Connectors of this tenant by name, with its own settings on top of what is declared. */
  readonly connectors: () => Promise<ReadonlyMap<string, Connector>>
  /** Values for placeholders that were left, see `isAboutRecords`. */
  readonly lookup: Lookup
  readonly work: Work
}

/** Whether a step can be taken back, has nothing to take back, or never can. */
export type Undoable = 'yes' | 'nothing' | 'never'

/** One kind of step: a file each. */
export interface StepKind<Shape extends SettingsShape = SettingsShape> {
  readonly id: string
  readonly title: string
  /** What it does, how it finds out whether it is so already, and what an undo does; for its page. */
  readonly about: { readonly check: string; readonly does: string; readonly undo: string }
  readonly settings: Shape
  /** What is wrong with settings that are each right; a sentence. */
  readonly problem?: (values: SettingsValues<Shape>) => string | undefined
  /** Names of what later steps may use of it. */
  readonly outputs?: (values: SettingsValues<Shape>) => readonly string[]
  readonly bind: (values: SettingsValues<Shape>, place: StepPlace) => BoundStep
  /** As far as it can be seen from what is written. */
  readonly undoable: (written: JsonObject) => Undoable
  /** @param memo of the attempt that is taken back */
  readonly undo: (values: SettingsValues<Shape>, memo: Json, place: StepPlace) => Undo
}

/** Keeps the types of the settings inside of the file of the kind. */
export function defineStep<Shape extends SettingsShape>(kind: StepKind<Shape>): StepKind {
  // Whoever holds a kind reads settings by its own shape before it calls bind.
  return kind as unknown as StepKind
}
