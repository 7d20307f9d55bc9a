import { Pool } from 'undici'

/** The bare loop: reads a page, writes the same page, reads the next; no journal, no hash, no second look. */
const [origin = '', size = '1000'] = process.argv.slice(2)
const pool = new Pool(origin, { connections: 2, pipelining: 1 })
for (let cursor: string | null = '0'; cursor !== null; ) {
  const read = await pool.request({ method: 'GET', path: `/source?cursor=${cursor}&limit=${size}` })
  const page = (await read.body.json()) as { items: object[]; next: string | null }
  const written = await pool.request({
    method: 'POST',
    path: '/target',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(page.items),
  })
  await written.body.dump()
  cursor = page.next
}
await pool.close()
