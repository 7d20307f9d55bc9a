import { setImmediate } from 'node:timers/promises'
import type { Store } from '../store/sqlite.ts'
import { noteItems } from './journal.ts'
import type { Lease } from './lease.ts'
import type { ClaimedItem } from './model.ts'

interface Note {
  readonly item: ClaimedItem
  readonly memo: unknown
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Notes of items that are worked on at the same time, written in groups: each waits for the disk, all of them once. */
export class Notes {
  readonly #store: Store
  readonly #lease: Lease
  readonly #run: number
  #waiting: Note[] = []
  #writing = false

  constructor(store: Store, lease: Lease, run: number) {
    this.#store = store
    this.#lease = lease
    this.#run = run
  }

  /** Resolves when the note is on disk. @throws what the store or the lease throws */
  add(item: ClaimedItem, memo: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, memo, resolve, reject })
      if (!this.#writing) void this.#write()
    })
  }

  async #write(): Promise<void> {
    this.#writing = true
    // What others note in this turn of the loop goes along.
    await setImmediate()
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      try {
        await noteItems(this.#store, this.#lease, this.#run, group)
        for (const { resolve } of group) resolve()
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    this.#writing = false
  }
}
