/** What `npm test` needs of the JSON report of the test runner. */
export interface TestReport {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly status: string
    }[]
  }[]
}

export interface TestCounts {
  readonly passed: number
  readonly failed: number
  /** A line for every reason why tests were skipped. */
  readonly skipped: readonly string[]
}

/**
 * Counts a test run. A file that fails before its tests run is one failure. Skipped tests say why in the part of their
 * name, or of their group's, that stands in brackets at its end: `the real register (not beside the checkout)`.
 */
export function testCounts({ testResults }: TestReport): TestCounts {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  const having = (status: string) => tests.filter((test) => test.status === status).length
  const unread = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  )
  const skipped = tests.filter(({ status }) => !['passed', 'failed'].includes(status))
  const byReason = Map.groupBy(skipped, ({ ancestorTitles, title }) => reasonOf([...ancestorTitles, title]))
  return {
    passed: having('passed'),
    failed: having('failed') + unread.length,
    skipped: [...byReason].map(([reason, which]) => `${which.length} skipped: ${reason}`),
  }
}

function reasonOf(titles: readonly string[]): string {
  const reasons = titles.flatMap((title) => /\(([^)]+)\)$/.exec(title)?.[1] ?? [])
  return reasons.at(-1) ?? titles[0] ?? 'without a name'
}
