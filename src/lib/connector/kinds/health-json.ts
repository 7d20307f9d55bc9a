import { excerpt } from '../../config/secret.ts'
import { defineKind } from '../kind.ts'
import type { Severity } from '../model.ts'
import { describe, fieldOf, isRecord, requireJson } from '../probe/json.ts'
import type { Probe } from '../probe/probe.ts'
import { choice, optional, texts } from '../settings.ts'

const FORMATS = ['auto', 'actuator', 'microprofile', 'health+json'] as const
type Format = Exclude<(typeof FORMATS)[number], 'auto'>

/** A part of a system with what it says of itself. */
interface Component {
  readonly name: string
  readonly status: string
  /** What else it says that helps: error, output, observed value. */
  readonly detail: string
}

/** Systems that describe their own health in one of the usual JSON forms. */
export const healthJson = defineKind({
  id: 'health-json',
  title: 'Health as JSON: Spring Boot, MicroProfile, application/health+json',
  schemes: ['https:', 'http:'],
  credentials: 'optional',
  source:
    'Spring Boot Actuator, health endpoint; MicroProfile Health 4.0 §5; draft-inadarei-api-health-check-06 §3',
  healthy:
    'The system says that it is up (`UP`, `pass`), and so does each of its parts. What a part says counts, whatever the status of HTTP.',
  settings: {
    format: optional(choice('Form of the answer; auto tells it by its fields.', FORMATS), 'auto'),
    components: optional(texts('Parts that have to be there and up, e.g. db.'), []),
  },
  conditions: {
    'health-json': 'The answer is JSON.',
    format: 'The answer has one of the forms.',
    status: 'What the system says of itself as a whole.',
    component: 'What each part says of itself; those after the first that are not up are numbered.',
    'component-present': 'A part that the connector names is there.',
    'status-contradiction': 'The status of HTTP fits what the system says.',
  },
  check: async (probe, { format, components }) => {
    const accept = 'application/health+json, application/vnd.spring-boot.actuator.v3+json, application/json'
    const headers = { accept, ...(await probe.basic()) }
    const reply = await probe.http('health', { url: probe.url, headers })
    const value = requireJson(probe, 'health', reply)
    const known = format === 'auto' ? formatOf(value) : format
    probe.require('format', {
      met: known !== undefined && typeof fieldOf(value, 'status') === 'string',
      expected: format === 'auto' ? 'a status of health' : `a status as ${format} has it`,
      seen: describe(value),
    })
    if (known === undefined) return
    const state = expectUp(probe, String(fieldOf(value, 'status')))
    expectComponents(probe, componentsOf(value, known), components)
    expectFitting(probe, reply.status, state)
  },
})

type State = 'up' | 'warning' | 'down'

/** Words of all three forms; others are custom ones of Spring, of which only their severity is unknown. */
const STATES: Readonly<Record<string, State>> = {
  up: 'up',
  pass: 'up',
  ok: 'up',
  warn: 'warning',
  unknown: 'warning',
  down: 'down',
  fail: 'down',
  error: 'down',
  out_of_service: 'down',
}
const stateOf = (status: string): State => STATES[status.toLowerCase()] ?? 'down'
const severityOf = (state: State): Severity => (state === 'warning' ? 'warning' : 'critical')

function formatOf(value: unknown): Format | undefined {
  const status = fieldOf(value, 'status')
  if (typeof status !== 'string') return undefined
  if (Array.isArray(fieldOf(value, 'checks'))) return 'microprofile'
  if (['pass', 'warn', 'fail'].includes(status.toLowerCase()) || isRecord(fieldOf(value, 'checks')))
    return 'health+json'
  return 'actuator'
}

function expectUp(probe: Probe, status: string): State {
  const state = stateOf(status)
  probe.expect('status', {
    met: state === 'up',
    severity: severityOf(state),
    expected: 'UP or pass',
    seen: status,
  })
  return state
}

const MOST_COMPONENTS = 200
const MOST_SHOWN = 20

