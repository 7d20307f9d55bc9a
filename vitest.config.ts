import { defineConfig } from 'vitest/config'

/** Ends a test that would never end. How long a test takes says nothing: machines are busy. */
const NEVER_MS = 900_000

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: NEVER_MS,
    hookTimeout: NEVER_MS,
    // Most tests wait for a process or a server: also the core that vitest would keep for itself has time.
    maxWorkers: '100%',
    disableConsoleIntercept: true,
  },
})
