import type { System } from './model.ts'

/** Every system by its id. */
export const SYSTEMS: readonly System[] = []

/** @returns undefined for one that is not known */
export const systemOf = (id: string): System | undefined => SYSTEMS.find((system) => system.id === id)