function expectComponents(probe: Probe, found: readonly Component[], wanted: readonly string[]): void {
  for (const name of wanted)
    probe.expect('component-present', {
      met: found.some((component) => component.name === name || component.name.startsWith(`${name}/`)),
      expected: `the part ${name}`,
      seen:
        found.length === 0
          ? 'no parts at all'
          : found
              .slice(0, 10)
              .map((one) => one.name)
              .join(', '),
      hint: 'Spring shows parts with management.endpoint.health.show-components=always.',
    })
  const unwell = found.filter(({ status }) => stateOf(status) !== 'up')
  if (found.length > 0 && unwell.length === 0)
    probe.expect('component', { met: true, expected: 'all parts up', seen: `${found.length} parts up` })
  for (const [at, { name, status, detail }] of unwell.slice(0, MOST_SHOWN).entries())
    probe.expect(at === 0 ? 'component' : `component-${at + 1}`, {
      met: false,
      severity: severityOf(stateOf(status)),
      expected: `${name} up`,
      seen: detail === '' ? `${name} ${status}` : `${name} ${status}: ${detail}`,
    })
}

/** Some proxies and some settings turn an honest 503 into 200: then whoever looks at the status alone sees nothing. */
function expectFitting(probe: Probe, httpStatus: number, state: State): void {
  const isSuccess = httpStatus >= 200 && httpStatus < 400
  probe.expect('status-contradiction', {
    met: isSuccess === (state !== 'down'),
    severity: 'warning',
    expected: state === 'down' ? 'HTTP 4xx or 5xx' : 'HTTP 2xx or 3xx',
    seen: `HTTP ${httpStatus}`,
  })
}

function componentsOf(value: unknown, format: Format): readonly Component[] {
  const found: Component[] = []
  switch (format) {
    case 'actuator':
      addActuator(value, '', found, 0)
      break
    case 'microprofile':
      for (const check of listOf(fieldOf(value, 'checks')))
        add(found, fieldOf(check, 'name'), fieldOf(check, 'status'), fieldOf(check, 'data'))
      break
    case 'health+json':
      addMeasurements(fieldOf(value, 'checks'), found)
      break
  }
  return found
}

/** Parts can have parts; nobody nests them deeper. */
const DEEPEST = 5

/** Boot 2.2 and later say `components`, 2.0 and 2.1 `details`, 1.x has them beside `status`. */
function addActuator(value: unknown, path: string, found: Component[], depth: number): void {
  if (!isRecord(value) || depth > DEEPEST) return
  const inner = [value.components, value.details, depth === 0 ? value : undefined].find(hasComponents)
  if (inner === undefined) return
  for (const [name, part] of Object.entries(inner)) {
    if (typeof fieldOf(part, 'status') !== 'string') continue
    const full = path === '' ? name : `${path}/${name}`
    add(found, full, fieldOf(part, 'status'), fieldOf(fieldOf(part, 'details'), 'error'))
    addActuator(part, full, found, depth + 1)
  }
}

const hasComponents = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isRecord(value) && Object.values(value).some((part) => typeof fieldOf(part, 'status') === 'string')

/** `checks` has lists of measurements by `component:measurement`. */
function addMeasurements(checks: unknown, found: Component[]): void {
  if (!isRecord(checks)) return
  for (const [name, measurements] of Object.entries(checks))
    for (const one of listOf(measurements)) {
      const observed = [fieldOf(one, 'observedValue'), fieldOf(one, 'observedUnit')]
      const words = [fieldOf(one, 'output'), ...observed].filter((word) => word !== undefined)
      // The status of a single measurement may be left out: then it says nothing of its health.
      if (fieldOf(one, 'status') !== undefined) add(found, name, fieldOf(one, 'status'), words.join(' '))
    }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function add(found: Component[], name: unknown, status: unknown, detail: unknown): void {
  if (found.length >= MOST_COMPONENTS || typeof name !== 'string' || typeof status !== 'string') return
  const plain = typeof detail === 'string' ? detail : detail === undefined ? '' : describe(detail)
  found.push({ name: excerpt(name, 100), status: excerpt(status, 40), detail: excerpt(plain, 200) })
}
