import { parseJsonPath } from '../../connector/json-path.ts'
import { no, optional, type Setting, type SettingsValues, yesNo } from '../../connector/settings.ts'
import { unreachable } from '../../errors.ts'
import type { HttpAnswer } from '../../http/client.ts'
import { denialOf } from '../../http/denial.ts'
import { HttpFailure } from '../../http/failure.ts'
import type { Attempt } from '../../journal/executor.ts'
import { pauseText } from '../../text.ts'
import { isOwnJson, isPage, otherThanJson, saysMissing } from '../records/exchange.ts'
import type { JsonObject } from '../records/model.ts'
import { notFoundSetting, type RequestValues, requestOf, requestSettings, textAt, unmet } from '../request.ts'
import { group, isMap, mapOf, pathsIn } from '../settings.ts'
import { type BoundStep, type Check, defineStep, type StepPlace } from './step.ts'

/** A way into JSON. */
const path: Setting<readonly (string | number)[]> = {
  description: 'Way to a value in JSON, e.g. $.id (RFC 9535, one value).',
  need: 'required',
  schema: { type: 'string', minLength: 1 },
  read: (value) => {
    const read = typeof value === 'string' ? parseJsonPath(value) : undefined
    return read === undefined
      ? no('is no way into JSON', 'It is like $.id or $.items[0].name.')
      : { ok: true, value: read }
  },
}

/** A request that only asks. */
const askSettings = { ...requestSettings, notFound: notFoundSetting }
type AskValues = SettingsValues<typeof askSettings>

const undoRequest = group('', requestSettings)

/** A request, or the word that there is none. */
const undoSetting: Setting<RequestValues | 'none'> = {
  description: 'The request that takes it back, or none where nothing can.',
  need: 'required',
  schema: { anyOf: [{ enum: ['none'] }, undoRequest.schema] },
  paths: (value) => pathsIn(requestSettings, value),
  read: (value) => {
    if (value === 'none') return { ok: true, value }
    return isMap(value) ? undoRequest.read(value) : no('must be a request or none')
  },
}

/** Methods that do the same when they come twice, RFC 9110 §9.2.2. */
const IDEMPOTENT = ['GET', 'PUT', 'DELETE']

export const http = defineStep({
  id: 'http',
  title: 'Send a request of your own',
  about: {
    check:
      'Sends the request under check; its expectations say whether it is so already. Without one, never.',
    does: 'Sends the request under do and holds the answer against its expectations, then the same under verify.',
    undo: 'Sends the request under undo; with “none” it cannot be taken back.',
  },
  settings: {
    check: optional(group('Is it so already?', askSettings)),
    do: group('What is done.', requestSettings),
    verify: optional(group('Is it so now?', askSettings)),
    undo: undoSetting,
    repeatable: optional(
      yesNo('Whether the request under do may come twice; by itself only GET, PUT and DELETE may.'),
    ),
    save: optional(
      mapOf(
        'Values of the answer that later steps use as ${steps.ID.NAME}; no secrets, they are kept.',
        path,
        /^[a-z][a-zA-Z0-9]*$/,
      ),
    ),
  },
  problem: ({ check, verify }) => {
    const wrong = [check, verify].find(
      (request) => request !== undefined && !['GET', 'POST'].includes(request.method),
    )
    return wrong === undefined ? undefined : 'check and verify only read: GET or POST'
  },
  outputs: ({ save = {} }) => Object.keys(save),
  bind: (values, place) => {
    const { check, verify, do: request, save = {} } = values
    const repeatable = values.repeatable ?? IDEMPOTENT.includes(request.method)
    const look = check ?? verify
    return {
      isBlind: look === undefined,
      isRepeatable: repeatable,
      check: async (signal): Promise<Check> => {
        const todo: Check = { kind: 'todo', what: [`${request.method} ${request.url.href}`], memo: {} }
        if (look === undefined) return todo
        const found = await holds(look, place, signal)
        if (typeof found === 'object') return { kind: 'unclear', reason: found.reason }
        return found === 'yes' ? { kind: 'so' } : todo
      },
      perform: async (_memo, signal): Promise<Attempt> => {
        const answered = await send(request, place, signal, repeatable)
        if ('kind' in answered) return answered
        const output: JsonObject = Object.fromEntries(
          Object.entries(save).map(([name, way]) => [name, textAt(answered.text, way) ?? null]),
        )
        const missing = Object.keys(output).find((name) => output[name] === null)
        if (missing !== undefined) return { kind: 'failed', reason: `the answer has no ${missing}` }
        return Object.keys(save).length === 0 ? { kind: 'done' } : { kind: 'done', output }
      },
    }
  },
  undoable: ({ undo }) => (undo === 'none' ? 'never' : 'yes'),
  undo: ({ undo, check }, _memo, place) => {
    if (undo === 'none') return { kind: 'never', why: 'The migration says that nothing takes it back.' }
    const step: BoundStep = {
      isBlind: true,
      isRepeatable: IDEMPOTENT.includes(undo.method),
      check: async (signal) => {
        const todo: Check = { kind: 'todo', what: [`${undo.method} ${undo.url.href}`], memo: {} }
        if (check === undefined) return todo
        const found = await holds(check, place, signal)
        if (typeof found === 'object') return { kind: 'unclear', reason: found.reason }
        // What is not so any more needs no undo.
        return found === 'yes' ? todo : { kind: 'so' }
      },
      perform: async (_memo, signal) => {
        const answered = await send(undo, place, signal, IDEMPOTENT.includes(undo.method))
        return 'kind' in answered ? answered : { kind: 'done' }
      },
    }
    return { kind: 'step', step }
  },
})

