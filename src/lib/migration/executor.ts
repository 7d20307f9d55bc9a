import type { Attempt, Desk, Executor } from '../journal/executor.ts'
import { type ClaimedItem, runId } from '../journal/model.ts'
import type { PortalDriver } from '../portal/driver.ts'
import { attemptBetween, type RunPlace } from './between.ts'
import { type Bound, bindStep, bindUndo } from './bind-step.ts'
import type { Definition, StepDefinition } from './definition.ts'
import { inDoubt } from './formers.ts'
import type { ItemInput } from './items.ts'
import { outputsOf } from './read.ts'
import type { Json } from './records/model.ts'
import type { BoundStep } from './steps/step.ts'
import { rekeysOf, tenantOf } from './tenants.ts'
import { isOutage, type Work } from './work.ts'

/** What an item of a rollback does: takes a step of the former run back. */
export interface UndoInput {
  readonly kind: 'undo'
  readonly step: string
  /** Of the item that is taken back. */
  readonly ordinal: number
  readonly memo: Json
}

/** What the operator says of steps whose outcome nobody can find out. */
export type Settlements = ReadonlyMap<string, 'done' | 'again'>

export interface ExecutorOptions {
  readonly concurrency: number
  /** How long one request can take, in milliseconds. */
  readonly deadlineMs: number
  readonly settlements: Settlements
  /** The run whose steps are taken back, or the run itself: whose values later steps use. */
  readonly source: number
  /** Is told how many records a transfer has dealt with. */
  readonly onRecords: (ordinal: number, done: number) => void
  readonly finish: NonNullable<Executor['finish']>
}

/** Does the items of a migration and of a rollback. */
export class MigrationExecutor implements Executor {
  readonly batch = 1
  readonly concurrency: number
  readonly deadlineMs: number
  readonly finish: ExecutorOptions['finish']
  readonly #definition: Definition
  readonly #portal: PortalDriver
  readonly #work: Work
  readonly #run: number
  readonly #place: RunPlace
  readonly #options: ExecutorOptions
  /** New keys by former ones: a tenant may have moved within this run. */
  readonly #keys: ReadonlyMap<string, string>
  /** Items whose intent to change something has been noted by this process. */
  readonly #noted = new Set<number>()

  constructor(
    definition: Definition,
    portal: PortalDriver,
    work: Work,
    run: number,
    options: ExecutorOptions,
  ) {
    this.concurrency = options.concurrency
    this.deadlineMs = options.deadlineMs
    this.finish = options.finish
    this.#definition = definition
    this.#portal = portal
    this.#work = work
    this.#run = run
    this.#options = options
    this.#keys = rekeysOf(definition)
    this.#place = { definition, portal, work, run }
  }

