import pLimit from 'p-limit'
import { Pool } from 'undici'

/** The requests of a migration's checks and nothing else. */
const [origin = '', count = '1', concurrency = '16'] = process.argv.slice(2)
const pool = new Pool(origin, { connections: Number(concurrency), pipelining: 1 })
const limit = pLimit(Number(concurrency))
await Promise.all(
  Array.from({ length: Number(count) }, (_, at) =>
    limit(async () => {
      const { body } = await pool.request({ method: 'GET', path: `/check/${at}` })
      await body.text()
    }),
  ),
)
await pool.close()
