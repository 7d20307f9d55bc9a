import { readFileSync } from 'node:fs'
import { Pool } from 'undici'

/**
 * What a bare undici Pool reaches: for each organization in a file a GET and a PUT, as the driver sends them, and
 * nothing else: no journal, no check of any answer but its status. Prints requests a second.
 */
const [url = '', id = '', secret = '', file = '', concurrency = '32'] = process.argv.slice(2)
const pool = new Pool(url, { connections: Number(concurrency), pipelining: 1 })
const token = await pool.request({
  method: 'POST',
  path: '/o/oauth2/token',
  body: new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: id,
    client_secret: secret,
  }).toString(),
})
const { access_token } = (await token.body.json()) as { access_token: string }
const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' }
const waves = JSON.parse(readFileSync(file, 'utf8')) as readonly (readonly (readonly [string, string])[])[]

const started = performance.now()
let requests = 0
for (const wave of waves) {
  let next = 0
  const work = async (): Promise<void> => {
    for (let one = wave[next++]; one !== undefined; one = wave[next++]) {
      const path = `/o/headless-admin-user/v1.0/organizations/by-external-reference-code/${one[0]}`
      const found = await pool.request({ method: 'GET', path, headers })
      await found.body.arrayBuffer()
      const put = await pool.request({ method: 'PUT', path, headers, body: one[1] })
      if (put.statusCode !== 200) throw new Error(`PUT ${one[0]} gave ${put.statusCode}`)
      await put.body.arrayBuffer()
      requests += 2
    }
  }
  await Promise.all(Array.from({ length: Number(concurrency) }, work))
}
const seconds = (performance.now() - started) / 1000
process.stdout.write(`${JSON.stringify({ requests, rate: requests / seconds })}\n`)
await pool.close()
