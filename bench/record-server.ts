import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A collection of records of 1 kB to read in pages (`/source?cursor=&limit=`), and one that takes batches (`/target`) and
 * knows each record by its number. Prints its port. `/stats` says what came, and when; `/reset` forgets it.
 */
const total = Number(process.argv[2] ?? '1000000')
const FILL = 'x'.repeat(940)
const seen = new Uint8Array(total)
let stats = fresh()

function fresh() {
  return { requests: 0, writes: 0, records: 0, distinct: 0, twice: 0, firstAt: 0, lastAt: 0 }
}

const record = (number: number): string =>
  `{"id":"r${String(number).padStart(9, '0')}","name":"Record number ${number}","fill":"${FILL}"}`

const pages = new Map<number, string>()

/** The same page is asked for again and again in a bench: it is made once. */
function page(from: number, limit: number): string {
  const kept = pages.get(from)
  if (kept !== undefined) return kept
  const to = Math.min(total, from + limit)
  const items = Array.from({ length: to - from }, (_, at) => record(from + at)).join(',')
  const text = `{"items":[${items}],"next":${to < total ? `"${to}"` : 'null'}}`
  if (pages.size < 20) pages.set(from, text)
  return text
}

/** Numbers of the records in a body, without reading it as JSON: the server should cost as little as it can. */
function count(body: Buffer): void {
  for (let at = body.indexOf('"id":"r'); at >= 0; at = body.indexOf('"id":"r', at + 900)) {
    const number = Number(body.toString('latin1', at + 7, at + 16))
    stats.records++
    if (seen[number] === 1) stats.twice++
    else stats.distinct++
    seen[number] = 1
  }
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const answer = (text: string): void => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    response.end(text)
  }
  if (url.pathname === '/stats') return answer(JSON.stringify(stats))
  if (url.pathname === '/reset') {
    stats = fresh()
    seen.fill(0)
    return answer('{}')
  }
  stats.requests++
  stats.firstAt ||= Date.now()
  if (url.pathname === '/source')
    return answer(
      page(Number(url.searchParams.get('cursor') ?? 0), Number(url.searchParams.get('limit') ?? 1000)),
    )
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    if (url.pathname === '/target') {
      count(Buffer.concat(parts))
      stats.writes++
      stats.lastAt = Date.now()
    }
    answer('{}')
  })
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
