import { defineConfig } from 'vitest/config'

/** Ends a test that would never end. How long a test takes says nothing: machines are busy. */
const NEVER_MS = 900_000

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: NEVER_MS,
    hookTimeout: NEVER_MS,
    disableConsoleIntercept: true,
  },
})
