import type { WriteStream } from 'node:tty'
import { type Progress, silentProgress } from './lib/context.ts'

const QUIET_MS = 2000
const EVERY_MS = 200

/** Progress on a terminal for work of more than two seconds: done of total, rate, time left. Elsewhere nothing. */
export function terminalProgress(stream: WriteStream, wanted: boolean): Progress {
  if (!wanted || !stream.isTTY) return silentProgress
  let label = ''
  let total = 0
  let started = 0
  let shown = 0
  let amount = mega
  return {
    start(text, of, unit = 'bytes') {
      label = text
      total = of
      amount = unit === 'bytes' ? mega : items
      started = Date.now()
    },
    update(done, note = '') {
      const now = Date.now()
      if (now - started < QUIET_MS || now - shown < EVERY_MS) return
      shown = now
      const rate = done / ((now - started) / 1000)
      const left = total > done ? `, ${Math.ceil((total - done) / rate)} s left` : ''
      stream.write(
        `\r\x1b[K${label}: ${amount(done)}${total > 0 ? ` of ${amount(total)}` : ''}, ${amount(rate)}/s${left}${note}`,
      )
    },
    stop() {
      if (shown > 0) stream.write('\r\x1b[K')
    },
  }
}

const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
const items = (count: number): string => String(Math.round(count))