/** Statuses by which nobody knows whether it is so: whoever asked is not known, or asked too much, or there is an outage. */
const SAYS_NOTHING = [401, 403, 407, 408, 429]

/** Asks whether something holds. */
async function holds(
  request: AskValues,
  { work }: StepPlace,
  signal: AbortSignal,
): Promise<'yes' | 'no' | { readonly reason: string }> {
  const client = await work.client(request)
  try {
    const answer = await client.http.read(requestOf(request, client), signal)
    if (isOfAnother(answer, request))
      return { reason: `it answered ${answer.status} with ${otherThanJson(answer)}` }
    if (unmet(answer, request.expect).length === 0) return 'yes'
    return answer.status >= 500 || SAYS_NOTHING.includes(answer.status)
      ? { reason: `it answered ${answer.status}${pauseText(client.http.waitAsked(answer))}` }
      : 'no'
  } catch (error) {
    if (error instanceof HttpFailure) return { reason: error.message }
    throw error
  }
}

/**
 * Whether an answer may be that of a proxy or a log-in, and says nothing about what was asked: a page that nobody expects,
 * and the word that something is not there without JSON.
 */
function isOfAnother(answer: HttpAnswer, request: AskValues): boolean {
  if (!saysMissing(answer)) return isOddPage(answer, request)
  const isExpected = request.expect !== undefined && unmet(answer, request.expect).length === 0
  return request.notFound === 'json' && !isExpected && !isOwnJson(answer)
}

/** Whether a page stands where none is meant: a log-in answers with one, and says 200 to everything. */
const isOddPage = (answer: HttpAnswer, { expect = [] }: Pick<RequestValues, 'expect'>): boolean =>
  answer.status < 300 &&
  isPage(answer) &&
  !expect.some(({ subject }) => subject.of === 'text' || subject.of === 'header')

/** @returns the answer when it is as expected */
async function send(
  request: RequestValues,
  { work }: StepPlace,
  signal: AbortSignal,
  repeatable: boolean,
): Promise<HttpAnswer | Attempt> {
  const client = await work.client(request)
  const perhaps = (reason: string, afterMs: number | null): Attempt =>
    repeatable ? { kind: 'later', reason, afterMs } : { kind: 'unknown', reason }
  try {
    const answer = await client.http.send(requestOf(request, client))
    const wrong = unmet(answer, request.expect)
    if (wrong.length === 0 && !isOddPage(answer, request)) return answer
    const afterMs = client.http.waitAsked(answer)
    if (wrong.length === 0) return perhaps(`it answered ${answer.status} with ${otherThanJson(answer)}`, null)
    const reason = `it answered ${answer.status}${pauseText(afterMs)}`
    const denial = answer.status >= 400 ? denialOf(answer.status) : 'refused'
    switch (denial) {
      case 'later':
        return { kind: 'later', reason, afterMs }
      case 'unknown':
        return perhaps(reason, afterMs)
      case 'refused':
        return { kind: 'failed', reason: wrong.join('; ') }
      default:
        return unreachable(denial)
    }
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error
    if (signal.aborted) return { kind: 'unknown', reason: error.message }
    return error.sent === 'no'
      ? { kind: 'later', reason: error.message, afterMs: null }
      : perhaps(error.message, null)
  }
}
