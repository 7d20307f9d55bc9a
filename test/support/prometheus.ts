export interface ParsedSeries {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface ParsedMetric {
  readonly help: string
  readonly type: string
  readonly series: readonly ParsedSeries[]
}

/**
 * Reads the text format of Prometheus 0.0.4, stricter than Prometheus itself: HELP, TYPE and the series of a metric stand
 * together, in this order, each once. @throws Error for the first line that is not right
 */
export function parseMetrics(text: string): ReadonlyMap<string, ParsedMetric> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const metrics = new Map<string, ParsedMetric & { readonly series: ParsedSeries[] }>()
  const seen = new Set<string>()
  const lines = text.slice(0, -1).split('\n')
  for (let at = 0; at < lines.length; ) {
    const [, name = '', help = ''] = take(/^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (\S.*)$/, lines[at++])
    const [, typed, type = ''] = take(/^# TYPE (\S+) (counter|gauge)$/, lines[at++])
    if (typed !== name || metrics.has(name)) throw new Error(`${name} does not stand together`)
    const metric = { help, type, series: [] as ParsedSeries[] }
    metrics.set(name, metric)
    for (; at < lines.length && !lines[at]?.startsWith('#'); at++) {
      const series = parseSeries(lines[at] ?? '')
      const key = JSON.stringify([series.name, Object.entries(series.labels).sort()])
      if (series.name !== name || seen.has(key)) throw new Error(`there twice, or elsewhere: ${lines[at]}`)
      seen.add(key)
      metric.series.push(series)
    }
  }
  return metrics
}

function take(pattern: RegExp, line = ''): RegExpExecArray {
  const match = pattern.exec(line)
  if (match === null) throw new Error(`unexpected line: ${JSON.stringify(line)}`)
  return match
}

const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|\})/y

function parseSeries(line: string): ParsedSeries {
  const [head = '', name = '', open = ''] = take(/^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{| )/, line)
  const labels: Record<string, string> = {}
  let at = head.length
  while (open === '{') {
    LABEL.lastIndex = at
    const match = LABEL.exec(line)
    const [whole = '', label = '', value = '', after] = match ?? []
    if (match === null || label in labels) throw new Error(`no label at ${at}: ${line}`)
    labels[label] = value.replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign))
    at += whole.length
    if (after === '}') break
  }
  const [, value] = take(/^ ?(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/, line.slice(at))
  return { name, labels, value: Number(value) }
}
