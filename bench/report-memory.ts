import { writeFileSync } from 'node:fs'

// Loaded into a measured process: leaves behind how much memory it held at most, in bytes.
process.on('exit', () => {
  writeFileSync(process.env.BENCH_MEMORY ?? 'memory.txt', String(process.resourceUsage().maxRSS * 1024))
})