  async execute(items: readonly ClaimedItem[], signal: AbortSignal, desk: Desk): Promise<readonly Attempt[]> {
    return Promise.all(items.map((item) => this.#one(item, signal, desk)))
  }

  async isDone(item: ClaimedItem): Promise<'yes' | 'no' | 'unclear' | 'ask'> {
    const input = item.input as ItemInput | UndoInput
    if (input.kind === 'between') return 'no'
    try {
      const bound = await this.#bound(item)
      // What cannot be bound fails when it is tried.
      if (!bound.ok || bound.value === undefined || bound.value.isGate === true) return 'no'
      const found = await bound.value.check(NEVER)
      if (found.kind === 'so') return 'yes'
      if (found.kind === 'unclear') return 'unclear'
      const wasSent = item.memo !== null || this.#noted.has(item.ordinal)
      if (!wasSent || bound.value.isBlind !== true || bound.value.isRepeatable === true) return 'no'
      return SETTLED[this.#options.settlements.get(input.step) ?? 'ask']
    } catch (error) {
      if (isOutage(error)) return 'unclear'
      throw error
    }
  }

  async #one(item: ClaimedItem, signal: AbortSignal, desk: Desk): Promise<Attempt> {
    const input = item.input as ItemInput | UndoInput
    try {
      if (input.kind === 'between') return await attemptBetween(item, input, this.#place, signal, desk)
      const bound = await this.#bound(item)
      if (!bound.ok) return { kind: 'failed', reason: bound.reason }
      return bound.value === undefined
        ? { kind: 'already' }
        : await this.#step(item, bound.value, signal, desk)
    } catch (error) {
      // Nothing was sent, or it can be found out.
      if (isOutage(error)) return { kind: 'unknown', reason: error.message }
      throw error
    }
  }

  async #step(item: ClaimedItem, step: BoundStep, signal: AbortSignal, desk: Desk): Promise<Attempt> {
    const found = await step.check(signal)
    switch (found.kind) {
      case 'so':
        return { kind: item.memo === null ? 'already' : 'done' }
      case 'never':
        return { kind: 'failed', reason: found.reason }
      case 'unclear':
        return { kind: 'later', reason: found.reason, afterMs: null }
      case 'todo':
        break
    }
    if (item.memo === null && step.isBlind === true && step.isRepeatable !== true) {
      const settled = await this.#settledByAnother(item)
      if (settled !== undefined) return settled
    }
    // The first look counts: what a half-done attempt left is not what there was before.
    const memo = (item.memo as Json) ?? found.memo
    if (item.memo === null && memo !== null) {
      await desk.note(item, memo)
      this.#noted.add(item.ordinal)
    }
    const performed = await step.perform(memo, signal, {
      stop: desk.stop,
      run: this.#run,
      ordinal: item.ordinal,
      progress: (done) => this.#options.onRecords(item.ordinal, done),
    })
    // It was not so a moment ago: whoever answers "already" now may have answered to us before.
    const attempt: Attempt = performed.kind === 'already' ? { ...performed, kind: 'done' } : performed
    if (attempt.kind !== 'done' || step.isBlind === true || step.isGate === true) return attempt
    return this.#verified(item, attempt, signal)
  }

  /** A request that may not come twice, and that a former run may have sent. @returns undefined to send it */
  async #settledByAnother({ ordinal, input }: ClaimedItem): Promise<Attempt | undefined> {
    const former = inDoubt(await this.#work.formers(ordinal))
    if (former === undefined) return undefined
    const { step } = input as Exclude<ItemInput | UndoInput, { kind: 'between' }>
    switch (this.#options.settlements.get(step)) {
      case 'done':
        return { kind: 'done' }
      case 'again':
        return undefined
      case undefined:
        return {
          kind: 'failed',
          reason: `whether ${runId(former.run)} did it cannot be found out: look, and say so`,
        }
    }
  }

  /** It was done when a look says so, and not when an answer does. */
  async #verified(item: ClaimedItem, attempt: Attempt, signal: AbortSignal): Promise<Attempt> {
    const again = await this.#bound(item)
    if (!again.ok) return { kind: 'failed', reason: again.reason }
    const found = (await again.value?.check(signal)) ?? { kind: 'so' }
    switch (found.kind) {
      case 'so':
        return attempt
      case 'unclear':
        return { kind: 'unknown', reason: found.reason }
      case 'never':
        return { kind: 'failed', reason: found.reason }
      case 'todo':
        return { kind: 'failed', reason: `it was accepted and is not so: ${found.what.join('; ')}` }
    }
  }

  /** @returns undefined for an undo that has nothing to do */
  async #bound(item: ClaimedItem): Promise<Bound<BoundStep | undefined>> {
    const input = item.input as Exclude<ItemInput | UndoInput, { kind: 'between' }>
    const step = this.#stepOf(input.step)
    const kept = await tenantOf(this.#portal, this.#keys, item.key)
    if (kept === undefined) return { ok: false, reason: 'the portal does not have this tenant any more' }
    const outputs = JSON.stringify(step.written).includes('${steps.')
      ? outputsOf(this.#work.store, this.#options.source, item.key)
      : {}
    const bearing = { kept, portal: this.#portal, work: this.#work, outputs, ordinal: item.ordinal }
    if (input.kind === 'step') return bindStep(step, bearing)
    const undo = await bindUndo(step, input.memo, bearing)
    if (!undo.ok) return undo
    switch (undo.value.kind) {
      case 'nothing':
        return { ok: true, value: undefined }
      case 'never':
        return { ok: false, reason: undo.value.why }
      case 'step':
        return { ok: true, value: undo.value.step }
    }
  }

  #stepOf(id: string): StepDefinition {
    const found = this.#definition.steps.find((step) => step.id === id)
    if (found === undefined) throw new Error(`no step ${id}`)
    return found
  }
}

/** For looks that nobody waits to end. */
const NEVER = new AbortController().signal

const SETTLED = { done: 'yes', again: 'no', ask: 'ask' } as const
