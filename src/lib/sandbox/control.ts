import type { Context } from '../context.ts'
import { OzgctlError, usageError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { HttpFailure } from '../http/failure.ts'

const DEADLINE_MS = 5000

/**
 * Tells a sandbox on this machine how one of its stand-ins behaves from now on.
 * @param address of the sandbox; undefined takes that of the environment
 * @throws OzgctlError 64 SANDBOX_MISSING, KIND_UNKNOWN; 69 SANDBOX_UNAVAILABLE
 */
export const setStandIn = (
  context: Context,
  address: string | undefined,
  kind: string,
  mode: string,
): Promise<void> => tell(context, address, `/_sandbox/connectors/${encodeURIComponent(kind)}`, mode)

/**
 * Tells a sandbox on this machine to keep so many made-up documents in one of its stand-ins, and nothing else.
 * @throws OzgctlError as `setStandIn`, also for a stand-in that keeps no documents
 */
export const fillStandIn = (
  context: Context,
  address: string | undefined,
  kind: string,
  documents: number,
): Promise<void> =>
  tell(context, address, `/_sandbox/connectors/${encodeURIComponent(kind)}/documents`, String(documents))

async function tell(
  { env, now, sleep, random }: Context,
  address: string | undefined,
  path: string,
  body: string,
): Promise<void> {
  const origin = URL.parse(address ?? env.OZGCTL_SANDBOX_URL ?? '')
  if (origin === null || !['127.0.0.1', 'localhost'].includes(origin.hostname))
    throw usageError('SANDBOX_MISSING', 'no sandbox on this machine is named', [
      'Start one: ozgctl sandbox start --connectors FILE. Then use its environment, or --url.',
    ])
  const { HttpClient } = await import('../http/client.ts')
  const client = new HttpClient({
    origin,
    connections: 1,
    deadlineMs: DEADLINE_MS,
    userAgent: 'ozgctl',
    now,
    sleep,
    random,
  })
  try {
    const { status, text } = await client.send({ method: 'PUT', path, body })
    if (status !== 204) throw refused(text)
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error
    throw new OzgctlError('SANDBOX_UNAVAILABLE', `there is no sandbox: ${error.message}`, {
      exit: EXIT.unavailable,
      suggestions: ['Start one: ozgctl sandbox start --connectors FILE'],
      cause: error,
    })
  } finally {
    await client.close()
  }
}

function refused(text: string): OzgctlError {
  const { title } = JSON.parse(text) as { title?: string }
  return usageError('KIND_UNKNOWN', title ?? 'the sandbox refused it')
}
