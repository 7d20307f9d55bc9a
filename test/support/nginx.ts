import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { Identity } from './certificates.ts'

interface NginxOptions extends Identity {
  /** Of the server, e.g. `ssl_protocols TLSv1.2;`. */
  readonly directives: string
  /** Besides `cert.pem` and `key.pem`. */
  readonly files?: Readonly<Record<string, string>>
}

/** An nginx of its own that answers 200 to everything over TLS, in a folder of its own. It goes with the test. */
export async function nginx(
  path: string,
  { cert, key, directives, files = {} }: NginxOptions,
): Promise<{ readonly host: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'ozgctl-test-'))
  const port = await freePort()
  const config = `daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events {}
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server { listen 127.0.0.1:${port} ssl; ssl_certificate cert.pem; ssl_certificate_key key.pem; ${directives} location / { return 200 "well"; } }
}
`
  for (const [name, text] of Object.entries({
    'nginx.conf': config,
    'cert.pem': cert,
    'key.pem': key,
    ...files,
  }))
    writeFileSync(join(folder, name), text)
  const server = spawn(path, ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  server.stderr.on('data', (part: Buffer) => {
    said += part.toString('utf8')
  })
  onTestFinished(() => {
    server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  await listening(port, () => (server.exitCode === null ? undefined : new Error(`nginx ended: ${said}`)))
  return { host: `127.0.0.1:${port}` }
}

/** A port that was free a moment ago, for programs that cannot take any that is free. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Waits until somebody listens. @param failed why nobody ever will */
export async function listening(port: number, failed: () => Error | undefined): Promise<void> {
  for (;;) {
    const error = failed()
    if (error !== undefined) throw error
    const socket = connect(port, '127.0.0.1')
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (isThere) return
    await turn()
  }
}
