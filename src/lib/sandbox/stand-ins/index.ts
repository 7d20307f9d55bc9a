import type { StandIn } from './stand-in.ts'

/** Every stand-in by the id of its kind. One line each; the file is loaded when it is opened. */
export const STAND_INS: Readonly<Record<string, () => Promise<StandIn>>> = {
  http: async () => (await import('./http.ts')).http,
}
