import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Identity } from './certificates.ts'

export interface OpensslServer {
  readonly host: string
  /** Types a line into its terminal; `R` begins a handshake anew. */
  type(line: string): void
  /** Resolves when something has come from it: what clients sent, or what it says itself. */
  printed(pattern: RegExp): Promise<void>
}

/**
 * `openssl s_server`, which does in a handshake what Node's servers do not: old versions, alerts, weak keys. It goes
 * with the test. @param ca of clients
 */
export async function opensslServer(
  { cert, key }: Identity,
  options: readonly string[],
  ca?: string,
): Promise<OpensslServer> {
  const folder = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
  writeFileSync(join(folder, 'cert.pem'), cert)
  writeFileSync(join(folder, 'key.pem'), key)
  if (ca !== undefined) writeFileSync(join(folder, 'ca.pem'), ca)
  const server = spawn(
    'openssl',
    [
      ...[
        's_server',
        '-accept',
        '127.0.0.1:0',
        '-cert',
        'cert.pem',
        '-cert_chain',
        'cert.pem',
        '-key',
        'key.pem',
      ],
      ...(ca === undefined ? [] : ['-CAfile', 'ca.pem']),
      ...options,
    ],
    // It leaves when its input ends.
    { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] },
  )
  onTestFinished(() => {
    server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  let said = ''
  const waiting = new Set<() => void>()
  server.stdout.on('data', (part: Buffer) => {
    said += part.toString('latin1')
    for (const look of waiting) look()
  })
  const found = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      server.once('exit', (code) => reject(new Error(`openssl s_server ended with ${code}: ${said}`)))
      const look = (): void => {
        const [whole, part = whole] = pattern.exec(said) ?? []
        if (part !== undefined) resolve(part)
      }
      waiting.add(look)
      look()
    })
  const port = await found(/^ACCEPT .*:(\d+)$/m)
  return {
    host: `127.0.0.1:${port}`,
    type: (line) => void server.stdin.write(`${line}\n`),
    printed: async (pattern) => {
      await found(pattern)
    },
  }
}
